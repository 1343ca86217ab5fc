#include "agent/state.hpp"
#include "agent/conditions.hpp"

#include "evidence/errors.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace annexa;
using namespace annexa::agent;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const evidence::Instant now = evidence::parse_instant("2026-11-24T22:00:00Z");

milliseconds wait_of(const AgentState& state) { return std::get<BackingOff>(state).until - now; }

}  // namespace

TEST_CASE("state: waits double from a second to a quarter of an hour, and chance spreads them") {
    AgentState state = Ready{};
    CHECK(may_send(state, now));
    milliseconds last{0};
    for (int attempt = 1; attempt <= 20; ++attempt) {
        const AgentState lucky = after(state, Later{"store_unreachable", "", {}}, now, 0.0);
        state = after(state, Later{"store_unreachable", "", {}}, now, 0.999);
        CHECK(wait_of(lucky) <= wait_of(state));
        CHECK(wait_of(lucky) >= wait_of(state) / 2 - milliseconds{1});
        CHECK(wait_of(state) >= last);
        CHECK(wait_of(state) <= minutes{15});
        last = wait_of(state);
        CHECK_FALSE(may_send(state, now));
        CHECK(may_send(state, std::get<BackingOff>(state).until));
    }
    CHECK(last > minutes{14});
    CHECK(std::holds_alternative<Ready>(after(state, Delivered{}, now, 0.5)));
    CHECK(wait_of(after(Ready{}, Later{"store_unreachable", "", {}}, now, 0.0)) == milliseconds{500});
}

TEST_CASE("state: a longer Retry-After is honoured, a shorter one shortens nothing") {
    CHECK(wait_of(after(Ready{}, Later{"store_unavailable", "", seconds{300}}, now, 0.0)) == seconds{300});
    CHECK(wait_of(after(Ready{}, Later{"store_unavailable", "", seconds{0}}, now, 0.0)) == milliseconds{500});
}

TEST_CASE("state: stopped stays stopped, a clock that was set back does not stop for long") {
    const AgentState ended = after(Ready{}, Stopped{"revoked", ""}, now, 0.0);
    CHECK_FALSE(may_send(ended, now + std::chrono::hours{1000}));
    CHECK(state_name(ended) == "stopped");
    const AgentState waiting = after(Ready{}, Later{"store_unreachable", "", {}}, now, 0.0);
    CHECK(may_send(waiting, now - std::chrono::hours{48}));
}

TEST_CASE("conditions: one catalogue, each with a sentence and what to do") {
    std::set<std::string_view> codes;
    for (const Condition& one : all_conditions()) {
        CHECK(codes.insert(one.code).second);
        CHECK_FALSE(one.sentence.empty());
        CHECK_FALSE(one.todo.empty());
        if (!one.follows_from.empty()) CHECK(find_condition(one.follows_from) != nullptr);
    }
    for (const char* code :
         {"unknown_key",       "foreign_host",         "retired",         "revoked",       "two_machines",
          "other_origin",      "log_forked",           "log_rolled_back", "bad_receipt",   "store_unreachable",
          "store_unavailable", "store_answer_unknown", "refused",         "not_our_chain", "store_lost",
          "log_behind",        "certificate_expired",  "spool_full",      "disk_full",     "spool_corrupt"})
        CHECK(find_condition(code) != nullptr);
}

TEST_CASE("conditions: shown the worst first, after their grace, without those that another explains") {
    Conditions conditions;
    CHECK(conditions.raise("store_unreachable", now, "no route"));
    CHECK_FALSE(conditions.raise("store_unreachable", now + minutes{1}, "no name"));
    CHECK(conditions.shown(now).empty());
    conditions.raise("spool_full", now);
    conditions.raise("log_forked", now);
    conditions.raise("certificate_expired", now);
    const auto shown = conditions.shown(now + minutes{11});
    REQUIRE(shown.size() == 3);
    CHECK(shown[0].condition->code == "log_forked");
    const auto unreachable = std::find_if(shown.begin(), shown.end(),
                                          [](const auto& one) { return one.condition->code == "store_unreachable"; });
    REQUIRE(unreachable != shown.end());
    CHECK(unreachable->since == now);
    CHECK(unreachable->detail == "no name");
    CHECK(conditions.clear("store_unreachable"));
    CHECK_FALSE(conditions.clear("store_unreachable"));
    CHECK_THROWS_AS(conditions.raise("no_such_thing", now), evidence::error);
}
