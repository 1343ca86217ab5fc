// One case for each line of the table of states that time and people decide, and for findings and waivers.
#include "policies/check_result.hpp"
#include "tests/policies/support.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::policies;
using policies::testing::at;

namespace {

const std::vector<std::string> names = {"7f0c", "web1"};

Check check_of(const std::string& fix_within_days = "0") {
    Check check;
    check.id = "one";
    check.max_age = std::chrono::hours{26};
    check.fix_within = std::chrono::hours{24 * std::stoi(fix_within_days)};
    return check;
}

Outcome outcome_of(State state, std::vector<std::string> keys = {}, const std::string& when = "2026-11-01T00:00:00Z") {
    Outcome outcome;
    outcome.state = state;
    outcome.newest = outcome.oldest = at(when);
    outcome.key_columns = 1;
    outcome.columns = {"username", "found", "wanted", "source"};
    outcome.population = 5;
    for (const std::string& key : keys) outcome.rows.push_back({key, std::int64_t{1}, std::int64_t{2}, "f:1"});
    return outcome;
}

Waiver waiver_of(std::optional<std::string> key = std::nullopt, std::vector<std::string> hosts = {}) {
    return {"W-1",
            "one",
            std::move(hosts),
            std::move(key),
            "because",
            at("2026-10-01T00:00:00Z"),
            parse_until("2026-12-31")};
}

State state_at(const Check& check, const Outcome& outcome, const std::string& when, std::vector<OpenFinding> open = {},
               std::vector<Waiver> waivers = {}) {
    return result_at(check, outcome, open, waivers, names, at(when)).state;
}

}  // namespace

TEST_CASE("state stale: the last result is older than max_age at T") {
    const Check check = check_of("30");
    for (const State state : {State::pass, State::fail, State::not_applicable}) {
        const Outcome outcome =
            outcome_of(state, state == State::fail ? std::vector<std::string>{"eve"} : std::vector<std::string>{});
        CHECK(state_at(check, outcome, "2026-11-02T02:00:00Z") == state);
        CHECK(state_at(check, outcome, "2026-11-02T02:00:00.001Z") == State::stale);
    }
    for (const State state : {State::missing, State::error, State::deleted})
        CHECK(state_at(check, outcome_of(state), "2027-01-01T00:00:00Z") == state);
}

TEST_CASE("staleness counts from the oldest of the results that a check needs") {
    Outcome outcome = outcome_of(State::pass, {}, "2026-11-02T00:00:00Z");
    outcome.oldest = at("2026-10-31T00:00:00Z");
    CHECK(state_at(check_of(), outcome, "2026-11-02T00:00:00Z") == State::stale);
}

TEST_CASE("state overdue: a finding has been open for fix_within or longer") {
    const Outcome outcome = outcome_of(State::fail, {"eve"});
    CHECK(state_at(check_of("0"), outcome, "2026-11-01T00:00:00Z") == State::overdue);
    const std::vector<OpenFinding> open = {{R"(["eve"])", at("2026-10-02T00:00:00Z")}};
    CHECK(state_at(check_of("31"), outcome, "2026-11-01T12:00:00Z", open) == State::fail);
    CHECK(state_at(check_of("30"), outcome, "2026-11-01T00:00:00Z", open) == State::overdue);
    // Another finding's age is not this one's.
    const std::vector<OpenFinding> other = {{R"(["mallory"])", at("2026-01-01T00:00:00Z")}};
    CHECK(state_at(check_of("30"), outcome, "2026-11-01T00:00:00Z", other) == State::fail);
}

TEST_CASE("silence keeps the age of what was last seen") {
    const std::vector<OpenFinding> open = {{R"(["eve"])", at("2026-10-02T00:00:00Z")}};
    for (const State state : {State::missing, State::error, State::deleted}) {
        const CheckResult result =
            result_at(check_of("30"), outcome_of(state), open, {}, names, at("2026-11-01T00:00:00Z"));
        CHECK(result.state == state);
        CHECK(result.finding_open);
        CHECK(result.finding_open_long);
    }
    const CheckResult stale =
        result_at(check_of("30"), outcome_of(State::fail, {"eve"}), open, {}, names, at("2026-12-01T00:00:00Z"));
    CHECK(stale.state == State::stale);
    CHECK(stale.finding_open_long);
    const CheckResult passed =
        result_at(check_of("30"), outcome_of(State::pass), open, {}, names, at("2026-11-01T00:00:00Z"));
    CHECK_FALSE(passed.finding_open);
}

TEST_CASE("a finding is open from the first evidence that shows it to the first that does not") {
    FindingChange change = advance_findings({}, outcome_of(State::fail, {"eve", "zed"}, "2026-11-01T00:00:00Z"));
    CHECK(change.opened.size() == 2);
    change = advance_findings(change.open, outcome_of(State::fail, {"eve", "new"}, "2026-11-02T00:00:00Z"));
    CHECK(change.open == std::vector<OpenFinding>{{R"(["eve"])", at("2026-11-01T00:00:00Z")},
                                                  {R"(["new"])", at("2026-11-02T00:00:00Z")}});
    CHECK(change.opened == std::vector<OpenFinding>{{R"(["new"])", at("2026-11-02T00:00:00Z")}});
    CHECK(change.closed == std::vector<OpenFinding>{{R"(["zed"])", at("2026-11-01T00:00:00Z")}});
    for (const State silent : {State::missing, State::error, State::deleted}) {
        const FindingChange unchanged = advance_findings(change.open, outcome_of(silent, {}, "2026-11-03T00:00:00Z"));
        CHECK(unchanged.open == change.open);
        CHECK(unchanged.closed.empty());
    }
    CHECK(advance_findings(change.open, outcome_of(State::pass, {}, "2026-11-03T00:00:00Z")).closed.size() == 2);
    CHECK(advance_findings(change.open, outcome_of(State::not_applicable, {}, "2026-11-03T00:00:00Z")).open.empty());
}

TEST_CASE("two rows of one key are one finding") {
    CHECK(advance_findings({}, outcome_of(State::fail, {"eve", "eve"})).open.size() == 1);
}

TEST_CASE("state waived: a waiver covers every finding, and the state without it is kept beneath") {
    const Outcome outcome = outcome_of(State::fail, {"eve"});
    const std::vector<Waiver> waivers = {waiver_of()};
    const CheckResult overdue = result_at(check_of("0"), outcome, {}, waivers, names, at("2026-11-01T00:00:00Z"));
    CHECK(overdue.state == State::waived);
    CHECK(overdue.beneath == State::overdue);
    CHECK(overdue.waivers == std::vector<std::string>{"W-1"});
    const CheckResult fail = result_at(check_of("30"), outcome, {}, waivers, names, at("2026-11-01T00:00:00Z"));
    CHECK(fail.state == State::waived);
    CHECK(fail.beneath == State::fail);
}

TEST_CASE("a waiver covers nothing but findings") {
    const std::vector<Waiver> waivers = {waiver_of()};
    for (const State state : {State::missing, State::error, State::deleted, State::not_applicable, State::pass})
        CHECK(state_at(check_of(), outcome_of(state), "2026-11-01T00:00:00Z", {}, waivers) == state);
    CHECK(state_at(check_of(), outcome_of(State::fail, {"eve"}), "2026-11-05T00:00:00Z", {}, waivers) == State::stale);
}

TEST_CASE("a waiver names hosts, findings and a time") {
    const Outcome outcome = outcome_of(State::fail, {"eve", "zed"});
    const auto state = [&](std::vector<Waiver> waivers, const std::string& when = "2026-11-01T00:00:00Z") {
        return state_at(check_of(), outcome, when, {}, std::move(waivers));
    };
    CHECK(state({waiver_of(std::nullopt, {"web1"})}) == State::waived);
    CHECK(state({waiver_of(std::nullopt, {"7f0c"})}) == State::waived);
    CHECK(state({waiver_of(std::nullopt, {"web2"})}) == State::overdue);
    CHECK(state({waiver_of("eve")}) == State::overdue);
    CHECK(state({waiver_of("eve"), waiver_of(R"(["zed"])")}) == State::waived);
    Waiver other = waiver_of();
    other.check = "two";
    CHECK(state({other}) == State::overdue);
    Waiver ended = waiver_of();
    ended.until = parse_until("2026-10-31");
    CHECK(state({ended}) == State::overdue);
    ended.until = parse_until("2026-11-01");
    CHECK(state({ended}) == State::waived);
    Waiver later = waiver_of();
    later.from = at("2026-11-01T00:00:00.001Z");
    CHECK(state({later}) == State::overdue);
}

TEST_CASE("a waiver's key of one column may be typed bare, text or number") {
    CHECK(names_finding(waiver_of("1000"), "[1000]"));
    CHECK(names_finding(waiver_of("1000"), R"(["1000"])"));
    CHECK(names_finding(waiver_of("a\"b"), R"(["a\"b"])"));
    CHECK_FALSE(names_finding(waiver_of("eve"), R"(["eve","x"])"));
    CHECK(names_finding(waiver_of(R"(["eve","x"])"), R"(["eve","x"])"));
}

TEST_CASE("without history violations are fail, never overdue") {
    const CheckResult result =
        result_without_history(check_of("0"), outcome_of(State::fail, {"eve"}), {}, names, at("2026-11-01T00:00:00Z"));
    CHECK(result.state == State::fail);
    const CheckOnHost on = on_host(result, outcome_of(State::fail, {"eve"}));
    CHECK(as_if_overdue(on).state == State::overdue);
    CHECK(as_if_overdue(on_host(result_without_history(check_of(), outcome_of(State::pass), {}, names,
                                                       at("2026-11-01T00:00:00Z")),
                                outcome_of(State::pass)))
              .state == State::pass);
}

TEST_CASE("the next change with no new evidence is known") {
    const Check check = check_of("30");
    const Outcome outcome = outcome_of(State::fail, {"eve"});
    const auto next = [&](const std::string& when, std::vector<Waiver> waivers = {}) {
        return next_change(check, outcome, {}, waivers, names, at(when));
    };
    CHECK(next("2026-11-01T00:00:00Z") == at("2026-11-02T02:00:00.001Z"));
    CHECK(next("2026-11-03T00:00:00Z") == at("2026-12-01T00:00:00Z"));
    CHECK_FALSE(next("2027-03-01T00:00:00Z"));
    Waiver waiver = waiver_of();
    waiver.until = at("2026-11-01T12:00:00Z");
    CHECK(next("2026-11-01T00:00:00Z", {waiver}) == at("2026-11-01T12:00:00Z"));
    for (const char* when : {"2026-11-01T00:00:00Z", "2026-11-01T12:00:00Z", "2026-11-03T00:00:00Z"}) {
        const auto change = next(when, {waiver});
        REQUIRE(change);
        CHECK_FALSE(result_at(check, outcome, {}, std::vector{waiver}, names, *change) ==
                    result_at(check, outcome, {}, std::vector{waiver}, names, *change - std::chrono::milliseconds{1}));
    }
}
