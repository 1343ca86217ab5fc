#include "tests/policies/support.hpp"

namespace annexa::policies::testing {
namespace {

constexpr const char* tables_json = R"({
 "collectors": [
  {"name": "accounts", "version": 1, "cost": "fast", "reads_images": true, "runs_programs": false, "capabilities": [], "sources": "/etc/passwd", "tables": ["users", "processes"]},
  {"name": "settings", "version": 1, "cost": "fast", "reads_images": true, "runs_programs": false, "capabilities": [], "sources": "/etc/settings", "tables": ["settings"]}
 ],
 "tables": [
  {"table": "users", "description": "Accounts", "collector": "accounts", "sources": "", "reads_images": true, "capabilities": [], "cost": "fast", "columns": [
   {"name": "username", "type": "text", "nullable": false, "volatile": false, "description": "Name"},
   {"name": "uid", "type": "integer", "nullable": false, "volatile": false, "description": "Number"},
   {"name": "shell", "type": "text", "nullable": true, "volatile": false, "description": "Shell"},
   {"name": "last_login", "type": "integer", "nullable": true, "volatile": false, "description": "Unix seconds"}]},
  {"table": "processes", "description": "Processes", "collector": "accounts", "sources": "", "reads_images": false, "capabilities": [], "cost": "fast", "columns": [
   {"name": "name", "type": "text", "nullable": false, "volatile": false, "description": "Name"},
   {"name": "pid", "type": "integer", "nullable": false, "volatile": true, "description": "Process id"}]},
  {"table": "settings", "description": "Settings", "collector": "settings", "sources": "", "reads_images": true, "capabilities": [], "cost": "fast", "columns": [
   {"name": "name", "type": "text", "nullable": false, "volatile": false, "description": "Name"},
   {"name": "value", "type": "text", "nullable": true, "volatile": false, "description": "Value"},
   {"name": "factor", "type": "double", "nullable": false, "volatile": false, "description": "Factor"},
   {"name": "on", "type": "boolean", "nullable": false, "volatile": false, "description": "Whether it is on"}]}
 ]})";

std::shared_ptr<const evidence::Table> table(const std::string& name, std::vector<evidence::Row> rows) {
    evidence::Table made;
    made.name = name;
    for (const ColumnSchema& column : schemas().find(name)->columns)
        if (!column.is_volatile) made.columns.push_back({column.name, column.type});
    made.rows = std::move(rows);
    return std::make_shared<const evidence::Table>(std::move(made));
}

}  // namespace

const Schemas& schemas() {
    static const Schemas loaded = load_schemas(tables_json);
    return loaded;
}

FileTree pack_files(const std::string& check_lines, const std::string& pack_lines) {
    return {{"pack.yaml", "pack: test\nversion: 1.0\ntitle: A test\n" + pack_lines}, {"checks/one.yaml", check_lines}};
}

std::string check_text(const std::string& violations, const std::string& population, const std::string& more) {
    return "id: one\ntitle: One\ntopic: accounts\nseverity: high\ncontrols:\n  - {id: A.8.2, strength: direct}\nneeds: "
           "[users]\n"
           "population: " +
           population + "\nviolations: " + violations +
           "\nkey: [username]\nmax_age: 26h\nrationale: Why.\nremediation: How.\n" + more;
}

evidence::Instant at(const std::string& rfc3339) { return evidence::parse_instant(rfc3339); }

evidence::Row user(const std::string& name, std::int64_t uid, evidence::Value shell, evidence::Value last_login) {
    return {name, uid, std::move(shell), std::move(last_login)};
}

HostEvidence host_with(std::vector<evidence::Row> users) {
    HostEvidence host;
    CollectorEvidence ok;
    ok.version = 1;
    ok.collected_at = at("2026-11-01T00:00:00Z");
    host.collectors.emplace("accounts", ok);
    host.collectors.emplace("settings", ok);
    host.tables.emplace("users", table("users", std::move(users)));
    host.tables.emplace("processes", table("processes", {}));
    host.tables.emplace("settings", table("settings", {}));
    return host;
}

Outcome evaluate_first(const Pack& pack, const HostEvidence& host) {
    EvaluationDatabase database{schemas(), TableForm::evidence};
    const Check* check = &pack.checks.at(0);
    return evaluate(database, std::span{&check, 1}, pack.default_parameters(), host).at(0);
}

}  // namespace annexa::policies::testing
