// Measures: progress, verification by another person and by later signed evidence, closing with what is left.
#include "server-stub/isms/overview.hpp"
#include "tests/server-stub/isms_server.hpp"
#include "tests/server-stub/next_commands.hpp"

#include <catch2/catch.hpp>

namespace annexa::store::test {
namespace {

using nlohmann::json;

const json looked{{"note", "I looked at the configuration."}};

/// Ada plans and does; Bob verifies.
struct Measures : IsmsServer {
    std::string plan(json more = json::object()) {
        json members{{"title", "Age passwords"}, {"due", "2026-12-31"}};
        members.update(more);
        return put(ada, "action", members).id;
    }
    std::string verify(const std::string& id) {
        return refusal_of([&] { act(bob, id, "verify", looked); }).second;
    }
    std::vector<isms::Gap> gaps() { return gaps_with_commands(records(), live(ada)); }
};

}  // namespace

TEST_CASE("an action is verified once it is done, by another than who wrote, owns or does it") {
    Measures site;
    const std::string carol = site.put(site.bob, "person", {{"title", "Carol"}, {"account", site.bob}}).id;
    const std::string id = site.plan();
    CHECK(site.verify(id).find("not done yet") != std::string::npos);
    site.set(site.ada, id, {{"state", "done"}});
    CHECK(has_gap(site.gaps(), id, "nobody has verified"));
    CHECK(refusal_of([&] { site.act(site.ada, id, "verify", looked); }).second.find("another person") !=
          std::string::npos);
    CHECK(site.verify(id).empty());
    CHECK(site.members(id).at("verification").at("by") == site.bob);
    CHECK(site.members(id).at("verification").at("single_person") == false);

    const std::string hers = site.plan({{"title", "Second"}, {"state", "done"}, {"implementers", {carol}}});
    CHECK(site.verify(hers).find("another person") != std::string::npos);
    const std::string owned = site.plan({{"title", "Third"}, {"state", "done"}, {"owner", carol}});
    CHECK(site.verify(owned).find("another person") != std::string::npos);
    site.approvers = 1;
    CHECK(site.verify(owned).empty());
    CHECK(site.members(owned).at("verification").at("single_person") == true);
}

TEST_CASE("a closed action without a passing retest is refused: evidence from after it was done must show it") {
    Measures site;
    ReportingHost host{site};
    host.report("365");
    site.site.clock.advance(std::chrono::hours{1});
    const std::string id = site.plan({{"checks", {"password-age-default"}}, {"state", "done"}, {"hosts", {host.id()}}});
    CHECK(site.verify(id) != "");  // it passes, on evidence from before
    site.site.clock.advance(std::chrono::minutes{1});
    host.report("99999");
    site.site.clock.advance(std::chrono::minutes{1});
    CHECK(site.verify(id).find("password-age-default on web1") != std::string::npos);
    CHECK(refusal_of([&] { site.act(site.ada, id, "close"); }).second.find("not verified") != std::string::npos);
    host.report("90");
    site.site.clock.advance(std::chrono::minutes{1});
    CHECK(site.verify(id) == "");
    const json retest = site.members(id).at("verification").at("retest");
    REQUIRE(retest.size() == 1);
    CHECK(retest[0].at("outcome") == "passed");
    CHECK(retest[0].at("evidence").size() == 1);
    site.act(site.ada, id, "close");
    CHECK(site.members(id).at("closure").at("by") == site.ada);
    CHECK(refusal_of([&] { site.act(site.ada, id, "close"); }).second.find("closed already") != std::string::npos);
    CHECK(refusal_of([&] {
              site.set(site.ada, id, {{"state", "planned"}});
          }).second.find("closed") != std::string::npos);
}

TEST_CASE("evidence that has grown old, or a host that never reported, is no retest") {
    Measures site;
    ReportingHost silent{site, "web2"};
    ReportingHost host{site};
    const std::string id = site.plan({{"checks", {"password-age-default"}}, {"state", "done"}});
    site.site.clock.advance(std::chrono::minutes{1});
    host.report("90");
    site.site.clock.advance(std::chrono::minutes{1});
    CHECK(site.verify(id).find("web2") != std::string::npos);
    const std::string of_one = site.plan(
        {{"title", "Of one"}, {"checks", {"password-age-default"}}, {"hosts", {host.id()}}, {"state", "done"}});
    site.site.clock.advance(std::chrono::minutes{1});
    host.report("90");
    site.site.clock.advance(std::chrono::hours{24 * 30});
    CHECK(site.verify(of_one).find("stale") != std::string::npos);
    IsmsServer empty;
    const std::string nowhere =
        empty.put(empty.ada, "action", {{"title", "x"}, {"state", "done"}, {"checks", {"password-age-default"}}}).id;
    CHECK(refusal_of([&] { empty.act(empty.bob, nowhere, "verify", looked); }).second.find("passes on no host") !=
          std::string::npos);
}

TEST_CASE("when it was done nobody types, and what is changed after it was verified is verified again") {
    Measures site;
    const std::string id = site.plan({{"done_at", "2020-01-01T00:00:00Z"}, {"verification", {{"by", site.bob}}}});
    CHECK_FALSE(site.members(id).contains("done_at"));
    CHECK_FALSE(site.members(id).contains("verification"));
    site.set(site.ada, id, {{"state", "done"}});
    const std::string done = site.members(id).at("done_at");
    CHECK(site.verify(id) == "");
    site.set(site.ada, id, {{"notes", "cheap"}});
    CHECK(site.members(id).contains("verification"));
    CHECK(site.members(id).at("done_at") == done);
    site.set(site.ada, id, {{"controls", {"A.5.17"}}});
    CHECK_FALSE(site.members(id).contains("verification"));
    site.set(site.ada, id, {{"state", "in_progress"}});
    CHECK_FALSE(site.members(id).contains("done_at"));
}

TEST_CASE("what must pass does not shrink once an action is begun, and it is not planned anew so that it could") {
    Measures site;
    const ReportingHost web1{site, "web1"};
    const ReportingHost web2{site, "web2"};
    const json both = json::array({web1.id(), web2.id()});
    const json one = json::array({web1.id()});
    const std::string check = "password-age-default";
    const std::string id = site.plan({{"checks", {check, "ssh-root-login"}}, {"hosts", both}});
    const auto refused = [&](const std::string& record, const json& members) {
        return refusal_of([&] { site.set(site.ada, record, members); }).second;
    };
    CHECK(refused(id, {{"checks", {check}}, {"hosts", one}}).empty());  // planned: still to be thought over
    CHECK(refused(id, {{"hosts", both}}).empty());
    for (const char* state : {"in_progress", "done", "cancelled"}) {
        INFO(state);
        CHECK(refused(id, {{"state", state}, {"cancelled_because", "too dear"}}).empty());
        CHECK(refused(id, {{"checks", nullptr}}).find("only while the action is planned") != std::string::npos);
        CHECK(refused(id, {{"checks", {"ssh-root-login"}}}).find(check + " stays") != std::string::npos);
        CHECK(refused(id, {{"hosts", one}}).find(web2.id() + " stays") != std::string::npos);
        CHECK(refused(id, {{"hosts", nullptr}}).find("stays") != std::string::npos);
        CHECK(refused(id, {{"state", "planned"}}).find("not planned again") != std::string::npos);
        CHECK(refused(id, {{"state", nullptr}, {"checks", nullptr}}).find("not planned again") != std::string::npos);
    }
    CHECK(refused(id, {{"state", "in_progress"}, {"checks", {check, "ssh-root-login"}}}).empty());  // more may be asked

    const std::string everywhere = site.plan({{"title", "Everywhere"}, {"checks", {check}}, {"state", "done"}});
    CHECK(refused(everywhere, {{"hosts", one}}).find("stays empty") != std::string::npos);
}

TEST_CASE("a check that is no longer in force may be taken from a begun action: it could never pass") {
    IsmsSite site;
    bool in_force = true;
    const auto write = [&](isms::Change change) {
        const Session by = site.session(site.ada, "approver");
        isms::Facts facts = site.facts();
        facts.check_exists = [&](const std::string&) { return in_force; };
        isms::apply({site.store, site.blobs, *site.site.log, site.site.record_key, site.site.clock, by}, facts,
                    {std::move(change)}, false);
    };
    const json without{{"title", "x"}, {"state", "done"}};
    json with = without;
    with["checks"] = {"password-age-default"};
    write(IsmsSite::added("action", with));
    CHECK(refusal_of([&] { write(IsmsSite::changed("R-0001", 1, without)); }).first == "schema");
    in_force = false;
    CHECK(refusal_of([&] { write(IsmsSite::changed("R-0001", 1, without)); }).first == "nothing");
}

TEST_CASE("closing asks for the risk that is left and the new state of the control, and writes both") {
    Measures site;
    site.put(site.ada, "criteria",
             {{"title", "c"},
              {"likelihood_scale", {{{"value", 1}, {"label", "a"}}, {{"value", 2}, {"label", "b"}}}},
              {"impact_scale", {{{"value", 1}, {"label", "a"}}, {{"value", 2}, {"label", "b"}}}},
              {"level_function", "product"},
              {"acceptance_line", 1}});
    const std::string risk = site.put(site.ada, "risk", {{"title", "r"}, {"likelihood", 2}, {"impact", 2}}).id;
    const std::string id = site.plan({{"controls", {"A.5.17"}}, {"state", "done"}});
    const std::string treatment = site.put(site.ada, "treatment",
                                           {{"title", "t"},
                                            {"risk", risk},
                                            {"option", "modify"},
                                            {"controls", {"A.5.17"}},
                                            {"actions", {id}},
                                            {"residual_likelihood", 1},
                                            {"residual_impact", 1}})
                                      .id;
    REQUIRE(site.verify(id) == "");
    const auto close = [&](const json& input) {
        return refusal_of([&] { site.act(site.ada, id, "close", input); }).second;
    };
    CHECK(close(json::object()).find("what risk is left now") != std::string::npos);
    const json left{{"residual_likelihood", 1}, {"residual_impact", 2}};
    CHECK(close(left).find("implementation") != std::string::npos);
    json all = left;
    all["implementation"] = "fully";
    CHECK(close(all).find("no row of A.5.17") != std::string::npos);
    const std::string row =
        site.put(site.ada, "applicability",
                 {{"title", "Passwords"}, {"control", "A.5.17"}, {"applicable", true}, {"implementation", "planned"}})
            .id;
    CHECK(close(all) == "");
    CHECK(site.members(treatment).at("residual_level") == 2);
    CHECK(site.members(row).at("implementation") == "fully");
    CHECK(site.members(id).at("closure").at("implementation") == "fully");
    // What does not fit the scale stops the whole: nothing of it is written.
    const std::string other = site.plan({{"title", "Other"}, {"state", "done"}});
    site.set(site.ada, treatment, {{"actions", {other}}});
    REQUIRE(site.verify(other) == "");
    const std::uint64_t size = site.store.log_head().tree.size;
    CHECK(refusal_of([&] {
              site.act(site.ada, other, "close", {{"residual_likelihood", 9}, {"residual_impact", 1}});
          }).second.find("scale") != std::string::npos);
    CHECK(site.store.log_head().tree.size == size);
    CHECK_FALSE(site.members(other).contains("closure"));
}

TEST_CASE("an action that is late, of nobody or without a day is a gap; a cancelled one says why") {
    Measures site;
    const std::string id = site.put(site.ada, "action", {{"title", "x"}}).id;
    CHECK(has_gap(site.gaps(), id, "no date"));
    CHECK(has_gap(site.gaps(), id, "nobody who does it"));
    site.set(site.ada, id, {{"due", "2026-11-25"}});
    site.site.clock.advance(std::chrono::hours{72});
    CHECK(has_gap(site.gaps(), id, "was to be done by 2026-11-25"));
    CHECK(refusal_of([&] { site.set(site.ada, id, {{"state", "cancelled"}}); }).first == "schema");
    site.set(site.ada, id, {{"state", "cancelled"}, {"cancelled_because", "The system is gone."}});
    CHECK_FALSE(has_gap(site.gaps(), id, ""));
    const json progress = json::array({{{"on", "2026-11-25"}, {"percent", 50}, {"note", "half"}}});
    const std::string other = site.plan({{"progress", progress}});
    CHECK(refusal_of([&] {
              site.set(site.ada, other, {{"progress", json::array({{{"on", "2027-11-25"}, {"note", "x"}}})}});
          }).second.find("still to come") != std::string::npos);
    CHECK(refusal_of([&] {
              site.set(site.ada, other,
                       {{"progress", json::array({{{"on", "2026-11-25"}, {"percent", 101}, {"note", "x"}}})}});
          }).second.find("0 to 100") != std::string::npos);
}

}  // namespace annexa::store::test
