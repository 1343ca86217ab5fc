// One host on its way through evaluation: takes results and rules, gives the rows of history that follow.
#pragma once

#include "policies/database.hpp"
#include "server-stub/evaluation/host_collectors.hpp"
#include "server-stub/evaluation/rule_book.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace annexa::store {

class HostHistory {
  public:
    /// Reads what the store holds of the host as of the log's size `evaluated`.
    HostHistory(const Store& store, std::string host, std::uint64_t evaluated);

    /// A statement was logged. Evaluates the checks that its results change.
    void take(const StatementRow& statement, const RuleBook& rules, policies::EvaluationDatabase& database, TableReader& tables);

    /// Other rules are in force since `at`, by the log's entry `index`: everything is evaluated anew.
    void apply(const RuleBook& rules, Instant at, std::uint64_t index, policies::EvaluationDatabase& database, TableReader& tables);

    /// Adds what changed to the rows to be written, marked as known at that size of the log.
    void collect(HistoryChange& change, std::uint64_t known);

  private:
    struct CheckHistory {
        std::optional<HistoryRow> row;            // the stretch that is still open
        bool row_is_new = false;
        std::vector<HistoryRow> closed;           // to be written: ended now, known to the store or not
        std::map<std::string, FindingRow> open;   // by key
        std::set<std::string> new_keys;           // of these, not yet in the store
        std::set<std::string> changed_keys;       // of these, in the store with another detail
        std::vector<FindingRow> finding_closed;
    };
    struct Moment {
        Instant at;                // where no evidence says a time of its own
        std::uint64_t index = 0;   // of the entry that brings it
        bool rules_changed = false;
    };

    void evaluate(const std::vector<const policies::Check*>& checks, const RuledPack& pack, const Moment& moment,
                  policies::EvaluationDatabase& database, TableReader& tables);
    void enter(const policies::Check& check, const RuledPack& pack, const policies::Outcome& outcome, const Moment& moment);
    void enter_findings(CheckHistory& history, const policies::Check& check, const policies::Outcome& outcome, Instant at, std::uint64_t index);
    void evaluate_where(const RuleBook& rules, const std::set<std::string>& changed, const std::set<std::string>& touched,
                        const Moment& moment, policies::EvaluationDatabase& database, TableReader& tables);
    bool take_result(const StatementRow& statement, const StoredResult& result);

    std::string host_;
    HostCollectors collectors_;
    std::map<std::string, CheckHistory> checks_;
};

}  // namespace annexa::store
