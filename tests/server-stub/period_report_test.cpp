// A period against the status at each of its instants: the same store, asked in two ways.
#include "server-stub/evaluation/period_report.hpp"

#include "evidence/errors.hpp"
#include "tests/server-stub/machine.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;
using policies::Milliseconds;
using policies::Period;
using policies::State;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

constexpr int hour = 3600;

PeriodReport over(Machine& machine, Instant from, Instant to, std::optional<std::uint64_t> known_at = {}) {
    machine.evaluation.catch_up();
    const Period period{from, to};
    return period_report(machine.store, machine.blobs, machine.evaluation.rule_books(), period, known_at,
                         period_inputs(machine.store, machine.blobs, period, known_at));
}

const policies::ControlPeriod& control_of(const PeriodReport& report, std::string_view id) {
    const auto found = std::find_if(report.controls.begin(), report.controls.end(),
                                    [&](const auto& one) { return one.control->id == id; });
    REQUIRE(found != report.controls.end());
    return *found;
}

const policies::CheckPeriod& check_of(const PeriodReport& report) {
    for (const policies::CheckPeriod& check : control_of(report, "A.5.17").checks)
        if (check.check->id == check_id) return check;
    throw std::runtime_error("the check is not there");
}

Milliseconds time_in(const policies::PeriodFigures& figures, State state) {
    return figures.time[static_cast<std::size_t>(state)];
}

/// Of a period of one millisecond the time in each state is the number of hosts in it at that instant.
void check_instant(Machine& machine, Instant when, std::optional<std::uint64_t> known_at = {}) {
    INFO(evidence::to_string(when));
    const StatusReport instant = machine.report_at(when, known_at);
    const PeriodReport period = over(machine, when, when + Milliseconds{1}, known_at);
    REQUIRE(period.hosts.size() == instant.hosts.size());
    for (std::size_t i = 0; i < instant.controls.size(); ++i) {
        const policies::ControlStatus& status = instant.controls[i];
        const policies::ControlPeriod& control = period.controls[i];
        INFO(status.control->id);
        policies::for_each_state([&](State state) {
            const auto index = static_cast<std::size_t>(state);
            CHECK(control.figures.time[index].count() == static_cast<std::int64_t>(status.hosts[index]));
        });
        CHECK(control.figures.late.count() == static_cast<std::int64_t>(status.coverage.late));
        REQUIRE(control.checks.size() == status.checks.size());
        for (const policies::CheckCounts& counts : status.checks) {
            const auto same = std::find_if(control.checks.begin(), control.checks.end(),
                                           [&](const auto& one) { return one.check->id == counts.check->id; });
            REQUIRE(same != control.checks.end());
            policies::for_each_state([&](State state) {
                const auto index = static_cast<std::size_t>(state);
                CHECK(same->figures.time[index].count() == static_cast<std::int64_t>(counts.states[index]));
            });
        }
    }
}

/// Everything that can happen to a host happens to this one.
void live(Machine& machine, unsigned seed) {
    std::mt19937 random{seed};
    int now = hour;
    machine.report(now, "99999");
    for (int step = 0; step < 14; ++step) {
        if (random() % 2) machine.evaluation.catch_up();
        now += static_cast<int>(1 + random() % 30) * hour;
        switch (random() % 8) {
            case 0:
                machine.report(now, "99999");
                break;
            case 1:
                machine.report(now, "400");
                break;
            case 2:
                machine.report(now, std::nullopt);
                break;
            case 3:
                machine.send(now, {}, {"login_defs"});
                break;
            case 4:
                machine.decide_waiver(now, random() % 2 ? "approved" : "withdrawn", "bob", now + 40 * hour);
                break;
            case 5:
                machine.adopt(now, random() % 2 ? R"({"password_max_days":90})" : R"({"password_max_days":365})");
                break;
            default:
                machine.report(now, "365");
                break;
        }
    }
}

}  // namespace

TEST_CASE("over a period of one instant stands what the status at that instant says") {
    for (unsigned seed = 0; seed < 6; ++seed) {
        INFO("seed " << seed);
        Machine machine;
        live(machine, seed);
        const std::uint64_t half = machine.store.log_head().tree.size / 2;
        for (int when = 0; when < 400; when += 23) {
            check_instant(machine, at(when * hour));
            check_instant(machine, at(when * hour + 1));
        }
        for (int when = 0; when < 200; when += 37) check_instant(machine, at(when * hour), half);
    }
}

TEST_CASE("a period and its parts add up") {
    Machine machine;
    live(machine, 3);
    const PeriodReport whole = over(machine, at(0), at(400 * hour));
    for (const int cut : {1, 30, 77, 250, 399}) {
        const PeriodReport first = over(machine, at(0), at(cut * hour + 17)),
                           second = over(machine, at(cut * hour + 17), at(400 * hour));
        for (std::size_t i = 0; i < whole.controls.size(); ++i) {
            policies::for_each_state([&](State state) {
                CHECK(time_in(first.controls[i].figures, state) + time_in(second.controls[i].figures, state) ==
                      time_in(whole.controls[i].figures, state));
            });
            CHECK(first.controls[i].figures.gap + second.controls[i].figures.gap == whole.controls[i].figures.gap);
        }
    }
}

TEST_CASE("host-days, intervals, time to fix and gaps of a check") {
    Machine machine;
    for (int when = 1; when <= 240; when += 24) machine.report(when * hour, when >= 49 && when < 121 ? "99999" : "365");
    const PeriodReport report = over(machine, at(hour), at(265 * hour));
    const policies::PeriodFigures& figures = check_of(report).figures;
    CHECK(time_in(figures, State::overdue) == hours{72});
    CHECK(time_in(figures, State::stale) == hours{22} - Milliseconds{1});  // last heard of at 217, stale after 26 hours
    CHECK(figures.gap == hours{22} - Milliseconds{1});
    CHECK(figures.in_scope() == hours{264});
    REQUIRE(figures.intervals.size() == 1);
    CHECK(figures.intervals.front().opened == at(49 * hour));
    CHECK(figures.intervals.front().closed == at(121 * hour));
    CHECK(figures.median_time_to_fix == hours{72});
    REQUIRE(figures.gaps.size() == 1);
    CHECK(figures.gaps.front().host == web1);
}

TEST_CASE("a host counts while it was enrolled and not retired, also where it is gone at the end") {
    Machine machine;
    machine.report(hour, "365");
    append(machine.store, at(11 * hour),
           {{"retirement", EnrolmentClosed{enrolment(web1, "one").id, EnrolmentState::retired, {}, at(11 * hour)}}});
    const PeriodReport report = over(machine, at(-100 * hour), at(100 * hour));
    CHECK(report.hosts.size() == 1);
    CHECK(check_of(report).figures.in_scope() == hours{11} - seconds{1});  // enrolled a second after nine
    CHECK(over(machine, at(12 * hour), at(100 * hour)).hosts.empty());
    CHECK(control_of(over(machine, at(12 * hour), at(100 * hour)), "A.8.8").operation ==
          policies::Operation::no_evidence);
}

TEST_CASE("results by a compromised key, and an identity on two machines, are gaps over their time") {
    Machine machine;
    machine.report(hour, "365");
    const std::uint64_t since = machine.store.log_head().tree.size;
    machine.report(5 * hour, "365");
    append(machine.store, at(9 * hour),
           {{"revocation", EnrolmentClosed{enrolment(web1, "one").id, EnrolmentState::revoked, since, at(9 * hour)}}});
    CHECK(time_in(check_of(over(machine, at(hour), at(10 * hour))).figures, State::error) == hours{5});
    for (const int when : {2, 5, 6, 10}) check_instant(machine, at(when * hour));

    Machine doubled;
    doubled.report(hour, "365");
    doubled.store.mark_two_machines(enrolment(web1, "one").id, at(7 * hour));
    CHECK(time_in(check_of(over(doubled, at(hour), at(10 * hour))).figures, State::error) == hours{3});
    for (const int when : {6, 7, 8}) check_instant(doubled, at(when * hour));
}

TEST_CASE("waivers count from their approval until they are withdrawn") {
    Machine machine;
    machine.report(hour, "99999");
    machine.decide_waiver(5 * hour, "proposed", "ada", 100 * hour);
    machine.decide_waiver(10 * hour, "approved", "bob", 100 * hour);
    machine.report(25 * hour, "99999");
    machine.evaluation.catch_up();  // known then, not only now
    machine.decide_waiver(40 * hour, "withdrawn", "ada", 100 * hour);
    machine.report(49 * hour, "99999");
    const PeriodReport report = over(machine, at(hour), at(60 * hour));
    CHECK(time_in(check_of(report).figures, State::waived) == hours{30});
    CHECK(check_of(report).figures.waivers == std::vector<std::string>{"w-1"});
    REQUIRE(report.waivers.size() == 1);
    CHECK(report.waivers.front().decided_by == "bob");
    CHECK(over(machine, at(41 * hour), at(60 * hour)).waivers.empty());
    // As known before the withdrawal was logged: waived for as long as there was fresh evidence, 26 hours from the 25th
    // on.
    const std::uint64_t before = machine.store.known_at(at(39 * hour));
    CHECK(time_in(check_of(over(machine, at(hour), at(60 * hour), before)).figures, State::waived) ==
          hours{41} + Milliseconds{1});
}

TEST_CASE("a scope counts while it is in force") {
    Machine machine;
    machine.report(hour, "365");
    machine.evaluation.catch_up();
    using policies::ScopeCondition;
    const policies::Scope others{policies::ScopeRule{{{{ScopeCondition::Kind::name, "", "db-*"}}}}, {}, {}, ""};
    const policies::Scope taken_out{std::nullopt, {{web1, "R-0001@1"}}, {}, ""};
    const Period period{at(hour), at(20 * hour)};
    const auto hosts_time = [&](std::vector<ScopeSince> scopes) {
        const PeriodReport report = period_report(machine.store, machine.blobs, machine.evaluation.rule_books(), period,
                                                  {}, {{}, std::move(scopes)});
        return check_of(report).figures.in_scope();
    };
    CHECK(hosts_time({{at(0), {}}, {at(6 * hour), others}}) == hours{5});
    CHECK(hosts_time({{at(0), taken_out}, {at(6 * hour), {}}}) == hours{14});
    CHECK(hosts_time({{at(0), others}}) == hours{0});
}

TEST_CASE("a host that was never in scope is said to be unknown") {
    Machine machine;
    machine.evaluation.catch_up();
    const Period period{at(hour), at(2 * hour)};
    CHECK_THROWS_AS(period_report(machine.store, machine.blobs, machine.evaluation.rule_books(), period, {},
                                  period_inputs(machine.store, machine.blobs, period, {}), "nobody"),
                    evidence::coded_error);
}
