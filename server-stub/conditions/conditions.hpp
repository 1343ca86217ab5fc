// All that can be wrong with a server: one catalogue, read by /readyz, the journal, /metrics and `annexa status` alike.
#pragma once

#include "evidence/instant.hpp"
#include "server-stub/journal.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::store {

struct Server;

struct ConditionKind {
    std::string_view code;
    Severity severity;
    bool ready;  // false: while it holds, /readyz is 503
    std::string_view sentence;
    std::string_view advice;
};

std::span<const ConditionKind> condition_kinds();

/// What it is, what exactly, what to do: for people.
std::string in_words(const ConditionKind& kind, std::string_view detail);

struct Condition {
    const ConditionKind* kind = nullptr;
    std::string detail;  // what exactly, for people
};

/// What is looked at; judge() knows nothing else.
struct Health {
    evidence::Instant now{};
    std::optional<std::string> log_trouble;         // why the log cannot append
    std::optional<std::string> store_trouble;       // why the database cannot be read
    std::optional<std::string> evaluation_trouble;  // why what is logged cannot be evaluated
    std::optional<std::string> restored;            // why this store acknowledges nothing
    bool keys_left_behind = false;                  // there is no log key: it was restored without
    std::uint64_t disk_free_bytes = 0;
    std::uint64_t disk_bytes = 0;
    evidence::Instant server_certificate_end{};
    std::optional<evidence::Instant> people_certificate_end;  // of a certificate that the configuration names
    std::vector<std::string> two_machines;                    // names of hosts whose enrolment is marked so
};

/// Those that hold, the worst first.
std::vector<Condition> judge(const Health& health);

/// Looks at a running server. Throws nothing: what cannot be looked at is a condition.
Health look_at(const Server& server) noexcept;

}  // namespace annexa::store
