#include "agent/state.hpp"

#include <algorithm>

namespace annexa::agent {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_wait{1'000};
constexpr milliseconds longest_wait{15 * 60 * 1'000};

milliseconds wait_before(int attempt, double chance) {
    const milliseconds whole =
        attempt > 10 ? longest_wait : std::min(first_wait * (1 << std::max(attempt - 1, 0)), longest_wait);
    return milliseconds{static_cast<std::int64_t>(static_cast<double>(whole.count()) * (0.5 + chance / 2))};
}

}  // namespace

std::string_view state_name(const AgentState& state) {
    constexpr std::string_view names[] = {"ready", "backing_off", "stopped"};
    return names[state.index()];
}

bool may_send(const AgentState& state, evidence::Instant now) {
    if (const auto* waiting = std::get_if<BackingOff>(&state)) {
        // A clock that was set back must not make a short wait a long one.
        return now >= waiting->until || waiting->until - now > std::chrono::hours{25};
    }
    return std::holds_alternative<Ready>(state);
}

AgentState after(const AgentState& state, const ShipResult& result, evidence::Instant now, double chance) {
    if (const auto* stopped = std::get_if<Stopped>(&result)) return Ended{stopped->code, stopped->detail};
    const auto* later = std::get_if<Later>(&result);
    if (later == nullptr) return Ready{};
    const auto* before = std::get_if<BackingOff>(&state);
    const int attempts = before == nullptr ? 1 : before->attempts + 1;
    milliseconds wait = wait_before(attempts, chance);
    if (later->after) wait = std::max(wait, milliseconds{*later->after});
    return BackingOff{attempts, now + wait, later->condition, later->detail};
}

}  // namespace annexa::agent
