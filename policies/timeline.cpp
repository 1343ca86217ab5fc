// One sweep over everything that happens to a check on a host. Times of evidence, findings and waivers become counters
// that go up and down; between two events the state is what the table of states (check_result.cpp) says of the
// counters.
#include "policies/period_status.hpp"

#include <algorithm>

namespace annexa::policies {
namespace {

using evidence::Instant;

enum Counter : std::size_t {
    in_force,
    stale,
    late,
    distrusted,
    two_machines,
    open,
    open_long,
    uncovered,
    counter_count
};

struct Event {
    Instant at;
    Counter counter = in_force;
    int step = 0;                // what the counter changes by
    std::optional<State> state;  // or: what evidence says from now on
};

class Events {
  public:
    /// The counter is one more over [from, to); nothing where that is empty.
    void during(Counter counter, Instant from, Instant to) {
        if (from >= to) return;
        events_.push_back({from, counter, 1, std::nullopt});
        if (to < Instant::max()) events_.push_back({to, counter, -1, std::nullopt});
    }
    void state(Instant from, State state) { events_.push_back({from, in_force, 0, state}); }

    std::vector<Event> sorted() && {
        std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
        return std::move(events_);
    }

  private:
    std::vector<Event> events_;
};

/// Saturates: a finding without a limit of time never becomes overdue.
Instant plus(Instant at, Milliseconds more) { return at > Instant::max() - more ? Instant::max() : at + more; }

void add_results(Events& events, const Check& check, std::span<const ResultTime> results) {
    for (std::size_t i = 0; i < results.size(); ++i) {
        const Instant next = i + 1 < results.size() ? results[i + 1].at : Instant::max();
        // Older than max_age, not as old: a millisecond, the resolution of all our times, later.
        events.during(stale, plus(results[i].at, check.max_age + Milliseconds{1}), next);
        if (results[i].bracket > check.max_age) events.during(late, results[i].at, next);
        if (results[i].distrusted) events.during(distrusted, results[i].at, next);
    }
}

bool names_host(const Waiver& waiver, const CheckTimeline& timeline) {
    return applies(waiver, timeline.check->id, timeline.host_names, waiver.from);
}

void add_finding(Events& events, const CheckTimeline& timeline, const FindingSpan& finding) {
    const Instant closed = finding.closed.value_or(Instant::max());
    events.during(open, finding.opened, closed);
    events.during(open_long, plus(finding.opened, timeline.check->fix_within), closed);
    // What no waiver covers: the finding's time less the waivers' times.
    std::vector<Period> covered;
    for (const Waiver& waiver : timeline.waivers)
        if (waiver.from < waiver.until && names_finding(waiver, finding.key) && names_host(waiver, timeline))
            covered.push_back({waiver.from, waiver.until});
    std::sort(covered.begin(), covered.end(), [](const Period& a, const Period& b) { return a.from < b.from; });
    Instant from = finding.opened;
    for (const Period& waived : covered) {
        events.during(uncovered, from, std::min(waived.from, closed));
        from = std::max(from, waived.to);
    }
    events.during(uncovered, from, closed);
}

std::vector<Event> events_of(const CheckTimeline& timeline) {
    Events events;
    for (const Period& stretch : timeline.in_force) events.during(in_force, stretch.from, stretch.to);
    for (const StateSince& since : timeline.states) events.state(since.from, since.state);
    for (const auto& results : timeline.results) add_results(events, *timeline.check, results);
    for (const Period& marked : timeline.two_machines) events.during(two_machines, marked.from, marked.to);
    for (const FindingSpan& finding : timeline.findings) add_finding(events, timeline, finding);
    return std::move(events).sorted();
}

using Counters = std::array<int, counter_count>;

Segment stretch_of(State by_evidence, const Counters& counters) {
    Segment stretch;
    State state = by_evidence;
    if (state != State::missing && (counters[distrusted] > 0 || counters[two_machines] > 0)) state = State::error;
    const bool unknown = state == State::missing || state == State::error || state == State::deleted;
    if (!unknown && counters[stale] > 0) state = State::stale;
    stretch.finding_open = counters[open] > 0;
    stretch.finding_open_long = counters[open_long] > 0;
    if (state == State::fail && stretch.finding_open_long) state = State::overdue;
    stretch.state = stretch.beneath = state;
    const bool failing = state == State::fail || state == State::overdue;
    if (failing && stretch.finding_open && counters[uncovered] == 0) stretch.state = State::waived;
    stretch.late = counters[late] > 0;
    return stretch;
}

bool same_but_for_time(const Segment& a, const Segment& b) {
    Segment moved = b;
    moved.from = a.from;
    moved.to = a.to;
    return a == moved;
}

/// Adds the part of a stretch that lies within the period.
void add(std::vector<Segment>& segments, Segment stretch, Instant from, Instant to, const Period& period) {
    stretch.from = std::max(from, period.from);
    stretch.to = std::min(to, period.to);
    if (stretch.from >= stretch.to) return;
    if (!segments.empty() && segments.back().to == stretch.from && same_but_for_time(segments.back(), stretch))
        segments.back().to = stretch.to;
    else
        segments.push_back(stretch);
}

bool overlaps(const std::vector<Segment>& segments, Instant from, Instant to) {
    return std::any_of(segments.begin(), segments.end(),
                       [&](const Segment& segment) { return segment.from < to && from < segment.to; });
}

}  // namespace

std::vector<Segment> segments_of(const CheckTimeline& timeline, const Period& period) {
    std::vector<Segment> segments;
    Counters counters{};
    State by_evidence = State::missing;
    Instant since = Instant::min();
    for (const Event& event : events_of(timeline)) {
        if (event.at >= period.to) break;
        if (event.at > since) {
            if (counters[in_force] > 0) add(segments, stretch_of(by_evidence, counters), since, event.at, period);
            since = event.at;
        }
        if (event.state) by_evidence = *event.state;
        counters[event.counter] += event.step;
    }
    if (counters[in_force] > 0) add(segments, stretch_of(by_evidence, counters), since, period.to, period);
    return segments;
}

CheckOverPeriod over_period(const CheckTimeline& timeline, const Period& period) {
    CheckOverPeriod over{timeline.check, segments_of(timeline, period), {}, {}};
    for (const FindingSpan& finding : timeline.findings)
        if (overlaps(over.segments, finding.opened, finding.closed.value_or(Instant::max())))
            over.findings.push_back(finding);
    std::vector<Segment> waived;
    for (const Segment& segment : over.segments)
        if (segment.state == State::waived) waived.push_back(segment);
    for (const Waiver& waiver : timeline.waivers)
        if (names_host(waiver, timeline) && overlaps(waived, waiver.from, waiver.until) &&
            std::find(over.waivers.begin(), over.waivers.end(), waiver.id) == over.waivers.end())
            over.waivers.push_back(waiver.id);
    return over;
}

}  // namespace annexa::policies
