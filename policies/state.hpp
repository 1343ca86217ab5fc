// The states of a check on a host, and of a control: the words of every output, in one place.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace annexa::policies {

/// Of a check on a host. In the order in which they are decided; waived stands for a fail or overdue that is covered.
enum class State : std::uint8_t { missing, error, deleted, stale, not_applicable, overdue, fail, pass, waived };
constexpr std::size_t state_count = 9;

enum class Operation : std::uint8_t {
    not_monitored,
    not_effective,
    not_applicable,
    no_evidence,
    partly_effective,
    effective
};
enum class RecordsStatus : std::uint8_t { rejected, accepted, expired, partial, missing };
enum class Rule : std::uint8_t { adopted, vendor_default, none };
enum class Status : std::uint8_t {
    excluded,
    not_effective,
    effective,
    partly_effective,
    not_assessed,
    insufficient_evidence
};

/// The word that stands in outputs: "not_applicable", "default".
std::string_view name(State state);
std::string_view name(Operation operation);
std::string_view name(RecordsStatus records);
std::string_view name(Rule rule);
std::string_view name(Status status);
std::optional<State> parse_state(std::string_view text);
std::optional<Status> parse_status(std::string_view text);

/// pass, fail, overdue or waived: the host was looked at and the check applies.
constexpr bool is_tested(State state) {
    return state == State::pass || state == State::fail || state == State::overdue || state == State::waived;
}
/// missing, error, deleted or stale: there is no fresh evidence.
constexpr bool is_unknown(State state) {
    return state == State::missing || state == State::error || state == State::deleted || state == State::stale;
}

/// Where a host has several states at once, the first of these stands for it.
constexpr std::array<State, state_count> worst_first = {State::overdue, State::fail,    State::error,
                                                        State::missing, State::deleted, State::stale,
                                                        State::waived,  State::pass,    State::not_applicable};

/// Calls a function with each state, in order.
template <typename Function>
void for_each_state(Function&& function) {
    for (std::size_t i = 0; i < state_count; ++i) function(static_cast<State>(i));
}

}  // namespace annexa::policies
