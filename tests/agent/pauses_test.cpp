// A collector that breaks its limits rests, and only then.
#include "agent/pauses.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::agent;
using evidence::Reason;
using std::chrono::hours;

namespace {

const evidence::Instant noon = evidence::parse_instant("2026-11-30T12:00:00.000Z");

Collected failed(const std::string& collector, Reason reason) { return failed_result(collector, 1, reason, "", noon); }

Collected fine(const std::string& collector) {
    Collected result;
    result.collector = collector;
    return result;
}

}  // namespace

TEST_CASE("pauses: three breaches in a row bring a day of rest, and it is said why") {
    for (const Reason reason : {Reason::timed_out, Reason::out_of_memory, Reason::output_too_large}) {
        Pauses pauses;
        pauses.note(failed("slow", reason), noon);
        pauses.note(failed("slow", reason), noon);
        CHECK_FALSE(pauses.until("slow", noon));
        CHECK(pauses.names(noon).empty());
        pauses.note(failed("slow", reason), noon);
        CHECK(pauses.until("slow", noon) == noon + hours{24});
        CHECK_FALSE(pauses.until("other", noon));
        CHECK(pauses.names(noon) == "slow");
        const Collected said = pauses.result("slow", 7, noon + hours{1});
        CHECK(said.status == evidence::Status::error);
        CHECK(said.reason == reason);
        CHECK(said.version == 7);
        CHECK(*said.message == "not run: it broke its limit 3 times in a row and rests until 2026-12-01T12:00:00.000Z");
        CHECK(pauses.until("slow", noon + hours{24} - std::chrono::milliseconds{1}));
        CHECK_FALSE(pauses.until("slow", noon + hours{24}));
    }
}

TEST_CASE("pauses: a run that ends well, or badly for another reason, begins the count anew") {
    for (const Collected& between :
         {fine("slow"), failed("slow", Reason::permission_denied), failed("slow", Reason::crashed)}) {
        Pauses pauses;
        pauses.note(failed("slow", Reason::timed_out), noon);
        pauses.note(failed("slow", Reason::timed_out), noon);
        pauses.note(between, noon);
        pauses.note(failed("slow", Reason::timed_out), noon);
        CHECK_FALSE(pauses.until("slow", noon));
    }
}

TEST_CASE("pauses: after its rest it has three tries again") {
    Pauses pauses;
    for (int i = 0; i < 3; ++i) pauses.note(failed("slow", Reason::timed_out), noon);
    const evidence::Instant later = noon + hours{25};
    pauses.note(failed("slow", Reason::timed_out), later);
    CHECK_FALSE(pauses.until("slow", later));
    for (int i = 0; i < 2; ++i) pauses.note(failed("slow", Reason::timed_out), later);
    CHECK(pauses.until("slow", later) == later + hours{24});
}

TEST_CASE("pauses: a clock that is set back makes no pause longer") {
    Pauses pauses;
    for (int i = 0; i < 3; ++i) pauses.note(failed("slow", Reason::timed_out), noon);
    CHECK_FALSE(pauses.until("slow", noon - hours{1}));
}
