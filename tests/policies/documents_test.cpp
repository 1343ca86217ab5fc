// docs/checks/*.md and docs/tables.md are what the shipped pack and the schemas say. ANNEXA_UPDATE_GOLDEN=1 writes them
// anew (scripts/generate).
#include "policies/catalogue.hpp"
#include "policies/pack.hpp"
#include "policies/schema.hpp"
#include "tests/support/generated.hpp"

#include <algorithm>

namespace annexa::policies::test {
namespace {

const std::filesystem::path docs = std::filesystem::path{ANNEXA_SOURCE_DIR} / "docs";
const std::string written = "<!-- Written by scripts/generate. -->\n\n";

std::string duration(std::chrono::seconds time) {
    const auto hours = time.count() / 3600;
    return hours % 24 == 0 ? std::to_string(hours / 24) + " d" : std::to_string(hours) + " h";
}

/// One line of a table of Markdown.
std::string cell(std::string text) {
    for (std::size_t at = 0; (at = text.find_first_of("|\n", at)) != std::string::npos; at += 2)
        text.replace(at, 1, text[at] == '|' ? "\\|" : "  ");
    return text;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string trimmed(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::string controls_of(const Check& check) {
    std::string out = "\n## Controls\n\n| control | title | how far it shows it |\n|---|---|---|\n";
    for (const ControlLink& link : check.controls)
        out += "| " + link.id + " | " + find_control(annex_a(), link.id)->title + " | " +
               (link.strength == Strength::direct ? "directly" : "in part: it can lower the control and never raise it") +
               " |\n";
    return out;
}

std::string sources_of(const Check& check) {
    std::string out =
        "\n## Where it reads\n\n| table | made from | of an image | takes | cost |\n|---|---|---|---|---|\n";
    for (const std::string& name : check.needs) {
        const TableSchema& table = *built_in_schemas().find(name);
        out += "| [`" + name + "`](../tables.md#" + name + ") | " + cell(table.sources) + " | " +
               (table.reads_images ? "yes" : "no: not applicable there") + " | " +
               (table.capabilities.empty() ? "–" : joined(table.capabilities)) + " | " + table.cost + " |\n";
    }
    return out;
}

std::string parameters_of(const Check& check, const Pack& pack) {
    if (check.parameters.empty()) return "";
    std::string out = "\n## Parameters\n\n| parameter | what it is | shipped |\n|---|---|---|\n";
    for (const std::string& name : check.parameters) {
        const Parameter& parameter = pack.parameters.find(name)->second;
        const std::string value = parameter_text(parameter.value);
        out += "| `" + name + "` | " + cell(parameter.title) + " | " +
               (value.empty() ? "none" : cell(value) + (parameter.unit.empty() ? "" : " " + parameter.unit)) + " |\n";
    }
    return out + "\nAnother value: `annexa-agent check --set PARAMETER=VALUE`, on a store `annexa policy adopt " +
           pack.name + " --set PARAMETER=VALUE`.\n";
}

std::string page_of(const Check& check, const Pack& pack) {
    const Parameters values = pack.default_parameters();
    std::string out = written + "# `" + check.id + "`: " + check.title + "\n\nTopic " + check.topic + ", severity " +
                      std::string{severity_name(check.severity)} + ". A finding " +
                      (check.fix_within.count() == 0 ? "is overdue at once"
                                                     : "is overdue after " + duration(check.fix_within)) +
                      "; evidence older than " + duration(check.max_age) + " is stale." +
                      (check.on_by_default ? "" : " Off unless a pack enables it.") + "\n";
    out += "\n## Why\n\n" + trimmed(fill_in(check.rationale, values)) + "\n";
    out += controls_of(check);
    out += sources_of(check);
    if (!check.applies_if.empty()) {
        out += "\nIt applies only where this finds something";
        out += (check.otherwise.empty() ? std::string{} : " (else `" + check.otherwise + "`)") + ":\n\n```sql\n" +
               trimmed(check.applies_if) + "\n```\n";
    }
    out += "\n## What is wrong\n\nEach row of this is a finding; it sees what the tables above hold, and nothing else.\n\n```sql\n" +
           trimmed(check.violations) + "\n```\n";
    out += "\n## How to fix it\n\n" + trimmed(fill_in(check.remediation, values)) + "\n";
    if (!check.ansible.empty()) out += "\nWith Ansible:\n\n```yaml\n" + trimmed(fill_in(check.ansible, values)) + "\n```\n";
    return out + parameters_of(check, pack);
}

std::string index_of(const Pack& pack) {
    std::string out = written + "# The checks of " + pack.name + "\n\n" + std::to_string(pack.checks.size()) +
                      " checks, by topic; `annexa-agent policy list` names those at hand.\n";
    std::set<std::string> topics;
    for (const Check& check : pack.checks) topics.insert(check.topic);
    for (const std::string& topic : topics) {
        out += "\n## " + topic + "\n\n| check | what is true where it passes | severity | controls |\n|---|---|---|---|\n";
        for (const Check& check : pack.checks) {
            if (check.topic != topic) continue;
            std::string controls;
            for (const ControlLink& link : check.controls)
                controls += (controls.empty() ? "" : ", ") + link.id + (link.strength == Strength::direct ? " directly" : " in part");
            out += "| [`" + check.id + "`](" + check.id + ".md) | " + cell(check.title) + (check.on_by_default ? "" : " (off unless enabled)") + " | " +
                   std::string{severity_name(check.severity)} + " | " + controls + " |\n";
        }
    }
    return out;
}

std::string tables_page() {
    std::string out = written + "# Tables\n\nAll that can be asked of a host (`annexa-agent query`, checks). A table that osquery has too begins with "
                                "osquery's columns.\nWhat is volatile is shown by `query` and is in no evidence.\n";
    for (const auto& [name, table] : built_in_schemas().tables) {
        out += "\n## " + name + "\n\n" + table.description + ".\n\nMade by the collector `" + table.collector + "` from " + table.sources +
               ". Of an image: " + (table.reads_images ? "yes" : "no") + ". Takes: " +
               (table.capabilities.empty() ? "no privilege" : joined(table.capabilities)) + ". Cost: " + table.cost +
               ".\n\n| column | type | |\n|---|---|---|\n";
        for (const ColumnSchema& column : table.columns)
            out += "| `" + column.name + "` | " + std::string{evidence::type_name(column.type)} + (column.nullable ? ", may be null" : "") +
                   (column.is_volatile ? ", volatile" : "") + " | " + cell(column.description) + " |\n";
    }
    return out;
}

}  // namespace

TEST_CASE("docs/checks has a page a check of the shipped pack, and no other") {
    const Pack pack = load_pack(linux_baseline_files(), built_in_schemas());
    std::set<std::string> names{"README.md"};
    for (const Check& check : pack.checks) {
        names.insert(check.id + ".md");
        annexa::test::check_generated(docs / "checks" / (check.id + ".md"), page_of(check, pack));
    }
    annexa::test::check_generated(docs / "checks" / "README.md", index_of(pack));
    annexa::test::check_nothing_else(docs / "checks", names);
}

TEST_CASE("docs/tables.md has every table and column") {
    annexa::test::check_generated(docs / "tables.md", tables_page());
}

}  // namespace annexa::policies::test
