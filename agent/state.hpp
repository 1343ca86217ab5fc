// What the running agent may do with the store, as one of a few states; README.md has the diagram. Pure.
#pragma once

#include "agent/shipper.hpp"
#include "evidence/instant.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace annexa::agent {

/// What waits is sent as soon as it is there.
struct Ready {};
/// The last attempt did not get through; the next one is not before `until`.
struct BackingOff {
    int attempts = 0;
    evidence::Instant until{};
    std::string condition, detail;
};
/// The store wants nothing of this enrolment: collecting goes on, sending does not.
struct Ended {
    std::string code, detail;
};
using AgentState = std::variant<Ready, BackingOff, Ended>;

std::string_view state_name(const AgentState& state);

/// May an attempt be made now?
bool may_send(const AgentState& state, evidence::Instant now);

/// The state after an attempt. `chance` is in [0, 1): waits double from a second to a quarter of an hour, of which
/// between half and all is waited, so that hosts do not come back at once; a longer Retry-After is honoured.
AgentState after(const AgentState& state, const ShipResult& result, evidence::Instant now, double chance);

}  // namespace annexa::agent
