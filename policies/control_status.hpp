// The status of a control of Annex A as of a time: three legs (operation, coverage, records), each shown on its own,
// and what follows from them. No leg, no green.
#pragma once

#include "evidence/instant.hpp"
#include "policies/catalogue.hpp"
#include "policies/check_result.hpp"
#include "policies/pack.hpp"
#include "policies/state.hpp"
#include "policies/status_inputs.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace annexa::policies {

/// A check in force, and whether the pack that it comes from was adopted by a person.
struct CheckInForce {
    const Check* check = nullptr;
    bool adopted = false;
};

/// The results of one host in scope, one for each check in force, in their order.
struct HostResults {
    std::string host;
    std::vector<CheckOnHost> checks;
};

/// What people decided about a control, as of the time asked.
struct ControlRecords {
    RecordsStatus records = RecordsStatus::missing;
    bool excluded = false;                // by the approved Statement of Applicability in force
    std::size_t evidenced_otherwise = 0;  // hosts in scope that can have no agent
    bool single_person = false;           // one person both asked for and approved something that this rests on
    std::vector<RecordFact> facts;
    std::vector<Conclusion> conclusions;
};

/// Picks out of all that people recorded what is about one control.
ControlRecords records_of(const Control& control, const StatusInputs& inputs, evidence::Instant at);

using StateCounts = std::array<std::size_t, state_count>;

struct CheckCounts {
    const Check* check = nullptr;
    Strength strength = Strength::direct;
    StateCounts states{};                     // hosts in each state
    std::size_t silent_with_old_finding = 0;  // no fresh evidence, and a finding open for fix_within or longer
    std::size_t silent_with_finding = 0;      // no fresh evidence, and a finding open
    std::size_t populated_passes = 0;         // pass with a population above 0
};

struct Coverage {
    std::size_t fresh = 0;  // hosts with fresh evidence; of no check at all: none
    std::size_t late = 0;   // of these, with late evidence
    std::size_t in_scope = 0;
    std::size_t evidenced_otherwise = 0;
    [[nodiscard]] bool full() const { return in_scope > 0 && fresh == in_scope; }
};

/// One ground of a status: a code for programs, the check where it is about one, the hosts that it concerns, and words.
struct StatusReason {
    std::string code;
    std::string check;
    std::size_t hosts = 0;
    std::string text;
};

struct ControlStatus {
    const Control* control = nullptr;
    evidence::Instant at{};
    Status status = Status::insufficient_evidence;
    Operation operation = Operation::not_monitored;
    Coverage coverage;
    RecordsStatus records = RecordsStatus::missing;
    bool single_person = false;           // of what it rests on, one person both asked for and approved
    std::vector<RecordFact> facts;        // documents and records that there are
    std::vector<Conclusion> conclusions;  // of named people; they change nothing of what is computed
    Rule rule = Rule::none;
    std::size_t in_time = 0;  // results `fail` of direct checks: findings within the time allowed
    StateCounts
        hosts{};  // each host once, under the worst state that a direct check has there (partial where none is direct)
    std::vector<CheckCounts> checks;
    std::vector<StatusReason> reasons;
    std::string sentence;  // why it is what it is, and what is lacking, in one sentence
};

/// `checks` are all checks in force; those that name the control are picked out here.
ControlStatus control_status(const Control& control, std::span<const CheckInForce> checks,
                             std::span<const HostResults> hosts, const ControlRecords& records, evidence::Instant at);

/// The operation leg alone: for the local check, and inside control_status().
Operation operation_of(std::span<const CheckCounts> checks, std::size_t hosts_in_scope);

/// Counts, for one control, over all hosts.
std::vector<CheckCounts> count_checks(const Control& control, std::span<const CheckInForce> checks,
                                      std::span<const HostResults> hosts);

}  // namespace annexa::policies
