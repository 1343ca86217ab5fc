#include "agent/scheduler.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace annexa;
using namespace annexa::agent;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

namespace {

const evidence::Instant now = evidence::parse_instant("2026-11-24T22:17:00Z");

}  // namespace

TEST_CASE("scheduler: the offset is the host's own, stable, and within the splay") {
    const Configuration configuration;
    std::set<milliseconds> offsets;
    for (int i = 0; i < 50; ++i) {
        const std::string host = "host-" + std::to_string(i);
        const CollectorTimes times = times_of({"users", false}, configuration, host);
        CHECK(times.every == hours{1});
        CHECK(times.offset >= milliseconds{0});
        CHECK(times.offset <= minutes{10});
        CHECK(times_of({"shadow", false}, configuration, host).offset == times.offset);  // one statement for all
        CHECK(times_of({"users", false}, configuration, host).offset == times.offset);
        offsets.insert(times.offset);
    }
    CHECK(offsets.size() > 40);
}

TEST_CASE("scheduler: deep collectors run once a day unless the configuration says otherwise") {
    Configuration configuration;
    CHECK(times_of({"package_integrity", true}, configuration, "h").every == hours{24});
    configuration.collector_schedule["package_integrity"].every = hours{2};
    CHECK(times_of({"package_integrity", true}, configuration, "h").every == hours{2});
    CHECK(times_of({"package_integrity", true}, configuration, "h").offset <= hours{2});
    configuration.collector_schedule["users"] = {minutes{15}, std::chrono::seconds{0}};
    CHECK(times_of({"users", false}, configuration, "h").every == minutes{15});
    CHECK(times_of({"users", false}, configuration, "h").offset == milliseconds{0});
}

TEST_CASE("scheduler: due at once, then at each of its times, and once for all that were missed") {
    const CollectorTimes times{hours{1}, minutes{7}};
    CHECK(is_due(times, std::nullopt, now));
    const evidence::Instant ran = evidence::parse_instant("2026-11-24T22:07:00.500Z");
    CHECK_FALSE(is_due(times, ran, now));
    CHECK(next_time(times, now) == evidence::parse_instant("2026-11-24T23:07:00Z"));
    CHECK_FALSE(is_due(times, ran, evidence::parse_instant("2026-11-24T23:06:59.999Z")));
    CHECK(is_due(times, ran, evidence::parse_instant("2026-11-24T23:07:00Z")));
    const evidence::Instant days_later = now + hours{72};
    CHECK(is_due(times, ran, days_later));
    CHECK_FALSE(is_due(times, days_later, days_later));
}

TEST_CASE("scheduler: a run in the future does not silence a collector") {
    const CollectorTimes times{hours{24}, milliseconds{0}};
    CHECK(is_due(times, now + hours{48}, now));
    CHECK_FALSE(is_due(times, now + std::chrono::seconds{1}, now));  // a small step back is no reason
}

TEST_CASE("scheduler: the next time is always ahead") {
    for (const auto offset : {milliseconds{0}, milliseconds{1}, milliseconds{599'999}})
        for (int i = 0; i < 500; ++i) {
            const evidence::Instant at = now + std::chrono::seconds{37 * i};
            const CollectorTimes times{minutes{15}, offset};
            const evidence::Instant next = next_time(times, at);
            CHECK(next > at);
            CHECK(next - at <= minutes{15});
            CHECK_FALSE(is_due(times, at, at));
            CHECK(is_due(times, at, next));
        }
}
