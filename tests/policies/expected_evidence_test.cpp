// The catalogue of expected evidence: complete, and refused by name where a member is not as it should be.
#include "policies/expected_evidence.hpp"

#include "evidence/errors.hpp"
#include "policies/catalogue.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <set>

using namespace annexa;
using namespace annexa::policies;
using nlohmann::json;

namespace {

/// The shipped catalogue as JSON, to be damaged.
json shipped() {
    json controls = json::array();
    for (const Control& control : annex_a()) {
        const ExpectedEvidence& expected = expected_evidence().at(control.id);
        json served = json::array();
        for (const ServingSource& source : expected.served_by)
            served.push_back({{"kind", name(source.kind)}, {"source", source.source}, {"what", source.what}});
        controls.push_back(
            {{"id", control.id},
             {"rule", {{"what", expected.rule.what}, {"period_days", expected.rule.period.count()}}},
             {"record", {{"what", expected.record.what}, {"period_days", expected.record.period.count()}}},
             {"holder", expected.holder},
             {"served_by", served}});
    }
    return controls;
}

std::string problem_of(const json& controls) {
    try {
        load_expected_evidence(controls.dump());
    } catch (const evidence::error& problem) {
        return problem.what();
    }
    return {};
}

}  // namespace

TEST_CASE("each of the 93 controls has a rule, a record with its period, and somebody who has them") {
    REQUIRE(expected_evidence().size() == 93);
    std::set<std::string> texts;
    for (const Control& control : annex_a()) {
        INFO(control.id);
        const ExpectedEvidence& expected = expected_evidence().at(control.id);
        CHECK(expected.control == control.id);
        CHECK(expected.rule.what.size() > 20);
        CHECK(expected.record.what.size() > 20);
        CHECK_FALSE(expected.holder.empty());
        // Reviewed at least every second year; records from monthly to every second year.
        CHECK(expected.rule.period >= std::chrono::days{180});
        CHECK(expected.rule.period <= std::chrono::days{732});
        CHECK(expected.record.period >= std::chrono::days{28});
        CHECK(expected.record.period <= std::chrono::days{732});
        // Nobody is told the same of two controls.
        CHECK(texts.insert(expected.rule.what).second);
        CHECK(texts.insert(expected.record.what).second);
        if (control.evidence == EvidenceKind::central) CHECK_FALSE(expected.served_by.empty());
    }
}

TEST_CASE("the shipped catalogue reads back as it is") { CHECK(problem_of(shipped()).empty()); }

TEST_CASE("a damaged catalogue is refused with the place") {
    const auto damaged = [](auto&& damage) {
        json controls = shipped();
        damage(controls);
        return problem_of(controls);
    };
    using Catch::Matchers::Contains;
    CHECK_THAT(damaged([](json& c) { c.erase(4); }), Contains("A.5.5: is missing"));
    CHECK_THAT(damaged([](json& c) { c[1] = c[0]; }), Contains("A.5.1: stands there twice"));
    CHECK_THAT(damaged([](json& c) { c[0]["id"] = "A.9.9"; }), Contains("A.9.9: Annex A has no such control"));
    CHECK_THAT(damaged([](json& c) { c[0].erase("holder"); }), Contains("\"holder\" is missing"));
    CHECK_THAT(damaged([](json& c) { c[0]["holder"] = ""; }), Contains("A.5.1.holder"));
    CHECK_THAT(damaged([](json& c) { c[0]["more"] = 1; }), Contains("unknown member \"more\""));
    CHECK_THAT(damaged([](json& c) { c[0]["rule"].erase("what"); }),
               Contains("A.5.1.rule: member \"what\" is missing"));
    for (const json& days : {json(0), json(-1), json(4000), json(1.5), json("365")})
        CHECK_THAT(damaged([&](json& c) { c[0]["record"]["period_days"] = days; }),
                   Contains("A.5.1.record.period_days"));
    CHECK_THAT(damaged([](json& c) { c[0]["served_by"][0]["source"] = "gossip"; }),
               Contains("no records called gossip"));
    CHECK_THAT(damaged([](json& c) { c[0]["served_by"][0]["kind"] = "both"; }), Contains("rule or record, not both"));
    CHECK_THAT(damaged([](json& c) { c[2]["served_by"] = json::array(); }), Contains("A.5.3.served_by"));
    CHECK_THAT(problem_of(json::object()), Contains("expected an array"));
    CHECK_THAT(problem_of(json::array({1})), Contains("expected an object"));
    CHECK_THROWS_AS(load_expected_evidence("["), evidence::error);
}
