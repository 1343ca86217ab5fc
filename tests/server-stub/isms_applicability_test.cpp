// The Statement of Applicability: rows, what may be excluded, issues and what they do to the status; conclusions.
#include "server-stub/api/arguments.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/soa.hpp"
#include "tests/server-stub/isms_server.hpp"
#include "tests/server-stub/next_commands.hpp"

#include <catch2/catch.hpp>

namespace annexa::store::test {
namespace {

using nlohmann::json;

struct Sheet : IsmsServer {
    json row(const std::string& control, json more) {
        json members{{"title", control}, {"control", control}};
        members.update(more);
        return members;
    }
    std::string decide(const std::string& control, json more) {
        return put(ada, "applicability", row(control, more)).id;
    }
    std::string exclude(const std::string& control) {
        return decide(control, {{"applicable", false}, {"exclusion", "We do not do that."}});
    }
    std::string risk(const std::string& title) { return put(ada, "risk", {{"title", title}}).id; }
    std::vector<isms::Gap> gaps() { return gaps_with_commands(records(), live(ada)); }
    json soa(std::vector<std::pair<std::string, std::string>> query = {}) {
        Request request;
        request.query = std::move(query);
        return json::parse(get_soa(server(), request).body);
    }
    static const json& of(const json& sheet, const std::string& control) {
        for (const json& row : sheet.at("rows"))
            if (row.at("control") == control) return row;
        throw std::runtime_error("no row of " + control);
    }
    policies::StatusInputs inputs() { return isms::status_inputs(records(), site.clock.now()); }
};

}  // namespace

TEST_CASE("a control is excluded with a reason, and not while anything rests on it") {
    Sheet site;
    CHECK(refusal_of([&] {
              site.decide("A.8.30", {{"applicable", false}});
          }).second.find("with a reason") != std::string::npos);
    CHECK(site.exclude("A.8.30") != "");

    // A risk that counts on it, and a treatment that takes it.
    site.put(site.ada, "criteria",
             {{"title", "c"},
              {"likelihood_scale", {{{"value", 1}, {"label", "a"}}, {{"value", 2}, {"label", "b"}}}},
              {"impact_scale", {{{"value", 1}, {"label", "a"}}, {{"value", 2}, {"label", "b"}}}},
              {"level_function", "product"},
              {"acceptance_line", 1}});
    const std::string risk =
        site.put(site.ada, "risk", {{"title", "r"}, {"controls", {"A.8.13"}}, {"likelihood", 1}, {"impact", 2}}).id;
    CHECK(refusal_of([&] { site.exclude("A.8.13"); }).second.find(risk) != std::string::npos);
    const std::string treatment =
        site.put(site.ada, "treatment",
                 {{"title", "t"}, {"risk", risk}, {"option", "modify"}, {"controls", {"A.8.24"}}})
            .id;
    CHECK(refusal_of([&] { site.exclude("A.8.24"); }).second.find(treatment) != std::string::npos);
    CHECK(refusal_of([&] {
              site.decide("A.8.23", {{"applicable", false}, {"exclusion", "no"}, {"based_on", {risk}}});
          }).second.find("rests on " + risk) != std::string::npos);
    site.set(site.ada, risk, {{"state", "closed"}, {"closed_because", "gone"}});
    CHECK(site.exclude("A.8.13") != "");
    CHECK(site.exclude("A.8.24") != "");
}

TEST_CASE("a row is of a control that there is, one row a control, and stays its own") {
    Sheet site;
    CHECK(refusal_of([&] { site.decide("A.8.99", json::object()); }).second.find("no control A.8.99") !=
          std::string::npos);
    const std::string own = site.decide("X.1", {{"applicable", true}, {"description", "Badges at the gate"}});
    CHECK(refusal_of([&] { site.decide("X.1", json::object()); }).second.find(own) != std::string::npos);
    CHECK(refusal_of([&] {
              site.set(site.ada, own, {{"control", "X.2"}});
          }).second.find("stays that of") != std::string::npos);
    CHECK(refusal_of([&] {
              site.set(site.ada, own, {{"exclusion", "no"}});
          }).second.find("not excluded") != std::string::npos);
}

TEST_CASE("good practice alone is a gap, undecided controls are one line, and what is planned has a day") {
    Sheet site;
    CHECK(has_gap(site.gaps(), "", "93 of the 93 controls"));
    const std::string row =
        site.decide("A.8.5", {{"applicable", true}, {"ground", {"good_practice"}}, {"implementation", "planned"}});
    const std::vector<isms::Gap> gaps = site.gaps();
    CHECK(has_gap(gaps, "", "92 of the 93 controls"));
    CHECK(has_gap(gaps, row, "good practice alone"));
    CHECK(has_gap(gaps, row, "by when is not said"));
    const std::string rests_on = site.risk("Guessed passwords");
    site.set(site.ada, row,
             {{"ground", {"good_practice", "risk"}},
              {"based_on", {rests_on}},
              {"implementation", "fully"},
              {"how", "Keys only"}});
    CHECK_FALSE(has_gap(site.gaps(), row, ""));
}

TEST_CASE("the sheet has a row for each of the 93 controls, then one's own, whether or not anything is decided") {
    Sheet site;
    const json empty = site.soa();
    CHECK(empty.at("rows").size() == 93);
    CHECK(empty.at("undecided") == 93);
    CHECK(empty.at("organization") == "Example Ltd");
    CHECK(empty.at("statement").is_null());
    CHECK(Sheet::of(empty, "A.5.1").at("applicable").is_null());
    CHECK(Sheet::of(empty, "A.5.1").at("indication").at("status") == "not_assessed");
    const std::string grace = site.put(site.ada, "person", {{"title", "Grace"}}).id;
    const std::string rests_on = site.risk("Guessed passwords");
    site.decide("A.8.5", {{"applicable", true}, {"ground", {"risk"}}, {"based_on", {rests_on}}, {"owner", grace}});
    site.decide("X.1", {{"applicable", true}});
    const json sheet = site.soa();
    CHECK(sheet.at("rows").size() == 94);
    CHECK(sheet.at("rows")[93].at("control") == "X.1");
    CHECK(sheet.at("rows")[93].at("own") == true);
    const json& row = Sheet::of(sheet, "A.8.5");
    CHECK(row.at("owner_name") == "Grace");
    CHECK(row.at("based_on")[0] == json{{"id", rests_on}, {"kind", "risk"}, {"title", "Guessed passwords"}});
    CHECK(row.at("indication").at("coverage").at("in_scope") == 0);
    for (const char* name :
         {"theme", "ground", "justification", "exclusion", "implementation", "how", "links", "evidence",
          "newest_evidence", "conclusion", "conclusions", "waivers", "next_review", "planned_until"})
        CHECK(row.contains(name));
}

TEST_CASE("what is drafted excludes nothing; the approved issue does, until a newer one is approved") {
    Sheet site;
    const std::string row = site.exclude("A.8.30");
    const std::string statement = site.put(site.ada, "statement", {{"title", "SoA"}}).id;
    CHECK(has_gap(site.gaps(), statement, "never issued"));
    CHECK(site.inputs().exclusions.controls.empty());
    site.act(site.ada, statement, "issue");
    CHECK(site.members(statement).at("number") == "1.0");
    CHECK(site.members(statement).at("undecided") == 92);
    CHECK(site.members(statement).at("excluded") == json::array({"A.8.30"}));
    CHECK(site.inputs().exclusions.controls.empty());  // nobody approved it
    CHECK(refusal_of([&] { site.judge(site.ada, statement); }).first == "forbidden");
    site.judge(site.bob, statement);
    CHECK(site.inputs().exclusions.excludes("A.8.30"));
    CHECK(site.inputs().exclusions.reference.find("1.0") != std::string::npos);
    CHECK(site.soa().at("in_force").at("number") == "1.0");

    CHECK(refusal_of([&] { site.act(site.ada, statement, "issue"); }).second.find("nothing has changed") !=
          std::string::npos);
    site.set(site.ada, row, {{"applicable", true}, {"exclusion", nullptr}});
    CHECK(site.inputs().exclusions.excludes("A.8.30"));  // what is approved stays in force
    CHECK(has_gap(site.gaps(), statement, "1 row has changed"));
    site.act(site.ada, statement, "issue");
    CHECK(site.members(statement).at("number") == "1.1");
    CHECK(site.records().find(statement)->approval_state() == "older");
    CHECK(site.inputs().exclusions.excludes("A.8.30"));
    CHECK(has_gap(site.gaps(), statement, "an older one is in force"));
    site.judge(site.bob, statement);
    CHECK(site.inputs().exclusions.controls.empty());
    site.set(site.ada, row, {{"how", "By contract"}});
    site.act(site.ada, statement, "issue", {{"step", "major"}});
    CHECK(site.members(statement).at("number") == "2.0");
}

TEST_CASE("a Statement that was issued is neither deleted nor erased, so that there is one 1.0") {
    Sheet site;
    const std::string statement = site.put(site.ada, "statement", {{"title", "SoA"}}).id;
    site.act(site.ada, statement, "issue");
    const std::uint64_t last = site.records().find(statement)->last().version;
    const auto [code, sentence] = refusal_of([&] { site.write(site.bob, IsmsSite::deleted(statement, last)); });
    CHECK(code == "forbidden");
    CHECK(sentence.find("issue the next") != std::string::npos);
    CHECK(refusal_of([&] { site.erase(statement); }).first == "forbidden");
}

TEST_CASE("an issue stays as it was frozen, and what differs between two is told by control and member") {
    Sheet site;
    const std::string row = site.exclude("A.8.30");
    const std::string statement = site.put(site.ada, "statement", {{"title", "SoA"}}).id;
    site.act(site.ada, statement, "issue");
    site.set(site.ada, row, {{"applicable", true}, {"exclusion", nullptr}});
    site.decide("X.1", {{"applicable", true}});
    site.act(site.ada, statement, "issue");
    const json first = site.soa({{"number", "1.0"}});
    CHECK(first.at("rows").size() == 93);
    CHECK(Sheet::of(first, "A.8.30").at("applicable") == false);
    CHECK(Sheet::of(site.soa({{"number", "1.1"}}), "A.8.30").at("applicable") == true);
    CHECK(refusal_of([&] { site.soa({{"number", "3.0"}}); }).first == "not_found");
    Request request;
    request.query = {{"from", "1.0"}, {"to", "1.1"}};
    const json answer = json::parse(get_soa_differences(site.server(), request).body);
    std::set<std::string> told;
    for (const json& line : answer.at("differences"))
        told.insert(line.at("control").get<std::string>() + " " + line.at("member").get<std::string>());
    CHECK(told == std::set<std::string>{"A.8.30 applicable", "A.8.30 exclusion", "X.1 control"});
}

TEST_CASE("no name of a person is in what an issue froze") {
    Sheet site;
    const std::string grace = site.put(site.ada, "person", {{"title", "Grace Hopper"}}).id;
    site.decide("A.8.5", {{"applicable", true}, {"owner", grace}});
    const std::string statement = site.put(site.ada, "statement", {{"title", "SoA"}}).id;
    site.act(site.ada, statement, "issue");
    const auto digest = Digest::from_hex(site.members(statement).at("digest").get<std::string>());
    CHECK(site.blobs.get(digest)->find("Grace") == std::string::npos);
    CHECK(Sheet::of(site.soa({{"number", "1.0"}}), "A.8.5").at("owner_name") == "Grace Hopper");
}

TEST_CASE("a conclusion is its person's own, of an auditor or approver, and changes nothing that is computed") {
    Sheet site;
    const json words{{"title", "Year 2026"},
                     {"requirement", "A.5.17"},
                     {"value", "effective"},
                     {"reason", "I looked at ten hosts."},
                     {"date", "2026-11-24"}};
    CHECK(refusal_of([&] { site.put(site.ada, "conclusion", words, "editor"); }).first == "forbidden");
    CHECK(refusal_of([&] { site.put(site.ada, "conclusion", words, "reader"); }).first == "forbidden");
    const std::string id = site.put(site.ada, "conclusion", words, "auditor").id;
    CHECK(refusal_of([&] {
              site.set(site.bob, id, {{"value", "not_effective"}});
          }).second.find("another person's") != std::string::npos);
    CHECK(refusal_of([&] {
              site.set(site.ada, id, {{"date", "2027-01-01"}}, "auditor");
          }).second.find("still to come") != std::string::npos);
    const policies::StatusInputs inputs = site.inputs();
    REQUIRE(inputs.conclusions.size() == 1);
    CHECK(inputs.conclusions.front().by == site.ada);
    CHECK(inputs.conclusions.front().value == "effective");
    CHECK(inputs.facts.empty());
    CHECK(Sheet::of(site.soa(), "A.5.17").at("conclusion").at("value") == "effective");
}

TEST_CASE("a conclusion asks to be renewed when the indication gets worse, and not otherwise") {
    Sheet site;
    std::string now = "partly_effective";
    const auto facts = [&] {
        isms::Facts told = site.live(site.ada);
        told.indication = [&](const std::string&) { return now; };
        return told;
    };
    const Session by = site.session(site.ada, "approver");
    const auto written =
        isms::apply({site.store, site.blobs, *site.site.log, site.site.record_key, site.site.clock, by}, facts(),
                    {IsmsSite::added("conclusion", {{"title", "c"},
                                                    {"requirement", "A.5.17"},
                                                    {"value", "effective"},
                                                    {"reason", "r"},
                                                    {"date", "2026-11-24"}})},
                    false);
    const std::string id = written.front().id;
    CHECK(site.members(id).at("indication") == "partly_effective");
    CHECK_FALSE(has_gap(gaps_with_commands(site.records(), facts()), id, "renew it"));
    now = "effective";
    CHECK_FALSE(has_gap(gaps_with_commands(site.records(), facts()), id, "renew it"));
    now = "not_effective";
    CHECK(has_gap(gaps_with_commands(site.records(), facts()), id, "renew it"));
}

TEST_CASE("an auditor changes no control data") {
    Sheet site;
    const std::string row = site.decide("A.8.5", {{"applicable", true}});
    CHECK(refusal_of([&] { site.set(site.bob, row, {{"implementation", "fully"}}, "auditor"); }).first == "forbidden");
    const std::string statement = site.put(site.ada, "statement", {{"title", "SoA"}}).id;
    CHECK(refusal_of([&] { site.act(site.bob, statement, "issue", json::object(), "auditor"); }).first == "forbidden");
}

}  // namespace annexa::store::test
