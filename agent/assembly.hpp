// From what waits to one statement: a pure function, so that every rule of it can be tested without a spool or a store.
#pragma once

#include "agent/spool.hpp"
#include "evidence/chain.hpp"
#include "evidence/statement.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace annexa::agent {

/// Each result is written out at least this often; in between an equal one is a `same_as`.
inline constexpr std::chrono::hours write_out_again{24};

struct AssemblyInput {
    evidence::HostRef host;
    evidence::AgentRef agent;
    evidence::ChainHead last;  // of this enrolment's chain: the statement before this one
    evidence::LogRef log;
    evidence::Instant now{};
    std::optional<std::string> boot_id;
    std::optional<bool> clock_synchronized;
    std::optional<evidence::Digest> machine;
    std::vector<WaitingResult> waiting;
    std::map<std::string, WrittenOut> written;
    std::vector<evidence::Dropped> dropped;
    std::vector<std::string> due;
    std::optional<evidence::Rollback> rollback;
    std::optional<evidence::Alarm> alarm;
    std::map<std::string, std::string> tags;
};

/// After a refusal the next statement is made more cautiously.
struct AssemblyRule {
    bool may_refer = true;  // same_as
    std::size_t most_results = SIZE_MAX;
};

struct Assembled {
    evidence::Statement statement;
    std::string payload;                // at most largest_payload_bytes
    std::vector<std::int64_t> results;  // ids of those that are in it: the first ones of `waiting`
};

/// All that fits; the rest waits for the next statement. Throws error where even an empty statement is too large.
Assembled assemble(const AssemblyInput& input, const AssemblyRule& rule = {});

}  // namespace annexa::agent
