// Risks: criteria, levels, runs, treatments and the acceptance of what is left, the plan.
#include "server-stub/check/store_check.hpp"
#include "server-stub/isms/overview.hpp"
#include "tests/server-stub/isms_server.hpp"
#include "tests/server-stub/next_commands.hpp"

#include <catch2/catch.hpp>

namespace annexa::store::test {
namespace {

using nlohmann::json;

json scale(int steps) {
    json list = json::array();
    for (int step = 1; step <= steps; ++step)
        list.push_back({{"value", step}, {"label", "step " + std::to_string(step)}});
    return list;
}

json criteria_of(const std::string& function = "product", int line = 6) {
    return {{"title", "Our criteria"},
            {"likelihood_scale", scale(4)},
            {"impact_scale", scale(4)},
            {"level_function", function},
            {"level_scale", {{{"from", 1}, {"label", "low"}}, {{"from", 8}, {"label", "high"}}}},
            {"acceptance_line", line}};
}

/// Grace, whose account is Ada's, owns the risk of guessed passwords: level 12, above the line of 6.
struct Risks : IsmsServer {
    Risks() {
        criteria = put(ada, "criteria", criteria_of()).id;
        grace = put(ada, "person", {{"title", "Grace"}, {"account", ada}}).id;
        asset = put(ada, "asset", {{"title", "Payroll"}, {"type", "information"}}).id;
        risk = put(ada, "risk",
                   {{"title", "Guessed passwords"},
                    {"owner", grace},
                    {"assets", {asset}},
                    {"threat", "An outsider"},
                    {"vulnerability", "Old passwords"},
                    {"likelihood", 3},
                    {"impact", 4}})
                   .id;
    }
    std::string treat(json more) {
        json members{{"title", "Age passwords"}, {"risk", risk}, {"option", "modify"}, {"controls", {"A.5.17"}}};
        members.update(more);
        return put(bob, "treatment", members).id;
    }
    std::vector<isms::Gap> gaps() { return gaps_with_commands(records(), live(ada)); }

    std::string criteria, grace, asset, risk;
};

}  // namespace

TEST_CASE("a risk's level follows from the criteria, and nobody types it") {
    Risks site;
    CHECK(site.members(site.risk).at("level") == 12);
    CHECK(site.members(site.risk).at("level_word") == "high");
    site.set(site.ada, site.risk, {{"impact", 2}, {"level", 1}});
    CHECK(site.members(site.risk).at("level") == 6);
    CHECK(site.members(site.risk).at("level_word") == "low");
    site.set(site.ada, site.risk, {{"likelihood", nullptr}});
    CHECK_FALSE(site.members(site.risk).contains("level"));
    CHECK(has_gap(site.gaps(), site.risk, "not rated"));
}

TEST_CASE("a rating is on the scales of the criteria") {
    Risks site;
    CHECK(refusal_of([&] {
              site.set(site.ada, site.risk, {{"likelihood", 5}});
          }).second.find("scale of likelihood") != std::string::npos);
    CHECK(refusal_of([&] {
              site.set(site.ada, site.risk, {{"impact", 0}});
          }).second.find("scale of impact") != std::string::npos);
    IsmsServer bare;
    CHECK(refusal_of([&] {
              bare.put(bare.ada, "risk", {{"title", "Any"}, {"likelihood", 1}, {"impact", 1}});
          }).second.find("no criteria") != std::string::npos);
}

TEST_CASE("criteria that decide nothing, or leave a pair without a level, are refused") {
    IsmsServer site;
    json matrix = criteria_of("matrix", 2);
    matrix["likelihood_scale"] = scale(2);
    matrix["impact_scale"] = scale(2);
    matrix["matrix"] = json::array();
    for (int likelihood = 1; likelihood <= 2; ++likelihood)
        for (int impact = 1; impact <= 2; ++impact)
            matrix["matrix"].push_back(
                {{"likelihood", likelihood}, {"impact", impact}, {"level", likelihood + impact - 1}});
    json hole = matrix;
    hole["matrix"].erase(3);
    json twice = hole;
    twice["matrix"].push_back(twice["matrix"][0]);
    json gap = criteria_of();
    gap["impact_scale"][1]["value"] = 3;
    json one = criteria_of();
    one["impact_scale"] = scale(1);
    for (const json& wrong :
         {criteria_of("product", 16), criteria_of("sum", 0), criteria_of("matrix"), hole, twice, gap, one}) {
        INFO(wrong.dump());
        CHECK(refusal_of([&] { site.put(site.ada, "criteria", wrong); }).first == "schema");
    }
    const std::string id = site.put(site.ada, "criteria", matrix).id;
    const std::string risk = site.put(site.ada, "risk", {{"title", "x"}, {"likelihood", 2}, {"impact", 2}}).id;
    CHECK(site.members(risk).at("level") == 3);
    CHECK(refusal_of([&] { site.put(site.ada, "criteria", criteria_of()); }).second.find("one already") !=
          std::string::npos);
}

TEST_CASE("other criteria do not change a level behind anybody's back; looking again does") {
    Risks site;
    site.set(site.ada, site.criteria, {{"level_function", "sum"}, {"acceptance_line", 4}});
    CHECK(site.members(site.risk).at("level") == 12);
    CHECK(has_gap(site.gaps(), site.risk, "other criteria"));
    CHECK(site.set(site.ada, site.risk, json::object()).differences.empty());  // an export comes back as it was
    site.act(site.ada, site.risk, "review", {{"outcome", "rated anew"}});
    CHECK(site.members(site.risk).at("level") == 7);
    CHECK(site.members(site.risk).at("reviews")[0].at("by") == site.ada);
    CHECK_FALSE(has_gap(site.gaps(), site.risk, "other criteria"));
}

TEST_CASE("an overdue finding of a linked check opens a review of the risk, and looking at it closes that") {
    Risks site;
    ReportingHost host{site};
    site.set(site.ada, site.risk, {{"checks", {"password-age-default"}}});
    CHECK_FALSE(has_gap(site.gaps(), site.risk, "looked at again"));
    site.site.clock.advance(std::chrono::hours{1});
    host.report("99999");
    site.site.clock.advance(std::chrono::hours{1});
    CHECK(has_gap(site.gaps(), site.risk, "password-age-default is overdue on 1 host"));
    site.act(site.ada, site.risk, "review", {{"outcome", "likelier"}, {"likelihood", 4}});
    CHECK_FALSE(has_gap(site.gaps(), site.risk, "looked at again"));
    CHECK(site.members(site.risk).at("level") == 16);
}

TEST_CASE("the end of a waiver of a linked check opens a review of the risk") {
    Risks site;
    site.set(site.ada, site.risk, {{"checks", {"password-age-default"}}});
    isms::Facts facts = site.live(site.ada);
    facts.check_now = [&](const std::string&) {
        isms::CheckNow now;
        now.waiver_ended = facts.now - std::chrono::hours{1};
        return now;
    };
    facts.now += std::chrono::hours{24};
    CHECK(has_gap(gaps_with_commands(site.records(), facts), site.risk,
                  "a waiver of the check password-age-default ended"));
    facts.check_now = [&](const std::string&) { return isms::CheckNow{}; };
    CHECK_FALSE(has_gap(gaps_with_commands(site.records(), facts), site.risk, "waiver"));
}

TEST_CASE("a run freezes all open risks, ranked against the line, and says what changed since the last") {
    Risks site;
    const std::string unrated = site.put(site.ada, "risk", {{"title", "Fire"}}).id;
    const json run{{"title", "Run 1"}, {"method", "Workshop"}, {"participants", {site.grace}}, {"trigger", "planned"}};
    const std::string first = site.put(site.ada, "assessment", run).id;
    CHECK(has_gap(site.gaps(), first, "not frozen"));
    site.act(site.ada, first, "freeze");
    const json frozen = site.members(first);
    CHECK(frozen.at("risks") == 2);
    CHECK(frozen.at("above_line") == 1);
    CHECK(frozen.at("unrated") == 1);
    CHECK_FALSE(frozen.contains("differences"));
    const json document = json::parse(*site.blobs.get(Digest::from_hex(frozen.at("digest").get<std::string>())));
    CHECK(document.at("risks")[0].at("id") == unrated);  // what nobody rated could be the worst
    CHECK(document.at("risks")[1].at("record").at("level") == 12);
    CHECK(document.at("risks")[1].at("acceptable") == false);
    CHECK(document.at("criteria").at("record").at("acceptance_line") == 6);
    CHECK(document.dump().find("Grace") == std::string::npos);  // names of people can be erased
    CHECK(refusal_of([&] { site.act(site.ada, first, "freeze"); }).first == "conflict");
    CHECK(refusal_of([&] {
              site.set(site.ada, first, {{"method", "Guessing"}});
          }).second.find("frozen") != std::string::npos);
    CHECK(has_gap(site.gaps(), first, "not approved"));
    CHECK(refusal_of([&] { site.judge(site.ada, first); }).first == "forbidden");
    site.judge(site.bob, first);
    CHECK_FALSE(has_gap(site.gaps(), first, "not approved"));

    site.set(site.ada, site.risk, {{"likelihood", 1}});
    site.set(site.ada, unrated, {{"state", "closed"}, {"closed_because", "There is no house."}});
    json again = run;
    again["title"] = "Run 2";
    const std::string second = site.put(site.ada, "assessment", again).id;
    site.act(site.ada, second, "freeze");
    CHECK(site.members(second).at("follows") == first);
    std::set<std::string> differences;
    const json later = site.members(second);
    for (const json& line : later.at("differences"))
        differences.insert(line.at("risk").get<std::string>() + " " + line.at("what").get<std::string>());
    CHECK(differences == std::set<std::string>{site.risk + " likelihood", site.risk + " level", unrated + " removed"});
}

TEST_CASE("a run is due again after the interval, and without criteria or risks there is nothing to freeze") {
    Risks site;
    const json run{{"title", "Run"}, {"method", "Workshop"}, {"participants", {site.grace}}, {"trigger", "planned"}};
    const std::string id = site.put(site.ada, "assessment", run).id;
    site.act(site.ada, id, "freeze");
    CHECK_FALSE(has_gap(site.gaps(), id, "interval"));
    isms::Facts later = site.live(site.ada);
    later.now += std::chrono::days{366};
    CHECK(has_gap(gaps_with_commands(site.records(), later), id, "interval has passed"));

    IsmsServer bare;
    const std::string person = bare.put(bare.ada, "person", {{"title", "Grace"}}).id;
    json alone = run;
    alone["participants"] = {person};
    const std::string none = bare.put(bare.ada, "assessment", alone).id;
    CHECK(refusal_of([&] { bare.act(bare.ada, none, "freeze"); }).second.find("no criteria") != std::string::npos);
    bare.put(bare.ada, "criteria", criteria_of());
    CHECK(refusal_of([&] { bare.act(bare.ada, none, "freeze"); }).second.find("no open risk") != std::string::npos);
}

TEST_CASE("what an action froze is gone where the log did not take it") {
    Risks site;
    const std::string id =
        site.put(site.ada, "assessment",
                 {{"title", "Run"}, {"method", "Workshop"}, {"participants", {site.grace}}, {"trigger", "planned"}})
            .id;
    const std::size_t before = site.blobs.list().size();
    CHECK(refusal_of([&] { site.act(site.ada, id, "freeze", {{"colour", "red"}}); }).first == "schema");
    CHECK(refusal_of([&] { site.act(site.ada, id, "freeze", json::object(), "reader"); }).first == "forbidden");
    CHECK(refusal_of([&] { site.act(site.ada, id, "thaw"); }).first == "not_found");
    CHECK(site.blobs.list().size() == before);
}

TEST_CASE("a risk above the line is treated, and the risk owner alone accepts what is left, until a day") {
    Risks site;
    CHECK(has_gap(site.gaps(), site.risk, "above the acceptance line and not treated"));
    const std::string treatment = site.treat({{"residual_likelihood", 2}, {"residual_impact", 4}});
    CHECK_FALSE(has_gap(site.gaps(), site.risk, "not treated"));
    CHECK(site.members(treatment).at("residual_level") == 8);
    CHECK(has_gap(site.gaps(), treatment, "has not accepted"));
    const json words{{"until", "2027-06-30"}, {"reason", "The new system comes in May."}};
    CHECK(refusal_of([&] { site.act(site.bob, treatment, "accept", words); }).second.find("risk owner") !=
          std::string::npos);
    CHECK(refusal_of([&] {
              site.act(site.ada, treatment, "accept", {{"until", "2020-01-01"}, {"reason", "old"}});
          }).second.find("day to come") != std::string::npos);
    CHECK(refusal_of([&] { site.act(site.ada, treatment, "accept", {{"reason", "for ever"}}); }).first == "schema");
    site.act(site.ada, treatment, "accept", words);
    CHECK(site.members(treatment).at("acceptance").at("by") == site.ada);
    CHECK(site.members(treatment).at("acceptance").at("single_person") == false);
    CHECK_FALSE(has_gap(site.gaps(), treatment, "accept"));

    isms::Facts later = site.live(site.ada);
    later.now = evidence::parse_instant("2027-07-01T00:00:00Z");
    CHECK(has_gap(gaps_with_commands(site.records(), later), treatment, "has ended"));
    CHECK_FALSE(isms::due(site.records(), later, 0).empty());
    site.set(site.bob, treatment, {{"residual_likelihood", 3}});  // another risk than the one that was accepted
    CHECK(has_gap(site.gaps(), treatment, "was of another"));
}

TEST_CASE(
    "the risk owner does not accept what he wrote himself while another could, and nobody accepts without an owner") {
    Risks site;
    const std::string treatment =
        site.put(site.ada, "treatment", {{"title", "x"}, {"risk", site.risk}, {"option", "retain"}}).id;
    const json words{{"until", "2027-06-30"}, {"reason", "cheap"}};
    CHECK(refusal_of([&] { site.act(site.ada, treatment, "accept", words); }).second.find("what risk is left") !=
          std::string::npos);
    site.set(site.ada, treatment, {{"residual_likelihood", 3}, {"residual_impact", 4}});
    CHECK(refusal_of([&] { site.act(site.ada, treatment, "accept", words); }).second.find("another person") !=
          std::string::npos);
    site.approvers = 1;
    site.act(site.ada, treatment, "accept", words);
    CHECK(site.members(treatment).at("acceptance").at("single_person") == true);
    site.set(site.ada, site.risk, {{"owner", nullptr}});
    CHECK(refusal_of([&] { site.act(site.ada, treatment, "accept", words); }).second.find("no risk owner") !=
          std::string::npos);
}

TEST_CASE("a treatment takes controls that there are and that are not excluded") {
    Risks site;
    CHECK(refusal_of([&] { site.treat({{"controls", {"A.9.9"}}}); }).second.find("A.9.9") != std::string::npos);
    CHECK(refusal_of([&] { site.treat({{"option", "share"}}); }).second.find("shared_with") != std::string::npos);
    CHECK(refusal_of([&] { site.treat({{"option", "retain"}}); }).second.find("takes no control") != std::string::npos);
    site.put(
        site.ada, "applicability",
        {{"title", "Out"}, {"control", "A.8.30"}, {"applicable", false}, {"exclusion", "Nobody develops for us."}});
    CHECK(refusal_of([&] {
              site.treat({{"controls", {"A.8.30"}}});
          }).second.find("is excluded by") != std::string::npos);
    site.put(site.ada, "applicability", {{"title", "Badges"}, {"control", "X.1"}, {"applicable", true}});
    CHECK(site.treat({{"controls", {"X.1"}}}) != "");
}

TEST_CASE("the plan of a day freezes treatments with their actions and says what is not accepted") {
    Risks site;
    const std::string treatment = site.treat({{"residual_likelihood", 2}, {"residual_impact", 4}});
    const std::string plan = site.put(site.ada, "plan", {{"title", "Plan 2027"}}).id;
    site.act(site.ada, plan, "freeze");
    CHECK(site.members(plan).at("treatments") == 1);
    CHECK(site.members(plan).at("not_accepted") == 1);
    CHECK(has_gap(site.gaps(), plan, "not approved"));
    site.judge(site.bob, plan);
    CHECK_FALSE(has_gap(site.gaps(), plan, "not approved"));
    CHECK(has_gap(site.gaps(), plan, "Nobody was told"));
    site.set(site.bob, treatment, {{"residual_impact", 1}});
    const std::string next = site.put(site.ada, "plan", {{"title", "Plan 2028"}}).id;
    site.act(site.ada, next, "freeze");
    CHECK(site.members(next).at("follows") == plan);
    CHECK(site.members(next).at("not_accepted") == 0);
    CHECK(site.members(next).at("differences")[0].at("what") == "residual_level");
    const StoreCheck check = site.check_all();
    for (const StoreProblem& problem : check.problems) UNSCOPED_INFO(problem.place << ": " << problem.what);
    CHECK(check.problems.empty());
}

}  // namespace annexa::store::test
