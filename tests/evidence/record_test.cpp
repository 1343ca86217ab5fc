#include "evidence/record.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace annexa::evidence;
using nlohmann::json;

namespace {

const Instant noon = parse_instant("2026-11-24T12:00:00.000Z");
const char* const host_id = "2b1e7f0a-7c1d-4d0a-9a3e-0c5d1f2e3a4b";

PublicKey key(char seed) { return PrivateKey::from_seed(std::string(32, seed)).public_key(); }

EnrolmentRecord enrolment() {
    return {.origin = "annexa/x",
            .host_id = host_id,
            .host_name = "web-1",
            .key = key('a'),
            .tls_key_id = sha256("tls"),
            .machine = sha256("machine"),
            .record_key = key('b'),
            .recovery_key = key('c'),
            .replaces = EnrolmentRecord::Replaces{sha256("old"), 12, sha256("head")},
            .made_at = noon};
}

template <typename Parse>
std::string problem(Parse parse, const json& value) {
    try {
        parse(canonical_json(value));
        return "";
    } catch (const coded_error& refused) {
        return refused.code() + " " + refused.what();
    }
}

}  // namespace

TEST_CASE("records read back as they were") {
    EnrolmentRecord record = enrolment();
    CHECK(parse_enrolment_record(serialise(record)) == record);
    record.machine.reset();
    record.replaces.reset();
    CHECK(parse_enrolment_record(serialise(record)) == record);

    const MarkRecord mark{"annexa/x", noon};
    CHECK(parse_mark_record(serialise(mark)) == mark);
    CHECK(
        serialise(mark) ==
        R"({"_type":"https://in-toto.io/Statement/v1","predicate":{"made_at":"2026-11-24T12:00:00.000Z","origin":"annexa/x"},)"
        R"("predicateType":"https://annexa.example/mark/v1","subject":[{"digest":{"sha256":)"
        R"("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},"name":"record:mark"}]})");

    PolicyRecord policy{sha256("pack"),          "linux-baseline",   "2026.11.0",    R"({"password_max_days":90})",
                        {{"ssh-root-login", 2}}, {{"ssh-macs", 86400}}, sha256("document"), {"a-1", "s-1"}, noon};
    CHECK(parse_policy_record(serialise(policy)) == policy);
    policy.tolerances.clear();
    policy.fix_within.clear();
    CHECK(serialise(policy).find("fix_within") == std::string::npos);
    policy.document.reset();
    policy.parameters = "{}";
    CHECK(parse_policy_record(serialise(policy)) == policy);

    const DecisionRecord waiver{"waiver", sha256("text"), host_id, "approved", {"a-1", "s-1"}, noon};
    CHECK(parse_decision_record(serialise(waiver)) == waiver);
    const DecisionRecord acknowledgement{"acknowledgement", sha256("text"), host_id,
                                         "acknowledged",    {"a-1", "s-1"}, noon};
    CHECK(parse_decision_record(serialise(acknowledgement)) == acknowledgement);
    const DecisionRecord written{"record", sha256("text"), "R-0042", "written", {"a-1", "s-1"}, noon, 3};
    CHECK(parse_decision_record(serialise(written)) == written);
    const DecisionRecord approved{"approval", sha256("text"), "R-10042", "approved", {"a-1", "s-1"}, noon, 1};
    CHECK(parse_decision_record(serialise(approved)) == approved);
    const DecisionRecord erased{"deletion", sha256("text"), "R-0042", "erased", {"a-1", "s-1"}, noon};
    CHECK(parse_decision_record(serialise(erased)) == erased);

    RevocationRecord revocation{sha256("enrolment"), host_id, sha256("key"), 17, {"a-1", "s-1"}, noon};
    CHECK(parse_revocation_record(serialise(revocation)) == revocation);
    revocation.compromised_since.reset();
    CHECK(parse_revocation_record(serialise(revocation)) == revocation);

    const RetirementRecord retirement{sha256("enrolment"), host_id, {"a-1", "s-1"}, noon};
    CHECK(parse_retirement_record(serialise(retirement)) == retirement);
}

TEST_CASE("every record is a record in general, and says its type") {
    const std::string payload = serialise(enrolment());
    const Record record = parse_record(payload);
    CHECK(record.kind == "enrolment");
    CHECK(record.subject == key('a').id());
    CHECK(serialise(record) == payload);
    CHECK(predicate_type_of(payload) == predicate::enrolment);
    const Record other{"https://elsewhere.example/thing/v3", "thing", sha256(""), R"({"a":[1]})"};
    CHECK(parse_record(serialise(other)) == other);
}

TEST_CASE("each key signs one kind of thing") {
    using namespace predicate;
    CHECK(may_sign(Signer::evidence_key, evidence));
    CHECK(may_sign(Signer::evidence_key, enrolment_request));
    CHECK(may_sign(Signer::evidence_key, renewal_request));
    for (const std::string_view type :
         {predicate::enrolment, mark, policy, waiver, acknowledgement, revocation, retirement}) {
        CHECK(may_sign(Signer::record_key, type));
        CHECK_FALSE(may_sign(Signer::evidence_key, type));
    }
    for (const std::string_view type : {evidence, enrolment_request, renewal_request})
        CHECK_FALSE(may_sign(Signer::record_key, type));
    CHECK_FALSE(may_sign(Signer::record_key, "https://annexa.example/anything/v1"));
}

TEST_CASE("a record of another type or with another subject is refused") {
    const std::string mark = serialise(MarkRecord{"annexa/x", noon});
    CHECK_THROWS_WITH(parse_enrolment_record(mark), Catch::Contains("predicateType"));
    json value = json::parse(serialise(enrolment()));
    value["subject"][0]["digest"]["sha256"] = sha256("another").hex();
    CHECK_THAT(problem(parse_enrolment_record, value), Catch::StartsWith("schema subject[0].digest"));
    value = json::parse(mark);
    value["subject"][0]["name"] = "record:march";
    CHECK_THAT(problem(parse_mark_record, value), Catch::StartsWith("schema subject"));
    value = json::parse(mark);
    value["subject"].push_back(value["subject"][0]);
    value["subject"][1]["name"] = "record:other";
    CHECK_THAT(problem(parse_mark_record, value), Catch::StartsWith("schema subject"));
    CHECK_THAT(problem(parse_record, value), Catch::StartsWith("schema subject"));
}

TEST_CASE("a record without a member, or with a wrong one, names it") {
    const auto names = GENERATE(as<std::string>{}, "origin", "host", "key", "tls_key_id", "machine", "record_key",
                                "recovery_key", "replaces", "made_at");
    json value = json::parse(serialise(enrolment()));
    value["predicate"].erase(names);
    CHECK_THAT(problem(parse_enrolment_record, value), Catch::StartsWith("schema predicate." + names));
    value["predicate"][names] = 1;
    CHECK_THAT(problem(parse_enrolment_record, value), Catch::StartsWith("schema predicate." + names));
}

TEST_CASE("a decision fits what is decided") {
    CHECK_THROWS_AS(serialise(DecisionRecord{"waiver", {}, host_id, "acknowledged", {"a", "s"}, noon}), error);
    CHECK_THROWS_AS(serialise(DecisionRecord{"holiday", {}, host_id, "approved", {"a", "s"}, noon}), error);
    json value = json::parse(serialise(DecisionRecord{"waiver", {}, host_id, "approved", {"a", "s"}, noon}));
    value["predicate"]["decision"] = "acknowledged";
    CHECK_THAT(problem(parse_decision_record, value), Catch::StartsWith("schema predicate.decision"));
}

TEST_CASE("a decision on a record names the record and its version, another names none") {
    CHECK_THROWS_AS(serialise(DecisionRecord{"record", {}, "R-0042", "written", {"a", "s"}, noon}), error);
    CHECK_THROWS_AS(serialise(DecisionRecord{"deletion", {}, "R-0042", "erased", {"a", "s"}, noon, 2}), error);
    json value = json::parse(serialise(DecisionRecord{"record", {}, "R-0042", "written", {"a", "s"}, noon, 2}));
    for (const char* id : {"R-42", "R-00042", "R-004x", "r-0042", "R-0042 ", "R-1234567890123"}) {
        INFO(id);
        value["predicate"]["id"] = id;
        CHECK_THAT(problem(parse_decision_record, value), Catch::StartsWith("schema predicate.id"));
    }
    value["predicate"]["id"] = "R-0042";
    value["predicate"]["version"] = 0;
    CHECK_THAT(problem(parse_decision_record, value), Catch::StartsWith("schema predicate.version"));
}

TEST_CASE("unknown members of a record pass") {
    json value = json::parse(serialise(enrolment()));
    value["predicate"]["colour"] = "red";
    CHECK(parse_enrolment_record(canonical_json(value)) == enrolment());
}
