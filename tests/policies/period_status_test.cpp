// Status over a period against an oracle that asks result_at() at every instant, and against its own parts.
#include "policies/period_status.hpp"

#include "policies/period_sentence.hpp"
#include "tests/policies/support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace annexa;
using namespace annexa::policies;
using evidence::Instant;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

const Instant zero = policies::testing::at("2026-01-01T00:00:00Z");
Instant t(std::int64_t second) { return zero + seconds{second}; }

constexpr std::size_t index(State state) { return static_cast<std::size_t>(state); }

Check check_of(const std::string& id, Strength strength, Severity severity) {
    Check check;
    check.id = id;
    check.severity = severity;
    check.max_age = seconds{20};
    check.fix_within = seconds{30};
    check.controls = {{"A.8.5", strength}};
    return check;
}

const Control& control() { return *find_control(annex_a(), "A.8.5"); }
std::string key_of(const std::string& name) { return evidence::canonical_row({name}); }

/// A timeline that owns what it points to.
struct Story {
    CheckTimeline timeline;
    std::vector<std::vector<ResultTime>> results;
    std::vector<Period> marked;

    const CheckTimeline& told(const std::vector<Waiver>& waivers) {
        timeline.results.assign(results.begin(), results.end());
        timeline.two_machines = marked;
        timeline.waivers = waivers;
        return timeline;
    }
};

// ------------------------------------------------------------------------------------------------ the oracle

bool within(const std::vector<Period>& stretches, Instant at) {
    return std::any_of(stretches.begin(), stretches.end(), [&](const Period& p) { return p.from <= at && at < p.to; });
}

struct Seen {
    CheckResult result;
    bool late = false;
};

/// The state at an instant, put together as the store does it for one instant.
Seen look(const Story& story, const std::vector<Waiver>& waivers, Instant at) {
    const CheckTimeline& line = story.timeline;
    Outcome outcome;
    outcome.columns = {"name"};
    outcome.key_columns = 1;
    for (const StateSince& since : line.states)
        if (since.from <= at) outcome.state = since.state;
    std::vector<OpenFinding> open;
    for (const FindingSpan& finding : line.findings)
        if (finding.opened <= at && (!finding.closed || at < *finding.closed)) {
            open.push_back({finding.key, finding.opened});
            if (outcome.state == State::fail) outcome.rows.push_back({finding.key.substr(2, finding.key.size() - 4)});
        }
    const bool by_evidence = outcome.state != State::missing;
    bool distrusted = within(story.marked, at);
    for (const auto& results : story.results) {
        const ResultTime* last = nullptr;
        for (const ResultTime& result : results)
            if (result.at <= at) last = &result;
        if (last == nullptr) continue;
        outcome.newest = std::max(outcome.newest.value_or(last->at), last->at);
        outcome.oldest = std::min(outcome.oldest.value_or(last->at), last->at);
        outcome.late = outcome.late || last->bracket > line.check->max_age;
        distrusted = distrusted || last->distrusted;
    }
    if (by_evidence && distrusted) outcome.state = State::error;
    return {result_at(*line.check, outcome, open, waivers, line.host_names, at), outcome.late};
}

/// Calls with every instant at which anything may begin, and how long it lasts: all events are on whole seconds, and
/// what grows stale does so a millisecond later.
template <typename Function>
void at_every_instant(const Period& period, Function&& function) {
    for (Instant at = period.from; at < period.to; at += seconds{1}) {
        function(at, Milliseconds{1});
        function(at + Milliseconds{1}, Milliseconds{999});
    }
}

// ------------------------------------------------------------------------------------------------ random stories

class Random {
  public:
    explicit Random(unsigned seed) : engine_{seed} {}
    std::int64_t below(std::int64_t limit) {
        return static_cast<std::int64_t>(engine_() % static_cast<unsigned>(limit));
    }
    bool one_in(std::int64_t n) { return below(n) == 0; }

  private:
    std::mt19937 engine_;
};

constexpr std::int64_t horizon = 400;

/// Evidence comes at times; each sets a state, and findings open and close with it.
Story story_of(Random& random, const Check& check, const std::string& host) {
    Story story;
    story.timeline.check = &check;
    story.timeline.host = host;
    story.timeline.host_names = {host, host + ".example"};
    const std::int64_t enrolled = random.below(100), left = horizon - random.below(100);
    story.timeline.in_force = {{t(enrolled), t(enrolled + 100)}, {t(enrolled + 100 + random.below(80)), t(left)}};
    for (int collector = 0; collector < 2; ++collector) {
        std::vector<ResultTime> results;
        for (std::int64_t at = random.below(60); at < horizon; at += 1 + random.below(random.one_in(5) ? 60 : 15))
            results.push_back({t(at), seconds{random.below(24)}, random.one_in(30)});
        story.results.push_back(std::move(results));
    }
    if (random.one_in(4)) story.marked = {{t(random.below(200)), t(200 + random.below(200))}};
    std::map<std::string, std::size_t> open;
    const std::vector<std::string> names{key_of("alice"), key_of("bob"), key_of("carol")};
    const State states[] = {State::fail,    State::fail,           State::pass,   State::error,
                            State::deleted, State::not_applicable, State::missing};
    for (std::int64_t at = random.below(60); at < horizon; at += 1 + random.below(40)) {
        const State state = states[random.below(7)];
        story.timeline.states.push_back({t(at), state});
        if (state == State::error || state == State::deleted || state == State::missing) continue;
        std::vector<std::string> shown;
        if (state == State::fail) {
            for (const std::string& name : names)
                if (random.one_in(2)) shown.push_back(name);
            if (shown.empty()) shown.push_back(names[0]);
        }
        for (const std::string& name : names) {
            const bool shows = std::find(shown.begin(), shown.end(), name) != shown.end();
            if (const auto found = open.find(name); found != open.end() && !shows) {
                story.timeline.findings[found->second].closed = t(at);
                open.erase(found);
            } else if (found == open.end() && shows) {
                open.emplace(name, story.timeline.findings.size());
                story.timeline.findings.push_back({name, t(at), std::nullopt});
            }
        }
    }
    return story;
}

std::vector<Waiver> waivers_of(Random& random, const std::vector<Check>& checks) {
    std::vector<Waiver> waivers;
    for (std::int64_t i = random.below(5); i > 0; --i) {
        Waiver waiver;
        waiver.id = "w" + std::to_string(i);
        waiver.check = checks[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(checks.size())))].id;
        if (random.one_in(2)) waiver.hosts = {random.one_in(2) ? "h0" : "h1.example"};
        if (random.one_in(2)) waiver.key = random.one_in(2) ? "alice" : key_of("bob");
        waiver.from = t(random.below(300));
        waiver.until = waiver.from + seconds{random.below(150)};
        waivers.push_back(std::move(waiver));
    }
    return waivers;
}

/// Some hosts, each with every check.
struct World {
    explicit World(unsigned seed) {
        Random random{seed};
        checks.at(0).tolerance = static_cast<int>(random.below(2));
        waivers = waivers_of(random, checks);
        for (int host = 0; host < 3; ++host) {
            std::vector<Story> of_host;
            for (const Check& check : checks) {
                of_host.push_back(story_of(random, check, "h" + std::to_string(host)));
                of_host.back().timeline.in_force = of_host.front().timeline.in_force;
            }
            stories.push_back(std::move(of_host));
        }
    }
    [[nodiscard]] ControlPeriod over(const Period& period) {
        std::vector<HostOverPeriod> hosts;
        for (auto& of_host : stories) {
            HostOverPeriod host{of_host.front().timeline.host, {}};
            for (Story& story : of_host) host.checks.push_back(over_period(story.told(waivers), period));
            hosts.push_back(std::move(host));
        }
        std::vector<const Check*> in_force;
        for (const Check& check : checks) in_force.push_back(&check);
        return period_status({control()}, in_force, hosts, period).front();
    }

    std::vector<Check> checks{check_of("direct", Strength::direct, Severity::high),
                              check_of("second", Strength::direct, Severity::low),
                              check_of("support", Strength::partial, Severity::high)};
    std::vector<Waiver> waivers;
    std::vector<std::vector<Story>> stories;
};

}  // namespace

TEST_CASE("at every instant of the period the state is what result_at() says") {
    std::size_t waived = 0, stale = 0, overdue = 0;
    for (unsigned seed = 0; seed < 50; ++seed) {
        INFO("seed " << seed);
        World world{seed};
        const Period period{t(20), t(380)};
        for (auto& of_host : world.stories) {
            for (Story& story : of_host) {
                const std::vector<Segment> segments = segments_of(story.told(world.waivers), period);
                for (std::size_t i = 1; i < segments.size(); ++i) REQUIRE(segments[i - 1].to <= segments[i].from);
                std::size_t wrong = 0;
                at_every_instant(period, [&](Instant at, Milliseconds) {
                    const auto found = std::find_if(segments.begin(), segments.end(),
                                                    [&](const Segment& s) { return s.from <= at && at < s.to; });
                    if ((found != segments.end()) != within(story.timeline.in_force, at)) return void(++wrong);
                    if (found == segments.end()) return;
                    const Seen seen = look(story, world.waivers, at);
                    if (found->state != seen.result.state || found->beneath != seen.result.beneath ||
                        found->late != seen.late || found->finding_open != seen.result.finding_open ||
                        found->finding_open_long != seen.result.finding_open_long)
                        ++wrong;
                    waived += found->state == State::waived ? 1 : 0;
                    stale += found->state == State::stale ? 1 : 0;
                    overdue += found->state == State::overdue ? 1 : 0;
                });
                REQUIRE(wrong == 0);
            }
        }
    }
    // The stories are not empty ones.
    CHECK(waived > 1000);
    CHECK(stale > 1000);
    CHECK(overdue > 1000);
}

TEST_CASE("an oracle that samples instants agrees on host-days, gaps, lateness and time beyond tolerance") {
    std::size_t beyond_at_end = 0;
    for (unsigned seed = 0; seed < 25; ++seed) {
        INFO("seed " << seed);
        World world{seed};
        const Period period{t(20), t(380)};
        const ControlPeriod result = world.over(period);
        StateTimes control_time{};
        Milliseconds gap{0}, late{0};
        std::map<std::string, StateTimes> time;
        std::map<std::string, Milliseconds> beyond, beneath;
        std::map<std::string, bool> at_end;
        at_every_instant(period, [&](Instant at, Milliseconds lasts) {
            std::map<std::string, int> suffering, suffering_beneath;
            for (auto& of_host : world.stories) {
                if (!within(of_host.front().timeline.in_force, at)) continue;
                std::vector<State> direct;
                bool any_late = false;
                for (Story& story : of_host) {
                    const Check& check = *story.timeline.check;
                    const Seen seen = look(story, world.waivers, at);
                    time[check.id][index(seen.result.state)] += lasts;
                    const bool silent = is_unknown(seen.result.state) && seen.result.finding_open_long;
                    suffering[check.id] += seen.result.state == State::overdue || silent ? 1 : 0;
                    suffering_beneath[check.id] += seen.result.beneath == State::overdue || silent ? 1 : 0;
                    if (check.controls.front().strength != Strength::direct) continue;
                    direct.push_back(seen.result.state);
                    any_late = any_late || seen.late;
                }
                const auto worst = std::find_if(worst_first.begin(), worst_first.end(), [&](State state) {
                    return std::count(direct.begin(), direct.end(), state) > 0;
                });
                control_time[index(*worst)] += lasts;
                const bool unknown = std::any_of(direct.begin(), direct.end(), is_unknown);
                if (unknown) gap += lasts;
                if (!unknown && any_late) late += lasts;
            }
            for (const Check& check : world.checks) {
                at_end[check.id] = suffering[check.id] > check.tolerance;
                if (at_end[check.id]) beyond[check.id] += lasts;
                if (suffering_beneath[check.id] > check.tolerance) beneath[check.id] += lasts;
            }
        });
        CHECK(result.figures.time == control_time);
        CHECK(result.figures.gap == gap);
        CHECK(result.figures.late == late);
        REQUIRE(result.checks.size() == 3);
        for (const CheckPeriod& check : result.checks) {
            CHECK(check.figures.time == time[check.check->id]);
            CHECK(check.beyond_tolerance == beyond[check.check->id]);
            CHECK(check.beyond_beneath == beneath[check.check->id]);
            CHECK(check.beyond_at_end == at_end[check.check->id]);
            beyond_at_end += check.beyond_at_end ? 1 : 0;
        }
    }
    CHECK(beyond_at_end > 0);
}

TEST_CASE("a period split at any point sums up") {
    for (unsigned seed = 0; seed < 60; ++seed) {
        INFO("seed " << seed);
        World world{seed};
        Random random{seed + 1000};
        const Period whole{t(10), t(390)};
        const Instant cut = t(10) + Milliseconds{random.below(380000)};
        const ControlPeriod all = world.over(whole), first = world.over({whole.from, cut}),
                            second = world.over({cut, whole.to});
        const auto sums = [&](const PeriodFigures& a, const PeriodFigures& b, const PeriodFigures& sum) {
            for_each_state(
                [&](State state) { CHECK(a.time[index(state)] + b.time[index(state)] == sum.time[index(state)]); });
            CHECK(a.gap + b.gap == sum.gap);
            CHECK(a.late + b.late == sum.late);
            CHECK(a.in_scope() + b.in_scope() == sum.in_scope());
        };
        sums(first.figures, second.figures, all.figures);
        for (std::size_t i = 0; i < all.checks.size(); ++i) {
            sums(first.checks.at(i).figures, second.checks.at(i).figures, all.checks.at(i).figures);
            CHECK(first.checks.at(i).beyond_tolerance + second.checks.at(i).beyond_tolerance ==
                  all.checks.at(i).beyond_tolerance);
            CHECK(second.checks.at(i).beyond_at_end == all.checks.at(i).beyond_at_end);
            // No finding is lost or invented at the cut.
            CHECK(first.checks.at(i).figures.intervals.size() <= all.checks.at(i).figures.intervals.size());
            CHECK(first.checks.at(i).figures.intervals.size() + second.checks.at(i).figures.intervals.size() >=
                  all.checks.at(i).figures.intervals.size());
        }
    }
}

// ------------------------------------------------------------------------------------------------ the table over a
// period

namespace {

/// One host with daily evidence over a hundred days; what each check said, from which day on.
struct Year {
    std::vector<Check> checks;
    std::vector<std::vector<StateSince>> states;
    std::vector<std::vector<FindingSpan>> findings;
    std::vector<ResultTime> results;
    std::vector<Waiver> waivers;
    std::vector<Period> in_force{{day(0), day(100)}};

    static Instant day(std::int64_t number) { return zero + days{number}; }

    explicit Year(std::vector<Check> with_checks) : checks{std::move(with_checks)} {
        for (Check& check : checks) {
            check.max_age = hours{26};
            check.fix_within = days{10};
            states.push_back({{day(0), State::pass}});
            findings.emplace_back();
        }
        for (std::int64_t number = 0; number < 100; ++number) results.push_back({day(number), seconds{60}, false});
    }
    Year& fails(std::size_t check, std::int64_t from, std::int64_t to) {
        states.at(check).push_back({day(from), State::fail});
        states.at(check).push_back({day(to), State::pass});
        findings.at(check).push_back({key_of("alice"), day(from), day(to)});
        return *this;
    }
    Year& silent(std::int64_t from, std::int64_t to) {
        std::erase_if(results, [&](const ResultTime& result) { return result.at >= day(from) && result.at < day(to); });
        return *this;
    }
    [[nodiscard]] ControlPeriod over(const PeriodRule& rule = {}) const {
        const Period period{day(0), day(100)};
        HostOverPeriod host{"h", {}};
        std::vector<const Check*> in_force_checks;
        for (std::size_t i = 0; i < checks.size(); ++i) {
            CheckTimeline line{&checks[i], "h", {"h"}, in_force, states[i], {results}, {}, findings[i], waivers};
            host.checks.push_back(over_period(line, period));
            in_force_checks.push_back(&checks[i]);
        }
        return period_status({control()}, in_force_checks, std::vector{host}, period, rule).front();
    }
    [[nodiscard]] Operation operation() const { return over().operation; }
};

Year with(Strength strength, Severity severity) { return Year{{check_of("logins", strength, severity)}}; }
Year severe() { return with(Strength::direct, Severity::high); }

}  // namespace

TEST_CASE("over a period: effective without an overdue finding and with hardly a gap") {
    CHECK(severe().operation() == Operation::effective);
    // A severe finding that was fixed in its time does not lower a year.
    CHECK(severe().fails(0, 10, 19).operation() == Operation::effective);
    CHECK(severe().over().sentence ==
          "Effective: no finding was overdue beyond tolerance and 0 % of 100 host-days were without fresh evidence "
          "(allowed: below 1 %).");
}

TEST_CASE("over a period: not effective where a severe check was overdue at the end or for more than a tenth") {
    CHECK(severe().fails(0, 85, 100).operation() == Operation::not_effective);
    CHECK(severe().fails(0, 10, 31).operation() == Operation::not_effective);     // overdue for 11 days of 100
    CHECK(severe().fails(0, 10, 30).operation() == Operation::partly_effective);  // for exactly a tenth
    CHECK(with(Strength::direct, Severity::medium).fails(0, 85, 100).operation() == Operation::partly_effective);
    CHECK(severe().fails(0, 10, 31).over().sentence ==
          "Not effective: logins was overdue beyond its tolerance for 11 days of 100 days and 0 % of 100 host-days "
          "were without fresh evidence (allowed: below 1 %).");
    Year tolerant = severe().fails(0, 85, 100);
    tolerant.checks.at(0).tolerance = 1;
    CHECK(tolerant.operation() == Operation::effective);
}

TEST_CASE("over a period: silence after an overdue finding betters nothing") {
    Year year = severe().fails(0, 60, 100).silent(72, 100);
    year.states.at(0).pop_back();
    CHECK(year.over().checks.at(0).beyond_at_end);
    CHECK(year.operation() == Operation::not_effective);
}

TEST_CASE(
    "over a period: partly effective by gaps of the share or more, by a supporting check, by a waiver over what is "
    "overdue") {
    CHECK(severe().silent(50, 52).operation() == Operation::partly_effective);  // 1 day and 22 hours
    const ControlPeriod gaps = severe().silent(50, 52).over();
    CHECK(gaps.figures.gap == hours{46} - Milliseconds{1});
    REQUIRE(gaps.figures.gaps.size() == 1);
    CHECK(gaps.figures.gaps.front().state == State::stale);
    CHECK(severe().silent(50, 51).operation() == Operation::effective);  // 22 hours
    PeriodRule strict;
    strict.gap_share = 0;
    CHECK(severe().silent(50, 51).over(strict).operation == Operation::partly_effective);
    CHECK(severe().over(strict).operation == Operation::effective);

    Year supported{
        {check_of("logins", Strength::direct, Severity::high), check_of("factor", Strength::partial, Severity::high)}};
    CHECK(supported.operation() == Operation::effective);
    CHECK(supported.fails(1, 50, 99).operation() == Operation::partly_effective);

    Year waived = severe().fails(0, 20, 100);
    waived.waivers = {{"w1", "logins", {}, std::nullopt, "", Year::day(25), Year::day(200)}};
    const ControlPeriod over = waived.over();
    CHECK(over.operation == Operation::partly_effective);
    CHECK(over.figures.waivers == std::vector<std::string>{"w1"});
    CHECK(over.checks.at(0).beyond_tolerance == Milliseconds{0});
    CHECK(over.checks.at(0).beyond_beneath == days{70});
    CHECK(over.figures.time[index(State::waived)] == days{75});
    CHECK(over.sentence.find("70 days of it under a waiver") != std::string::npos);
}

TEST_CASE("over a period: not monitored, not applicable, no evidence") {
    CHECK(with(Strength::partial, Severity::high).operation() == Operation::not_monitored);
    CHECK(period_status({control()}, {}, {}, {t(0), t(9)}).front().operation == Operation::not_monitored);
    Year absent = severe();
    absent.states.at(0) = {{Year::day(0), State::not_applicable}};
    CHECK(absent.operation() == Operation::not_applicable);
    Year unseen = severe();
    unseen.states.at(0) = {};
    CHECK(unseen.operation() == Operation::no_evidence);
    // A check in force and no host: nothing is known.
    Year empty = severe();
    empty.in_force = {};
    CHECK(empty.operation() == Operation::no_evidence);
}

TEST_CASE("intervals tell opened, closed and allowed, the longest first, and the median time to fix") {
    const ControlPeriod over = severe().fails(0, 5, 8).fails(0, 20, 25).fails(0, 40, 44).over();
    const PeriodFigures& figures = over.checks.at(0).figures;
    REQUIRE(figures.intervals.size() == 3);
    CHECK(figures.intervals[0].opened == Year::day(20));
    CHECK(figures.intervals[0].closed == Year::day(25));
    CHECK(figures.intervals[0].allowed_until == Year::day(30));
    CHECK(figures.longest == days{5});
    CHECK(figures.median_time_to_fix == days{4});
    CHECK(over.figures.median_time_to_fix == days{4});

    Year open = severe();
    open.states.at(0) = {{Year::day(-50), State::fail}};
    open.findings.at(0) = {{key_of("alice"), Year::day(-50), Year::day(140)}};
    const PeriodFigures still = open.over().checks.at(0).figures;
    REQUIRE(still.intervals.size() == 1);
    CHECK_FALSE(still.intervals[0].closed);  // not by the period's end
    CHECK(still.longest == days{150});       // its whole age
    CHECK_FALSE(still.median_time_to_fix);
}

TEST_CASE("two versions of a check tell one story") {
    Check before = check_of("logins", Strength::direct, Severity::high), after = before;
    before.max_age = after.max_age = hours{24 * 200};
    before.fix_within = days{10};
    after.fix_within = days{90};
    const Period period{Year::day(0), Year::day(100)};
    const std::vector<ResultTime> results{{Year::day(0), seconds{1}, false}};
    const auto line = [&](const Check& check, std::int64_t from, std::int64_t to) {
        CheckTimeline timeline{
            &check, "h", {"h"}, {{Year::day(from), Year::day(to)}}, {{Year::day(0), State::fail}}, {results},
            {},     {},  {}};
        timeline.findings = {{key_of("alice"), Year::day(0), std::nullopt}};
        return over_period(timeline, period);
    };
    const HostOverPeriod host{"h", {line(before, 0, 40), line(after, 40, 100)}};
    const std::vector<const Check*> in_force{&before, &after};
    const ControlPeriod over = period_status({control()}, in_force, std::vector{host}, period).front();
    REQUIRE(over.checks.size() == 1);
    CHECK(over.checks.at(0).check == &after);
    CHECK(over.checks.at(0).figures.in_scope() == days{100});
    CHECK(over.checks.at(0).beyond_tolerance == days{30 + 10});
    REQUIRE(over.figures.intervals.size() == 1);
    CHECK(over.figures.intervals.front().allowed_until == Year::day(90));
}

TEST_CASE("times in words") {
    CHECK(days_text(days{1}) == "1 day");
    CHECK(days_text(days{3} + hours{12}) == "3.5 days");
    CHECK(days_text(hours{1}) == "1 hour");
    CHECK(days_text(std::chrono::minutes{90}) == "1.5 hours");
    CHECK(days_text(seconds{90}) == "1.5 minutes");
}
