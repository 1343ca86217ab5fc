#include "policies/period_status.hpp"

#include "policies/period_sentence.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace annexa::policies {
namespace {

using evidence::Instant;

std::size_t index(State state) { return static_cast<std::size_t>(state); }

/// Times at which a count goes up and down, and how long it is above a limit.
class Counting {
  public:
    void during(Instant from, Instant to) {
        steps_.emplace_back(from, 1);
        steps_.emplace_back(to, -1);
    }
    /// How long the count is above `limit`. A count at the very end of the period shows in `at_end`.
    Milliseconds time_above(int limit, Instant end, bool& at_end) {
        std::sort(steps_.begin(), steps_.end());
        Milliseconds above{0};
        int count = 0;
        Instant since{};
        for (const auto& [at, step] : steps_) {
            if (count > limit) above += at - since;
            if (count > limit && at == end) at_end = true;
            count += step;
            since = at;
        }
        return above;
    }

  private:
    std::vector<std::pair<Instant, int>> steps_;
};

bool suffers(const Segment& segment, State state) {
    return state == State::overdue || (is_unknown(segment.state) && segment.finding_open_long);
}

/// One check over all hosts, gathered.
struct Gathered {
    const Check* newest = nullptr;
    Instant newest_until = Instant::min();
    PeriodFigures figures;
    std::map<std::tuple<std::string, std::string, Instant>, FailureInterval> intervals;
    std::set<std::string> waivers;
    std::map<const Check*, Counting> suffering, suffering_beneath;  // by version: each has a tolerance of its own
    Milliseconds beyond{0}, beyond_beneath{0};
    bool beyond_at_end = false;
    bool tested = false;
};

void gather_segments(Gathered& gathered, const std::string& host, const CheckOverPeriod& on) {
    for (const Segment& segment : on.segments) {
        const Milliseconds time = segment.to - segment.from;
        gathered.figures.time[index(segment.state)] += time;
        if (is_unknown(segment.state)) {
            gathered.figures.gap += time;
            gathered.figures.gaps.push_back({host, on.check->id, segment.from, segment.to, segment.state});
        } else if (segment.late) {
            gathered.figures.late += time;
        }
        gathered.tested = gathered.tested || is_tested(segment.state);
        if (suffers(segment, segment.state)) gathered.suffering[on.check].during(segment.from, segment.to);
        if (suffers(segment, segment.beneath)) gathered.suffering_beneath[on.check].during(segment.from, segment.to);
        if (segment.to >= gathered.newest_until) {
            gathered.newest_until = segment.to;
            gathered.newest = on.check;
        }
    }
}

void gather(Gathered& gathered, const std::string& host, const CheckOverPeriod& on, const Period& period) {
    gather_segments(gathered, host, on);
    for (const FindingSpan& finding : on.findings) {
        FailureInterval interval{host,           on.check->id,   finding.key,
                                 finding.opened, finding.closed, finding.opened + on.check->fix_within};
        if (interval.closed && *interval.closed > period.to) interval.closed.reset();
        // The same finding again under the next version of its check: that version's time counts from then on.
        gathered.intervals.insert_or_assign({host, finding.key, finding.opened}, std::move(interval));
    }
    gathered.waivers.insert(on.waivers.begin(), on.waivers.end());
}

Milliseconds length(const FailureInterval& interval, const Period& period) {
    return interval.closed.value_or(period.to) - interval.opened;
}

std::optional<Milliseconds> median(std::vector<Milliseconds> values) {
    if (values.empty()) return std::nullopt;
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Orders what was put together, and computes what follows from the intervals.
void complete(PeriodFigures& figures, const Period& period) {
    std::stable_sort(
        figures.intervals.begin(), figures.intervals.end(),
        [&](const FailureInterval& a, const FailureInterval& b) { return length(a, period) > length(b, period); });
    std::stable_sort(figures.gaps.begin(), figures.gaps.end(), [](const Gap& a, const Gap& b) {
        return std::tie(a.from, a.host, a.check) < std::tie(b.from, b.host, b.check);
    });
    std::vector<Milliseconds> fixed;
    for (const FailureInterval& interval : figures.intervals)
        if (interval.closed) fixed.push_back(*interval.closed - interval.opened);
    figures.median_time_to_fix = median(std::move(fixed));
    if (!figures.intervals.empty()) figures.longest = length(figures.intervals.front(), period);
}

void finish(Gathered& gathered, const Period& period) {
    for (auto& [key, interval] : gathered.intervals) gathered.figures.intervals.push_back(std::move(interval));
    gathered.figures.waivers.assign(gathered.waivers.begin(), gathered.waivers.end());
    complete(gathered.figures, period);
    bool ignored = false;
    for (auto& [check, suffering] : gathered.suffering)
        gathered.beyond += suffering.time_above(std::max(check->tolerance, 0), period.to, gathered.beyond_at_end);
    for (auto& [check, suffering] : gathered.suffering_beneath)
        gathered.beyond_beneath += suffering.time_above(std::max(check->tolerance, 0), period.to, ignored);
}

/// Adds each moment of a host once, under the worst state that one of the checks has there then.
class HostSweep {
  public:
    void take(const std::vector<Segment>& segments) {
        for (const Segment& segment : segments) {
            steps_.push_back({segment.from, segment.state, segment.late, 1});
            steps_.push_back({segment.to, segment.state, segment.late, -1});
        }
    }
    void add_to(PeriodFigures& figures) {
        std::sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) { return a.at < b.at; });
        std::array<int, state_count> counts{};
        int late = 0;
        Instant since{};
        for (const Step& step : steps_) {
            if (step.at > since) add(figures, counts, late > 0, step.at - since);
            since = step.at;
            counts[index(step.state)] += step.change;
            if (step.late) late += step.change;
        }
    }

  private:
    struct Step {
        Instant at;
        State state;
        bool late;
        int change;
    };
    static void add(PeriodFigures& figures, const std::array<int, state_count>& counts, bool late, Milliseconds time) {
        const auto worst =
            std::find_if(worst_first.begin(), worst_first.end(), [&](State state) { return counts[index(state)] > 0; });
        if (worst == worst_first.end()) return;
        figures.time[index(*worst)] += time;
        bool unknown = false;
        for_each_state([&](State state) { unknown = unknown || (is_unknown(state) && counts[index(state)] > 0); });
        if (unknown)
            figures.gap += time;
        else if (late)
            figures.late += time;
    }

    std::vector<Step> steps_;
};

using AllGathered = std::map<std::string, Gathered, std::less<>>;

AllGathered gather_all(std::span<const Check* const> in_force, std::span<const HostOverPeriod> hosts,
                       const Period& period) {
    AllGathered all;
    for (const Check* check : in_force) all[check->id].newest = check;
    for (const HostOverPeriod& host : hosts)
        for (const CheckOverPeriod& on : host.checks)
            if (!on.segments.empty()) gather(all[on.check->id], host.host, on, period);
    for (auto& [id, gathered] : all) finish(gathered, period);
    return all;
}

PeriodFigures figures_of(const Control& control, Strength speaking, const AllGathered& all,
                         std::span<const HostOverPeriod> hosts, const Period& period) {
    const auto speaks = [&](const Check& check) {
        const ControlLink* link = check.control(control.id);
        return link != nullptr && link->strength == speaking;
    };
    PeriodFigures figures;
    for (const HostOverPeriod& host : hosts) {
        HostSweep sweep;
        for (const CheckOverPeriod& on : host.checks)
            if (speaks(*on.check)) sweep.take(on.segments);
        sweep.add_to(figures);
    }
    std::set<std::string> waivers;
    for (const auto& [id, gathered] : all) {
        if (!speaks(*gathered.newest)) continue;
        const PeriodFigures& of_check = gathered.figures;
        figures.intervals.insert(figures.intervals.end(), of_check.intervals.begin(), of_check.intervals.end());
        figures.gaps.insert(figures.gaps.end(), of_check.gaps.begin(), of_check.gaps.end());
        waivers.insert(of_check.waivers.begin(), of_check.waivers.end());
    }
    figures.waivers.assign(waivers.begin(), waivers.end());
    complete(figures, period);
    return figures;
}

Operation operation_over(const ControlPeriod& control, bool tested, const Period& period, const PeriodRule& rule) {
    const auto any = [&](auto&& holds) { return std::any_of(control.checks.begin(), control.checks.end(), holds); };
    const auto is_direct = [](const CheckPeriod& check) { return check.strength == Strength::direct; };
    const Milliseconds all = control.figures.in_scope();

    if (!any(is_direct)) return Operation::not_monitored;
    if (any([&](const CheckPeriod& check) {
            const bool severe = is_direct(check) && check.check->severity >= Severity::high;
            return severe && (check.beyond_at_end ||
                              share_of(check.beyond_tolerance, period.to - period.from) > rule.overdue_share);
        }))
        return Operation::not_effective;
    // Of no host at all nothing is known, which is not the same as that nothing applies.
    if (all > Milliseconds{0} && control.figures.time[index(State::not_applicable)] == all)
        return Operation::not_applicable;
    if (!tested) return Operation::no_evidence;
    const bool overdue = any([](const CheckPeriod& check) { return check.beyond_beneath > Milliseconds{0}; });
    const Milliseconds gap = control.figures.gap;
    const bool seen = gap == Milliseconds{0} || share_of(gap, all) < rule.gap_share;
    return !overdue && seen ? Operation::effective : Operation::partly_effective;
}

ControlPeriod control_over(const Control& control, const AllGathered& all, std::span<const HostOverPeriod> hosts,
                           const Period& period, const PeriodRule& rule) {
    ControlPeriod result;
    result.control = &control;
    bool tested = false;
    Strength speaking = Strength::partial;
    for (const auto& [id, gathered] : all) {
        const ControlLink* link = gathered.newest->control(control.id);
        if (link == nullptr) continue;
        result.checks.push_back({gathered.newest, link->strength, gathered.figures, gathered.beyond,
                                 gathered.beyond_beneath, gathered.beyond_at_end});
        if (link->strength != Strength::direct) continue;
        speaking = Strength::direct;
        tested = tested || gathered.tested;
    }
    result.figures = figures_of(control, speaking, all, hosts, period);
    result.operation = operation_over(result, tested, period, rule);
    result.sentence = period_sentence(result, period, rule);
    return result;
}

}  // namespace

Milliseconds PeriodFigures::in_scope() const {
    Milliseconds all{0};
    for (const Milliseconds one : time) all += one;
    return all;
}

double share_of(Milliseconds part, Milliseconds whole) {
    return whole.count() == 0 ? 0 : static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

std::vector<ControlPeriod> period_status(const Catalogue& controls, std::span<const Check* const> in_force,
                                         std::span<const HostOverPeriod> hosts, const Period& period,
                                         const PeriodRule& rule) {
    const AllGathered all = gather_all(in_force, hosts, period);
    std::vector<ControlPeriod> result;
    result.reserve(controls.size());
    for (const Control& control : controls) result.push_back(control_over(control, all, hosts, period, rule));
    return result;
}

}  // namespace annexa::policies
