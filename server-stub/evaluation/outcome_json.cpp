#include "server-stub/evaluation/outcome_json.hpp"

#include "evidence/canonical_json.hpp"
#include "server-stub/evaluation/parameter_json.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {

using nlohmann::json;

std::string outcome_detail(const policies::Outcome& outcome, const RuledPack& pack) {
    json detail{{"pack", pack.pack->name},
                {"version", pack.pack->version},
                {"sha256", pack.pack->digest.hex()},
                {"adopted", pack.adoption ? json(pack.adoption->index) : json(nullptr)},
                {"population", outcome.population ? json(*outcome.population) : json(nullptr)},
                {"sqlite", policies::sqlite_version()}};
    if (!pack.set.empty()) detail["parameters"] = json::parse(parameters_to_json(pack.set));
    if (!outcome.reason.empty()) detail["reason"] = outcome.reason;
    if (!outcome.detail.empty()) detail["detail"] = outcome.detail;
    if (!outcome.columns.empty()) detail["columns"] = outcome.columns;
    if (outcome.key_columns != 0) detail["key_columns"] = outcome.key_columns;
    return evidence::canonical_json(detail);
}

std::string finding_detail(const evidence::Row& row) { return evidence::canonical_row(row); }

policies::Outcome outcome_of(const HistoryRow& row, std::span<const FindingRow> open) {
    const json detail = json::parse(row.detail);
    policies::Outcome outcome;
    outcome.state = policies::parse_state(row.state).value_or(policies::State::error);
    outcome.reason = detail.value("reason", std::string{});
    outcome.detail = detail.value("detail", std::string{});
    if (detail.contains("population") && detail["population"].is_number_integer()) outcome.population = detail["population"].get<std::int64_t>();
    outcome.columns = detail.value("columns", std::vector<std::string>{});
    outcome.key_columns = detail.value("key_columns", std::size_t{0});
    if (outcome.state == policies::State::fail)
        for (const FindingRow& finding : open) outcome.rows.push_back(row_from_json(json::parse(finding.detail)));
    return outcome;
}

std::vector<policies::OpenFinding> open_findings(std::span<const FindingRow> findings) {
    std::vector<policies::OpenFinding> open;
    for (const FindingRow& finding : findings) open.push_back({finding.key, finding.opened});
    return open;
}

}  // namespace annexa::store
