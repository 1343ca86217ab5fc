#include "policies/evaluate.hpp"

#include "evidence/reason.hpp"

#include <algorithm>
#include <set>

namespace annexa::policies {
namespace {

using evidence::Row;

Outcome& decide(Outcome& outcome, State state, std::string_view reason, std::string detail) {
    outcome.state = state;
    outcome.reason = reason;
    outcome.detail = std::move(detail);
    return outcome;
}

/// The collectors that a check needs, each with its evidence: null where it never had a result.
using Needed = std::vector<std::pair<std::string_view, const CollectorEvidence*>>;

Needed needed_by(const Check& check, const HostEvidence& host) {
    Needed needed;
    for (const std::string& collector : check.collectors) {
        const auto found = host.collectors.find(collector);
        needed.emplace_back(collector, found == host.collectors.end() ? nullptr : &found->second);
    }
    return needed;
}

void note_times(Outcome& outcome, const Needed& needed) {
    for (const auto& [collector, evidence] : needed) {
        if (evidence == nullptr) continue;
        outcome.newest = std::max(outcome.newest.value_or(evidence->collected_at), evidence->collected_at);
        outcome.oldest = std::min(outcome.oldest.value_or(evidence->collected_at), evidence->collected_at);
        outcome.late = outcome.late || evidence->late;
    }
}

/// A table or column that the queries read and the last `ok` result of its collector does not hold. A collector that
/// failed or has nothing to say sends no table: that is no sign of its age.
std::string lacking(const Check& check, const HostEvidence& host) {
    for (const std::string& table : check.needs) {
        const auto maker = host.collectors.find(check.made_by.at(table));
        if (maker == host.collectors.end() || maker->second.status != CollectorStatus::ok) continue;
        const auto held = host.tables.find(table);
        if (held == host.tables.end()) {
            if (host.deleted.contains(table)) continue;
            return "the agent sends no table " + table + ": it is too old";
        }
        const auto read = check.reads.find(table);
        if (read == check.reads.end()) continue;
        for (const std::string& column : read->second) {
            const auto& columns = held->second->columns;
            const bool there =
                std::any_of(columns.begin(), columns.end(), [&](const auto& c) { return c.name == column; });
            if (!there) return "the agent's table " + table + " has no column " + column + ": it is too old";
        }
    }
    return {};
}

/// The lines missing, error and deleted of the table of states, and what a collector itself says. True where one holds.
bool decide_without_queries(Outcome& outcome, const Check& check, const Needed& needed, const HostEvidence& host) {
    const auto any = [&](auto&& holds) {
        return std::find_if(needed.begin(), needed.end(), [&](const auto& one) { return holds(one.second); });
    };
    const auto end = needed.end();
    const auto name = [](auto at) { return std::string{at->first}; };

    if (const auto at = any([](const auto* e) { return e == nullptr; }); at != end)
        return decide(outcome, State::missing, reasons::no_result, "the collector " + name(at) + " never had a result"),
               true;
    if (const auto at = any([](const auto* e) { return e->owed; }); at != end)
        return decide(outcome, State::missing, reasons::owed,
                      "the turn of the collector " + name(at) + " came and there is no result"),
               true;
    const auto with_status = [&](CollectorStatus status) {
        return any([=](const auto* e) { return e->status == status; });
    };
    const auto failed = with_status(CollectorStatus::error);
    const auto absent = with_status(CollectorStatus::not_applicable);
    if (std::string what = lacking(check, host); !what.empty())
        return decide(outcome, State::missing, reasons::agent_too_old, std::move(what)), true;

    if (host.two_machines)
        return decide(outcome, State::error, reasons::two_machines, "two machines report under one enrolment"), true;
    if (const auto at = any([](const auto* e) { return e->compromised; }); at != end)
        return decide(outcome, State::error, reasons::key_compromised,
                      "the key that signed this is revoked as compromised"),
               true;
    if (failed != end) {
        const std::string& message = failed->second->message;
        return decide(outcome, State::error, failed->second->reason,
                      message.empty() ? "the collector " + name(failed) + " failed" : message),
               true;
    }
    for (const std::string& table : check.needs)
        if (host.deleted.contains(table))
            return decide(outcome, State::deleted, reasons::table_deleted, "the table " + table + " was deleted"), true;
    if (absent != end)
        return decide(outcome, State::not_applicable, absent->second->reason, absent->second->message), true;
    return false;
}

void sort_rows(std::vector<Row>& rows) {
    std::vector<std::pair<std::string, Row>> sorted;
    sorted.reserve(rows.size());
    for (Row& row : rows) {
        std::string order = evidence::canonical_row(row);
        sorted.emplace_back(std::move(order), std::move(row));
    }
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = std::move(sorted[i].second);
}

void run_queries(Outcome& outcome, EvaluationDatabase& database, const Check& check, const Parameters& parameters,
                 const HostEvidence& host) {
    const evidence::Instant now = *outcome.newest;
    for (const std::string& table : check.needs)
        if (!database.loaded(table)) database.load(*host.tables.find(table)->second);
    if (!check.applies_if.empty() && database.count(check.applies_if, parameters, now) == 0) {
        const bool image = check.otherwise == evidence::reason_code(evidence::Reason::needs_running_system);
        decide(outcome, State::not_applicable, check.otherwise.empty() ? reasons::does_not_apply : std::string_view{check.otherwise},
               image ? "only a running system can tell; this is an image" : "");
        return;
    }
    const std::int64_t population = database.count(check.population, parameters, now);
    QueryResult violations = database.run(check.violations, parameters, now);
    outcome.population = population;
    outcome.columns = std::move(violations.columns);
    outcome.rows = std::move(violations.rows);
    outcome.key_columns = check.key.size();
    sort_rows(outcome.rows);
    if (population == 0 && outcome.rows.empty())
        decide(outcome, State::not_applicable, reasons::nothing_to_check, "");
    else if (population == 0)
        decide(outcome, State::error, reasons::bad_population,
               "there are violations and no population: the check is wrong");
    else
        outcome.state = outcome.rows.empty() ? State::pass : State::fail;
}

Outcome evaluate_one(EvaluationDatabase& database, const Check& check, const Parameters& parameters,
                     const HostEvidence& host) {
    Outcome outcome;
    const Needed needed = needed_by(check, host);
    note_times(outcome, needed);
    if (decide_without_queries(outcome, check, needed, host)) return outcome;
    try {
        run_queries(outcome, database, check, parameters, host);
    } catch (const evidence::error& problem) {
        // A query that fails on this host's rows says nothing about the host: unknown, never a pass.
        Outcome failed;
        note_times(failed, needed);
        return decide(failed, State::error, reasons::query_failed, problem.what());
    }
    return outcome;
}

}  // namespace

std::vector<Outcome> evaluate(EvaluationDatabase& database, std::span<const Check* const> checks,
                              const Parameters& parameters, const HostEvidence& host) {
    database.clear();
    std::vector<Outcome> outcomes;
    outcomes.reserve(checks.size());
    for (const Check* check : checks) outcomes.push_back(evaluate_one(database, *check, parameters, host));
    return outcomes;
}

std::string finding_key(const Outcome& outcome, const Row& row) {
    const auto columns = static_cast<std::ptrdiff_t>(std::min(outcome.key_columns, row.size()));
    return evidence::canonical_row(Row{row.begin(), row.begin() + columns});
}

std::vector<std::string> finding_keys(const Outcome& outcome) {
    std::set<std::string> keys;
    for (const Row& row : outcome.rows) keys.insert(finding_key(outcome, row));
    return {keys.begin(), keys.end()};
}

}  // namespace annexa::policies
