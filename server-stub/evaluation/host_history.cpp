#include "server-stub/evaluation/host_history.hpp"

#include "server-stub/evaluation/outcome_json.hpp"

#include <algorithm>

namespace annexa::store {
namespace {

HistoryFilter open_of(const std::string& host) {
    HistoryFilter filter;
    filter.host = host;
    filter.open_only = true;
    return filter;
}

bool same_result(const StoredResult& a, const StoredResult& b) {
    return a.version == b.version && a.status == b.status && a.reason == b.reason && a.tables == b.tables;
}

/// The results of a statement in rounds: by time, and a new one where a collector comes again.
std::vector<std::vector<const StoredResult*>> rounds_of(const StatementRow& statement) {
    std::vector<const StoredResult*> results;
    for (const StoredResult& result : statement.results) results.push_back(&result);
    std::stable_sort(results.begin(), results.end(), [](const StoredResult* a, const StoredResult* b) { return a->at < b->at; });
    std::vector<std::vector<const StoredResult*>> rounds;
    std::set<std::string_view> seen;
    for (const StoredResult* result : results) {
        if (rounds.empty() || !seen.insert(result->collector).second) {
            rounds.emplace_back();
            seen = {result->collector};
        }
        rounds.back().push_back(result);
    }
    return rounds;
}

bool intersects(const std::vector<std::string>& names, const std::set<std::string>& set) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return set.contains(name); });
}

}  // namespace

HostHistory::HostHistory(const Store& store, std::string host, std::uint64_t evaluated)
    : host_{std::move(host)}, collectors_{read_collectors(store, host_, std::nullopt, evaluated)} {
    for (HistoryRow& row : store.history(open_of(host_))) {
        std::string check = row.check;
        checks_[std::move(check)].row = std::move(row);
    }
    for (FindingRow& finding : store.findings(open_of(host_))) {
        CheckHistory& history = checks_[finding.check];
        std::string key = finding.key;
        history.open.insert_or_assign(std::move(key), std::move(finding));
    }
}

bool HostHistory::take_result(const StatementRow& statement, const StoredResult& result) {
    CollectorState& state = collectors_.states[result.collector];
    collectors_.owed_without_result.erase(result.collector);
    const bool changed = state.owed || state.last.index == 0 || !same_result(state.last.result, result);
    state.owed = false;
    state.last = ResultAt{statement.index, statement.host, statement.enrolment, statement.sequence, statement.not_before, std::nullopt, result};
    if (result.status == evidence::Status::ok) state.last_ok = state.last;
    return changed;
}

void HostHistory::take(const StatementRow& statement, const RuleBook& rules, policies::EvaluationDatabase& database, TableReader& tables) {
    for (const auto& round : rounds_of(statement)) {
        std::set<std::string> changed;
        std::set<std::string> touched;
        Moment moment{{}, statement.index};
        for (const StoredResult* result : round) {
            touched.insert(result->collector);
            if (take_result(statement, *result)) changed.insert(result->collector);
            moment.at = std::max(moment.at, result->at);
        }
        evaluate_where(rules, changed, touched, moment, database, tables);
    }
    std::set<std::string> owed;
    for (const std::string& name : statement.due) {
        const bool here = std::any_of(statement.results.begin(), statement.results.end(), [&](const StoredResult& result) { return result.collector == name; });
        if (here) continue;
        const auto found = collectors_.states.find(name);
        if (found == collectors_.states.end() ? collectors_.owed_without_result.insert(name).second : !std::exchange(found->second.owed, true))
            owed.insert(name);
    }
    if (!owed.empty()) evaluate_where(rules, owed, owed, {statement.made_at < statement.logged_at ? statement.made_at : statement.logged_at, statement.index}, database, tables);
}

void HostHistory::apply(const RuleBook& rules, Instant at, std::uint64_t index, policies::EvaluationDatabase& database, TableReader& tables) {
    std::set<std::string> in_force;
    for (const RuledPack& pack : rules.packs) {
        const std::vector<const policies::Check*> checks = pack.pack->checks_in_force();
        for (const policies::Check* check : checks) in_force.insert(check->id);
        evaluate(checks, pack, {at, index, true}, database, tables);
    }
    // What is no longer in force has no state from now on; its findings are closed by no evidence, so they end with it.
    for (auto& [id, history] : checks_) {
        if (in_force.contains(id) || !history.row) continue;
        HistoryRow ended = *std::exchange(history.row, std::nullopt);
        ended.to = std::max(at, ended.from);
        ended.to_index = index;
        history.closed.push_back(std::move(ended));
        for (auto& [key, finding] : history.open) {
            finding.closed = std::max(at, finding.opened);
            finding.closed_index = index;
            history.finding_closed.push_back(finding);
        }
        history.open.clear();
        history.changed_keys.clear();
    }
}

void HostHistory::evaluate_where(const RuleBook& rules, const std::set<std::string>& changed, const std::set<std::string>& touched,
                                 const Moment& moment, policies::EvaluationDatabase& database, TableReader& tables) {
    for (const RuledPack& pack : rules.packs) {
        std::vector<const policies::Check*> affected;
        for (const policies::Check* check : pack.pack->checks_in_force()) {
            const bool first = !checks_[check->id].row;
            const bool now = check->reads_now && intersects(check->collectors, touched);
            if (first || now || intersects(check->collectors, changed)) affected.push_back(check);
        }
        if (!affected.empty()) evaluate(affected, pack, moment, database, tables);
    }
}

void HostHistory::evaluate(const std::vector<const policies::Check*>& checks, const RuledPack& pack, const Moment& moment,
                           policies::EvaluationDatabase& database, TableReader& tables) {
    std::set<std::string> needed;
    for (const policies::Check* check : checks) needed.insert(check->needs.begin(), check->needs.end());
    const policies::HostEvidence host = host_evidence(collectors_, needed, tables);
    const std::vector<policies::Outcome> outcomes = policies::evaluate(database, checks, pack.parameters, host);
    for (std::size_t i = 0; i < checks.size(); ++i) enter(*checks[i], pack, outcomes[i], moment);
}

void HostHistory::enter(const policies::Check& check, const RuledPack& pack, const policies::Outcome& outcome, const Moment& moment) {
    CheckHistory& history = checks_[check.id];
    const bool by_evidence = outcome.newest && !moment.rules_changed && outcome.state != policies::State::missing;
    Instant at = by_evidence ? *outcome.newest : moment.at;
    std::string detail = outcome_detail(outcome, pack);
    const std::string state{policies::name(outcome.state)};
    // A chain never runs backwards, whatever a host's clock says.
    if (history.row) at = std::max(at, history.row->from);
    enter_findings(history, check, outcome, at, moment.index);
    if (history.row && history.row->state == state && history.row->detail == detail) return;
    if (history.row) {
        HistoryRow ended = *history.row;
        ended.to = at;
        ended.to_index = moment.index;
        history.closed.push_back(std::move(ended));
    }
    HistoryRow row;
    row.host = host_;
    row.check = check.id;
    row.state = state;
    row.from = at;
    row.from_index = moment.index;
    row.detail = std::move(detail);
    history.row = std::move(row);
    history.row_is_new = true;
}

void HostHistory::enter_findings(CheckHistory& history, const policies::Check& check, const policies::Outcome& outcome, Instant at, std::uint64_t index) {
    std::vector<policies::OpenFinding> before;
    for (const auto& [key, finding] : history.open) before.push_back({key, finding.opened});
    const policies::FindingChange change = policies::advance_findings(before, outcome);
    for (const policies::OpenFinding& closed : change.closed) {
        const auto found = history.open.find(closed.key);
        FindingRow finding = found->second;
        finding.closed = std::max(at, finding.opened);
        finding.closed_index = index;
        history.finding_closed.push_back(std::move(finding));
        history.open.erase(found);
        history.changed_keys.erase(closed.key);
    }
    for (const policies::OpenFinding& opened : change.opened) {
        FindingRow finding;
        finding.host = host_;
        finding.check = check.id;
        finding.key = opened.key;
        finding.opened = at;
        finding.opened_index = index;
        history.open.emplace(opened.key, std::move(finding));
        history.new_keys.insert(opened.key);
    }
    if (outcome.state != policies::State::fail) return;
    std::set<std::string> seen;
    for (const evidence::Row& row : outcome.rows) {
        const std::string key = policies::finding_key(outcome, row);
        const auto found = history.open.find(key);
        if (found == history.open.end() || !seen.insert(key).second) continue;  // the first of equal keys speaks for them
        std::string detail = finding_detail(row);
        if (found->second.detail == detail) continue;
        found->second.detail = std::move(detail);
        if (!history.new_keys.contains(key)) history.changed_keys.insert(key);
    }
}

void HostHistory::collect(HistoryChange& change, std::uint64_t known) {
    for (auto& [id, history] : checks_) {
        for (HistoryRow& row : history.closed) {
            if (row.id == 0) row.known = known;
            (row.id == 0 ? change.added : change.updated).push_back(std::move(row));
        }
        if (history.row && history.row_is_new) {
            history.row->known = known;
            change.added.push_back(*history.row);
        }
        for (FindingRow& finding : history.finding_closed) {
            if (finding.id == 0) finding.known = known;
            (finding.id == 0 ? change.opened : change.findings_updated).push_back(std::move(finding));
        }
        for (const std::string& key : history.new_keys) {
            const auto found = history.open.find(key);
            if (found == history.open.end()) continue;
            found->second.known = known;
            change.opened.push_back(found->second);
        }
        for (const std::string& key : history.changed_keys) change.findings_updated.push_back(history.open.at(key));
    }
}

}  // namespace annexa::store
