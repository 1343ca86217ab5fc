// One case for each line of the table of records (policy.md, Status of a control), and what a fact is worth.
#include "policies/records.hpp"
#include "tests/policies/support.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::policies;
using policies::testing::at;
using std::chrono::days;

namespace {

const evidence::Instant now = at("2026-11-24T00:00:00Z");
const ExpectedEvidence expected{"A.8.5", {"rules on logging in", days{365}}, {"a review of logins", days{90}}, "", {}};

RecordFact fact(RecordKind kind, Review review, days age) {
    RecordFact fact;
    fact.control = "A.8.5";
    fact.kind = kind;
    fact.review = review;
    fact.produced_at = now - age;
    fact.reviewed_at = now - age;
    return fact;
}

RecordsStatus status(std::vector<RecordFact> facts) { return records_status(expected, facts, now); }

const RecordFact rule = fact(RecordKind::rule, Review::approved, days{300});
const RecordFact record = fact(RecordKind::operation, Review::approved, days{30});
const RecordFact old_rule = fact(RecordKind::rule, Review::approved, days{400});
const RecordFact old_record = fact(RecordKind::operation, Review::approved, days{100});
const RecordFact draft = fact(RecordKind::operation, Review::none, days{1});

}  // namespace

TEST_CASE("records rejected: a reviewer rejected what there is") {
    CHECK(status({fact(RecordKind::operation, Review::rejected, days{5})}) == RecordsStatus::rejected);
    CHECK(status({rule, record, fact(RecordKind::operation, Review::rejected, days{5})}) == RecordsStatus::rejected);
    CHECK(status({rule, record, fact(RecordKind::rule, Review::rejected, days{5})}) == RecordsStatus::rejected);
}

TEST_CASE("a rejection stands until something of the same kind was approved later") {
    CHECK(status({rule, record, fact(RecordKind::operation, Review::rejected, days{31})}) == RecordsStatus::accepted);
    CHECK(status({rule, record, fact(RecordKind::operation, Review::rejected, days{30})}) == RecordsStatus::rejected);
    // An approved rule outdoes no rejected record.
    CHECK(status({fact(RecordKind::rule, Review::approved, days{1}),
                  fact(RecordKind::operation, Review::rejected, days{5})}) == RecordsStatus::rejected);
    RecordFact undated = fact(RecordKind::operation, Review::rejected, days{31});
    undated.reviewed_at.reset();
    CHECK(status({rule, record, undated}) == RecordsStatus::rejected);
}

TEST_CASE("records accepted: every kind expected is there, approved, in date") {
    CHECK(status({rule, record}) == RecordsStatus::accepted);
    CHECK(status({record, rule, old_record, draft}) == RecordsStatus::accepted);
}

TEST_CASE("records expired: what there is is past its review or period") {
    CHECK(status({rule, old_record}) == RecordsStatus::expired);
    CHECK(status({old_rule, record}) == RecordsStatus::expired);
    CHECK(status({old_record}) == RecordsStatus::expired);
    CHECK(status({rule, old_record, draft}) == RecordsStatus::expired);
}

TEST_CASE("records partial: not every kind expected, or not yet approved") {
    CHECK(status({rule}) == RecordsStatus::partial);
    CHECK(status({record}) == RecordsStatus::partial);
    CHECK(status({rule, draft}) == RecordsStatus::partial);
    CHECK(status({draft}) == RecordsStatus::partial);
}

TEST_CASE("records missing: nothing") {
    CHECK(status({}) == RecordsStatus::missing);
    RecordFact other = record;
    other.control = "A.8.6";
    CHECK(status({other}) == RecordsStatus::missing);
}

TEST_CASE("a fact is in date until its own end or the catalogue's period, whichever is first") {
    CHECK(in_date_until(record, expected) == *record.produced_at + days{90});
    RecordFact shorter = record;
    shorter.valid_until = now - days{1};
    CHECK(in_date_until(shorter, expected) == now - days{1});
    CHECK(status({rule, shorter}) == RecordsStatus::expired);
    RecordFact longer = old_record;
    longer.valid_until = now + days{1000};
    CHECK(status({rule, longer}) == RecordsStatus::expired);
    RecordFact alone = record;
    alone.produced_at.reset();
    alone.valid_until = now + days{1};
    CHECK(status({rule, alone}) == RecordsStatus::accepted);
    // The end itself is no longer in date.
    alone.valid_until = now;
    CHECK(status({rule, alone}) == RecordsStatus::expired);
}

TEST_CASE("what carries no time is never in date, and what was produced later is not there yet") {
    RecordFact undated = record;
    undated.produced_at.reset();
    CHECK_FALSE(in_date_until(undated, expected));
    CHECK(status({rule, undated}) == RecordsStatus::partial);
    CHECK(status({rule, fact(RecordKind::operation, Review::approved, days{-1})}) == RecordsStatus::partial);
    CHECK(status({fact(RecordKind::operation, Review::rejected, days{-1})}) == RecordsStatus::missing);
}
