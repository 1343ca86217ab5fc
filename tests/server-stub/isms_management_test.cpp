// Steps 3 and 4: documents with their approval and acknowledgement, the programme and the objectives.
#include "server-stub/isms/acknowledgements.hpp"
#include "server-stub/isms/overview.hpp"
#include "tests/server-stub/isms_server.hpp"
#include "tests/server-stub/next_commands.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace annexa::store::test {
namespace {

using nlohmann::json;

json policy() {
    return {{"title", "Information security policy"},
            {"type", "information_security_policy"},
            {"label", "1.0"},
            {"text", "We keep what we are trusted with."},
            {"rule_for", {"A.5.1"}},
            {"binds_everybody", true}};
}

json acknowledgement(const IsmsSite& site, const std::string& document, const std::string& person) {
    const isms::Register records = site.records();
    const isms::Version& version = records.find(document)->last();
    return {{"title", "Read"},
            {"document", document},
            {"version", version.version},
            {"person", person},
            {"way", "on_paper"},
            {"date", "2020-01-01"},
            {"document_digest", version.digest.hex()}};
}

}  // namespace

TEST_CASE("an information security policy that lacks what it must say is a gap, by name, until it says it") {
    IsmsSite site;
    json text = policy();
    site.write(site.ada, IsmsSite::added("document", text));
    const std::vector<isms::Gap> gaps = gaps_with_commands(site.records(), site.facts());
    for (const char* words :
         {"its scope", "objectives", "commitment", "roles", "approach to risk", "enforced", "incidents", "reviewed"}) {
        INFO(words);
        CHECK(lists(gaps, 3, std::string{"does not say "}));
        CHECK(std::any_of(gaps.begin(), gaps.end(), [&](const isms::Gap& gap) {
            return gap.record == "R-0001" && gap.clause == "5.2" && gap.sentence.find(words) != std::string::npos;
        }));
    }
    CHECK(lists(gaps, 4, "is not approved"));
    text["says"] = {"scope",         "objectives",  "commitment",        "roles",
                    "risk_approach", "enforcement", "incident_handling", "review"};
    site.write(site.ada, IsmsSite::changed("R-0001", 1, text));
    CHECK_FALSE(lists(gaps_with_commands(site.records(), site.facts()), 3, "does not say"));
}

TEST_CASE("there is one information security policy, and a document is a text or a file") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("document", policy()));
    json second = policy();
    second["title"] = "Another";
    CHECK(refusal_of([&] { site.write(site.ada, IsmsSite::added("document", second)); }).second.find("R-0001") !=
          std::string::npos);
    second["type"] = "policy";
    second["file_digest"] = std::string(64, 'a');
    CHECK(refusal_of([&] { site.write(site.ada, IsmsSite::added("document", second)); }).second.find("file_digest") !=
          std::string::npos);
    site.write(site.ada, IsmsSite::added("document", {{"title", "Empty"}, {"type", "procedure"}}));
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 3, "neither a text nor a file"));
}

TEST_CASE("a clause's documented information is missing until a document that is the rule for it is approved") {
    IsmsSite site;
    const std::string words = "how internal audits are planned";
    site.write(site.ada, IsmsSite::added("document", {{"title", "Audit procedure"},
                                                      {"type", "procedure"},
                                                      {"rule_for", {"9.2.2"}},
                                                      {"text", "Once a year."}}));
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 9, words));
    site.judge(site.bob, "R-0001");
    CHECK_FALSE(lists(gaps_with_commands(site.records(), site.facts()), 9, words));
}

TEST_CASE("who is bound acknowledges the exact approved version; a new one is acknowledged anew") {
    IsmsSite site;
    site.write_all(site.ada, {IsmsSite::added("document", policy(), "policy"),
                              IsmsSite::added("person", {{"title", "Grace"}}, "grace"),
                              IsmsSite::added("person", {{"title", "Linus"}, {"left", "2019-01-01"}}, "linus")});
    const isms::Register before = site.records();
    CHECK(isms::acknowledgements(*before.find("R-0001"), before, "2026-01-01").lacking.empty());
    site.judge(site.bob, "R-0001");
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 3, "1 of 1 whom it binds"));

    json wrong = acknowledgement(site, "R-0001", "R-0002");
    wrong["document_digest"] = std::string(64, '0');
    CHECK(refusal_of([&] {
              site.write(site.ada, IsmsSite::added("acknowledgement", wrong));
          }).second.find("not the digest of version 1") != std::string::npos);
    wrong = acknowledgement(site, "R-0001", "R-0002");
    wrong["version"] = 7;
    CHECK(refusal_of([&] {
              site.write(site.ada, IsmsSite::added("acknowledgement", wrong));
          }).second.find("no version 7") != std::string::npos);

    site.write(site.ada, IsmsSite::added("acknowledgement", acknowledgement(site, "R-0001", "R-0002")));
    CHECK_FALSE(lists(gaps_with_commands(site.records(), site.facts()), 3, "whom it binds"));
    CHECK(refusal_of([&] {
              site.write(site.ada, IsmsSite::added("acknowledgement", acknowledgement(site, "R-0001", "R-0002")));
          }).second.find("says so already") != std::string::npos);

    json later = policy();
    later["label"] = "1.1";
    site.write(site.ada, IsmsSite::changed("R-0001", 1, later));
    CHECK_FALSE(lists(gaps_with_commands(site.records(), site.facts()), 3, "whom it binds"));
    site.judge(site.bob, "R-0001");
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 3, "1 of 1 whom it binds"));
}

TEST_CASE("whoever has an account acknowledges for himself, even a reader, and nothing but the approved version") {
    IsmsServer server;
    const std::string reader = evidence::random_uuid();
    server.put(server.ada, "document", policy());
    const std::string draft = server.records().find("R-0001")->last().digest.hex();
    const auto acknowledge = [&](const std::string& digest) {
        return refusal_of([&] { server.act(reader, "R-0001", "acknowledge", {{"digest", digest}}, "reader"); });
    };
    CHECK(acknowledge(draft).second.find("of no person") != std::string::npos);
    server.put(server.ada, "person", {{"title", "Grace"}, {"account", reader}});
    CHECK(acknowledge(draft).second.find("not approved") != std::string::npos);
    server.judge(server.bob, "R-0001");
    CHECK(acknowledge(std::string(64, '0')).first == "stale");
    CHECK(lists(isms::gaps(server.records(), server.facts()), 3, "1 of 1 whom it binds"));
    CHECK(acknowledge(draft).first == "nothing");
    CHECK_FALSE(lists(isms::gaps(server.records(), server.facts()), 3, "whom it binds"));
    CHECK(server.records().find("R-0001")->versions.size() == 1);
    CHECK(server.members("R-0003").at("way") == "own_account");
    CHECK(acknowledge(draft).second.find("says so already") != std::string::npos);
    CHECK(refusal_of([&] { server.put(reader, "acknowledgement", server.members("R-0003"), "reader"); }).first ==
          "forbidden");
}

TEST_CASE("nobody acknowledges in another's name by account") {
    IsmsSite site;
    site.write_all(site.ada, {IsmsSite::added("document", policy(), "policy"),
                              IsmsSite::added("person", {{"title", "Bob"}, {"account", site.bob}}, "bob"),
                              IsmsSite::added("person", {{"title", "Carl"}}, "carl")});
    json own = acknowledgement(site, "R-0001", "R-0002");
    own["way"] = "own_account";
    const auto [code, sentence] = refusal_of([&] { site.write(site.ada, IsmsSite::added("acknowledgement", own)); });
    CHECK(code == "schema");
    CHECK(sentence.find("not the person's own") != std::string::npos);
    CHECK(site.write(site.bob, IsmsSite::added("acknowledgement", own)).created);
    own["person"] = "R-0003";
    CHECK(refusal_of([&] { site.write(site.bob, IsmsSite::added("acknowledgement", own)); }).first == "schema");
}

TEST_CASE("a role's holder and everybody in a unit and below it are bound by what binds the role or the unit") {
    IsmsSite site;
    site.write_all(
        site.ada,
        {IsmsSite::added("unit", {{"title", "Company"}}, "company"),
         IsmsSite::added("unit", {{"title", "IT"}, {"part_of", "$company"}}, "it"),
         IsmsSite::added("person", {{"title", "Grace"}, {"unit", "$it"}}, "grace"),
         IsmsSite::added("person", {{"title", "Carl"}}, "carl"), IsmsSite::added("person", {{"title", "Dora"}}, "dora"),
         IsmsSite::added("role", {{"title", "Officer"}, {"holder", "$carl"}}, "officer"),
         IsmsSite::added(
             "document",
             {{"title", "Rules"}, {"type", "policy"}, {"text", "x"}, {"audience", {"$company", "$officer"}}},
             "rules")});
    site.judge(site.bob, "R-0007");
    const isms::Register records = site.records();
    CHECK(isms::acknowledgements(*records.find("R-0007"), records, "2026-01-01").lacking ==
          std::vector<std::string>{"R-0003", "R-0004"});
}

TEST_CASE("a milestone is due until it is done, and nothing is done in the future") {
    IsmsSite site;
    json programme{{"title", "Programme"},
                   {"milestones", {{{"title", "Scope approved"}, {"due", "2020-01-01"}, {"step", 1}}}}};
    site.write(site.ada, IsmsSite::added("programme", programme));
    const auto is_due = [&] {
        const std::vector<isms::Due> due = isms::due(site.records(), site.facts(), 30);
        return std::any_of(due.begin(), due.end(), [](const isms::Due& one) { return one.date == "2020-01-01"; });
    };
    CHECK(is_due());
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 4, "milestone Scope approved was due"));
    programme["milestones"][0]["done"] = "2120-01-01";
    CHECK(refusal_of([&] { site.write(site.ada, IsmsSite::changed("R-0001", 1, programme)); }).second.find("future") !=
          std::string::npos);
    programme["milestones"][0]["done"] = "2020-02-01";
    site.write(site.ada, IsmsSite::changed("R-0001", 1, programme));
    CHECK_FALSE(is_due());
    CHECK_FALSE(lists(gaps_with_commands(site.records(), site.facts()), 4, "was due"));
}

TEST_CASE("a concern is answered before it is answered on a date; there is one programme") {
    IsmsSite site;
    json programme{{"title", "Programme"}, {"concerns", {{{"concern", "Too dear"}, {"answered", "2020-01-01"}}}}};
    CHECK(refusal_of([&] { site.write(site.ada, IsmsSite::added("programme", programme)); }).second.find("answer") !=
          std::string::npos);
    programme["concerns"][0].erase("answered");
    site.write(site.ada, IsmsSite::added("programme", programme));
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 4, "concern is not answered"));
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 4, "Top management has not approved"));
    programme["title"] = "Second";
    CHECK(refusal_of([&] { site.write(site.ada, IsmsSite::added("programme", programme)); }).first == "schema");
}

TEST_CASE("an objective that live data measure lacks no metric; one that nothing measures does") {
    IsmsSite site;
    const std::string words = "it has no metric";
    site.write(site.ada, IsmsSite::added("objective", {{"title", "Fewer findings"}}));
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 4, words));
    site.write(site.ada, IsmsSite::changed("R-0001", 1, {{"title", "Fewer findings"}, {"live", "findings_overdue"}}));
    CHECK_FALSE(lists(gaps_with_commands(site.records(), site.facts()), 4, words));
}

TEST_CASE("an objective is reached only where its last measurement reaches the target") {
    IsmsSite site;
    json objective{{"title", "Fewer overdue findings"},
                   {"metric", "overdue findings"},
                   {"direction", "at_most"},
                   {"target", 3},
                   {"state", "reached"}};
    CHECK(refusal_of([&] {
              site.write(site.ada, IsmsSite::added("objective", objective));
          }).second.find("a measurement") != std::string::npos);
    objective["measurements"] = {{{"date", "2020-03-01"}, {"value", 5}}, {{"date", "2020-01-01"}, {"value", 2}}};
    CHECK(refusal_of([&] {
              site.write(site.ada, IsmsSite::added("objective", objective));
          }).second.find("2020-03-01, does not reach") != std::string::npos);
    objective["measurements"].push_back({{"date", "2020-04-01"}, {"value", 3}});
    CHECK(site.write(site.ada, IsmsSite::added("objective", objective)).created);
    objective["state"] = "dropped";
    CHECK(refusal_of([&] { site.write(site.ada, IsmsSite::changed("R-0001", 1, objective)); }).second.find("reason") !=
          std::string::npos);
    objective["state"] = "open";
    objective["measurements"].push_back({{"date", "2120-04-01"}, {"value", 3}});
    CHECK(refusal_of([&] { site.write(site.ada, IsmsSite::changed("R-0001", 1, objective)); }).second.find("future") !=
          std::string::npos);
}

TEST_CASE(
    "an objective with a live metric is measured in the evidence of hosts, and what is unknown counts as no pass") {
    IsmsServer server;
    const auto refused = [&](const json& members) {
        return refusal_of([&] { server.put(server.ada, "objective", members); }).second;
    };
    CHECK(refused({{"title", "Short-lived passwords"}, {"live", "hosts_passing_percent"}}).find("of one check") !=
          std::string::npos);
    const std::string id = server
                               .put(server.ada, "objective",
                                    {{"title", "Short-lived passwords"},
                                     {"live", "hosts_passing_percent"},
                                     {"check", "password-age-default"},
                                     {"direction", "at_least"},
                                     {"target", 100}})
                               .id;
    CHECK(refusal_of([&] { server.act(server.ada, id, "measure"); }).second.find("nothing to measure") !=
          std::string::npos);
    ReportingHost good{server, "good"};
    ReportingHost bad{server, "bad"};
    const ReportingHost silent{server, "silent"};
    good.report("90");
    bad.report("99999");
    const auto measured = [&](const std::string& live) {
        server.set(server.ada, id, {{"live", live}});
        server.act(server.ada, id, "measure");
        return server.members(id).at("measured").back().at("value").get<double>();
    };
    CHECK(measured("hosts_passing_percent") == Approx(100.0 / 3));
    CHECK(measured("findings_open") == 1);
    CHECK(measured("findings_overdue") == 1);     // this check allows no time
    CHECK(measured("hosts_fresh_percent") == 0);  // each was told of one collector alone
    CHECK(measured("controls_effective") == 0);
    CHECK(measured("controls_not_effective") >= 0);
    CHECK(refusal_of([&] {
              server.set(server.ada, id, {{"live", "hosts_passing_percent"}, {"state", "reached"}});
          }).second.find("does not reach") != std::string::npos);
    bad.report("30");
    CHECK(measured("hosts_passing_percent") == Approx(200.0 / 3));
    const json before = server.members(id).at("measured");
    server.set(server.ada, id, {{"measured", json::array()}});
    CHECK(server.members(id).at("measured") == before);  // the server alone writes it
}

TEST_CASE("an objective without target, date, owner, plan and measurement is so many gaps") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("objective", {{"title", "Safer"}}));
    const std::vector<isms::Gap> gaps = gaps_with_commands(site.records(), site.facts());
    for (const char* words : {"no metric", "no target", "what is done", "answerable", "no date", "how the result",
                              "never measured", "not approved"}) {
        INFO(words);
        CHECK(lists(gaps, 4, words));
    }
}

TEST_CASE("an approved document is the rule for its controls until its next review, and a draft stands for nothing") {
    IsmsSite site;
    json text = policy();
    text["next_review"] = "2099-12-31";
    text["rule_for"] = {"A.5.1", "A.5.10", "5.2"};
    site.write(site.ada, IsmsSite::added("document", text));
    const auto rule = [&](const std::string& control) {
        const policies::StatusInputs inputs = isms::status_inputs(site.records(), site.site.clock.now());
        for (const policies::RecordFact& fact : inputs.facts)
            if (fact.control == control && fact.kind == policies::RecordKind::rule) return fact;
        return policies::RecordFact{};
    };
    CHECK(rule("A.5.10").review == policies::Review::none);
    CHECK(rule("A.5.10").reference == "R-0001 version 1");
    site.judge(site.bob, "R-0001", false);
    CHECK(rule("A.5.10").review == policies::Review::rejected);
    site.judge(site.bob, "R-0001");
    CHECK(rule("A.5.10").review == policies::Review::approved);
    REQUIRE(rule("A.5.10").valid_until);
    CHECK(evidence::to_string(*rule("A.5.10").valid_until).starts_with("2100-01-01T00:00:00"));
    CHECK_FALSE(rule("A.5.10").single_person);

    // What somebody writes in later is not approved: neither the new control nor the later review.
    text["rule_for"] = {"A.5.1", "A.8.24"};
    text["next_review"] = "2199-12-31";
    site.write(site.ada, IsmsSite::changed("R-0001", 1, text));
    CHECK(rule("A.5.10").review == policies::Review::approved);
    CHECK(rule("A.8.24").reference.empty());
    CHECK(evidence::to_string(*rule("A.5.10").valid_until).starts_with("2100-01-01T00:00:00"));
}

TEST_CASE("a document without a text, and one of somebody else, is no rule") {
    IsmsSite site;
    site.write_all(
        site.ada,
        {IsmsSite::added("document", {{"title", "Empty"}, {"type", "policy"}, {"rule_for", {"A.5.10"}}}, "a"),
         IsmsSite::added("document", {{"title", "Law"}, {"type", "external"}, {"text", "x"}, {"rule_for", {"A.5.10"}}},
                         "b")});
    site.judge(site.bob, "R-0001");
    site.judge(site.bob, "R-0002");
    CHECK(isms::status_inputs(site.records(), site.site.clock.now()).facts.empty());
}

TEST_CASE("the policy counts as lived once all whom it binds have acknowledged the approved version") {
    IsmsSite site;
    site.write_all(site.ada, {IsmsSite::added("document", policy(), "policy"),
                              IsmsSite::added("person", {{"title", "Grace"}}, "grace")});
    site.judge(site.bob, "R-0001");
    const auto lived = [&] {
        const policies::StatusInputs inputs = isms::status_inputs(site.records(), site.site.clock.now());
        for (const policies::RecordFact& fact : inputs.facts)
            if (fact.control == "A.5.1" && fact.kind == policies::RecordKind::operation) return fact.review;
        return policies::Review::rejected;
    };
    CHECK(lived() == policies::Review::none);
    site.write(site.ada, IsmsSite::added("acknowledgement", acknowledgement(site, "R-0001", "R-0002")));
    CHECK(lived() == policies::Review::approved);
    site.write(site.ada, IsmsSite::added("person", {{"title", "New"}}));
    CHECK(lived() == policies::Review::none);
}

TEST_CASE("a register of roles serves its control once each role is filled and approved, and says who approved alone") {
    IsmsSite site;
    site.write_all(
        site.ada,
        {IsmsSite::added("person", {{"title", "Grace"}}, "grace"),
         IsmsSite::added("person", {{"title", "Dora"}}, "dora"),
         IsmsSite::added("role",
                         {{"title", "Officer"}, {"holder", "$grace"}, {"deputy", "$dora"}, {"appointed_by", "$dora"}},
                         "officer"),
         IsmsSite::added("role", {{"title", "Auditor"}}, "auditor")});
    const auto fact = [&] {
        const policies::StatusInputs inputs = isms::status_inputs(site.records(), site.site.clock.now());
        REQUIRE(inputs.facts.size() == 1);
        CHECK(inputs.facts.front().control == "A.5.2");
        return inputs.facts.front();
    };
    site.judge(site.bob, "R-0003");
    const Instant first = site.site.clock.now();
    site.judge(site.bob, "R-0004");
    CHECK(fact().review == policies::Review::none);  // one has no holder
    site.approvers = 1;
    site.write(site.ada,
               IsmsSite::changed(
                   "R-0004", 1,
                   {{"title", "Auditor"}, {"holder", "R-0002"}, {"deputy", "R-0001"}, {"appointed_by", "R-0001"}}));
    CHECK(fact().review == policies::Review::none);  // what was approved is the empty one
    CHECK(site.judge(site.ada, "R-0004").single_person);
    CHECK(fact().review == policies::Review::approved);
    CHECK(fact().single_person);
    CHECK(fact().produced_at == first);
}

}  // namespace annexa::store::test
