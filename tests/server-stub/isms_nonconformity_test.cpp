// Nonconformities: never deleted, closed only where later evidence lets them, and looked at again.
#include "server-stub/isms/overview.hpp"
#include "tests/server-stub/isms_server.hpp"
#include "tests/server-stub/next_commands.hpp"

#include <catch2/catch.hpp>

namespace annexa::store::test {
namespace {

using nlohmann::json;
using std::chrono::hours;

const std::string check = "password-age-default";

/// Ada and Bob may approve; Ada owns what is wrong.
struct MendingSite : IsmsServer {
    MendingSite() { put(ada, "person", {{"title", "Ada"}, {"account", ada}}); }  // R-0001

    std::string raise(json more = json::object()) {
        json members{{"title", "Passwords never end"},
                     {"owner", "R-0001"},
                     {"source", "check"},
                     {"requirements", json::array({"A.5.17"})},
                     {"facts", "PASS_MAX_DAYS is 99999"},
                     {"grade", "minor"},
                     {"check", check},
                     {"hosts", json::array({web1.id()})}};
        members.merge_patch(more);
        return put(ada, "nonconformity", members).id;
    }
    void mend(const std::string& id, int retest_days = 0) {
        act(ada, id, "correct",
            {{"correction", "set to 365"}, {"done_on", today()}, {"consequences", "none: nobody used it"}});
        act(ada, id, "cause", {{"cause", "not in the image"}, {"method", "five_whys"}, {"similar_cases", "looked"}});
        act(ada, id, "plan",
            {{"no_action", "the image is built anew each month"},
             {"effectiveness_criterion", "no host fails it"},
             {"effectiveness_due", today(60)},
             {"retest_days", retest_days}});
    }
    std::pair<std::string, std::string> close(const std::string& id, const json& input = json::object()) {
        return refusal_of([&] { act(ada, id, "close", input); });
    }
    /// A report each day.
    void days_of(ReportingHost& host, int days, const std::string& value) {
        for (int day = 0; day < days; ++day) {
            site.clock.advance(hours{24});
            host.report(value);
        }
    }
    std::string today(int days = 0) { return isms::day_of(site.clock.now() + std::chrono::days{days}); }

    ReportingHost web1{*this, "web1"};
};

}  // namespace

TEST_CASE("a finding erased is refused") {
    MendingSite site;
    CHECK(refusal_of([&] { site.erase(site.raise()); }).first == "forbidden");
}

TEST_CASE("a finding deleted is refused, whoever asks") {
    MendingSite site;
    const std::string id = site.raise();
    for (const char* role : {"approver", "editor", "auditor", "admin,approver"})
        CHECK(refusal_of([&] { site.write_all(site.ada, {IsmsSite::deleted(id, 1)}, false, role); }).first ==
              "forbidden");
    CHECK_FALSE(site.records().find(id)->deleted());
}

TEST_CASE("closing a nonconformity without a passing retest is refused, and later evidence lets it close") {
    MendingSite site;
    site.web1.report("99999");
    const std::string id = site.raise();
    CHECK(site.close(id).second.find("correction is missing") != std::string::npos);
    site.mend(id);
    // It fails; it was not looked at since; it passes on what was collected after the correction.
    const auto [code, sentence] = site.close(id);
    CHECK(code == "conflict");
    CHECK(sentence.find("web1 is overdue") != std::string::npos);
    site.site.clock.advance(hours{1});
    const std::uint64_t index = site.web1.report("365");
    CHECK(site.close(id).first == "nothing");
    const json closed = site.members(id).at("closed");
    CHECK(closed.at("retest")[0].at("outcome") == "passed");
    CHECK(closed.at("retest")[0].at("evidence") == json::array({index}));
    CHECK(site.close(id).first == "conflict");
}

TEST_CASE("a pass on evidence from before the correction closes nothing") {
    MendingSite site;
    site.web1.report("365");
    const std::string id = site.raise();
    site.mend(id);
    CHECK(site.close(id).second.find("no evidence collected since") != std::string::npos);
}

TEST_CASE("no evidence, stale evidence and a waiver are no passing retest") {
    MendingSite site;
    const std::string id = site.raise();
    site.mend(id);
    CHECK(site.close(id).second.find("web1 is missing") != std::string::npos);
    site.site.clock.advance(hours{1});
    site.web1.report("365");
    site.site.clock.advance(hours{24 * 30});
    CHECK(site.close(id).second.find("web1 is stale") != std::string::npos);
}

TEST_CASE("the check must pass for as many days as was planned, looked at without a break") {
    MendingSite site;
    site.web1.report("99999");
    const std::string id = site.raise();
    site.mend(id, 3);
    site.days_of(site.web1, 3, "365");
    CHECK(site.close(id).second.find("less than 3 days") != std::string::npos);
    site.days_of(site.web1, 1, "99999");
    site.days_of(site.web1, 3, "365");
    CHECK(site.close(id).first == "conflict");  // it failed in between
    site.site.clock.advance(hours{24 * 20});
    site.web1.report("365");
    CHECK(site.close(id).first == "conflict");  // nobody looked for twenty days
    site.days_of(site.web1, 3, "365");
    CHECK(site.close(id).first == "nothing");
}

TEST_CASE("a nonconformity with a corrective action closes once the action is verified and closed, not before") {
    MendingSite site;
    site.web1.report("99999");
    const std::string id = site.raise();
    const std::string action = site.put(site.ada, "action", {{"title", "Mend the image"}, {"due", site.today(30)}}).id;
    site.mend(id);
    site.act(site.ada, id, "plan",
             {{"actions", json::array({action})},
              {"effectiveness_criterion", "no host fails it"},
              {"effectiveness_due", site.today(60)}});
    site.site.clock.advance(hours{1});
    site.web1.report("365");
    const auto refused = [&] { return site.close(id).second.find("not every corrective action") != std::string::npos; };
    const auto asked = [&] {
        return has_gap(gaps_with_commands(site.records(), site.live(site.ada)), id, "actions done and is not closed");
    };
    CHECK(refused());
    site.set(site.ada, action, {{"state", "done"}});
    CHECK(refused());
    site.act(site.bob, action, "verify", {{"note", "looked at the image"}});
    CHECK(refused());
    CHECK_FALSE(asked());
    site.act(site.ada, action, "close");
    CHECK(asked());
    CHECK(site.close(id).first == "nothing");
    CHECK(site.members(id).contains("closed"));
}

TEST_CASE("a retired host is said to be retired, not to have passed") {
    MendingSite site;
    site.web1.report("99999");
    const std::string id = site.raise();
    site.mend(id);
    site.web1.retire();
    CHECK(site.close(id).second.find("a host is retired") != std::string::npos);
    CHECK(site.close(id, {{"note", "scrapped on Monday"}}).first == "nothing");
    CHECK(site.members(id).at("closed").at("retest")[0].at("outcome") == "retired");
}

TEST_CASE("what a nonconformity is about does not shrink so that it could close") {
    MendingSite site;
    ReportingHost web2{site, "web2"};
    const std::string id = site.raise({{"hosts", {site.web1.id(), web2.id()}}});
    const auto refused = [&](const json& members) {
        return refusal_of([&] { site.set(site.ada, id, members); }).second;
    };
    CHECK(refused({{"hosts", json::array({site.web1.id()})}}).find("stays") != std::string::npos);
    CHECK(refused({{"check", nullptr}, {"source", "observation"}}).find("stays") != std::string::npos);
    CHECK(refused({{"check", "ssh-root-login"}}).find("stays") != std::string::npos);
}

TEST_CASE("another grade takes a reason of its own") {
    MendingSite site;
    const std::string id = site.raise({{"grade_reason", "one host"}});
    CHECK(refusal_of([&] { site.set(site.ada, id, {{"grade", "major"}}); }).second.find("reason") != std::string::npos);
    site.set(site.ada, id, {{"grade", "major"}, {"grade_reason", "all hosts after all"}});
    CHECK(site.members(id).at("grade") == "major");
}

TEST_CASE("hosts that fail the same check are named as similar cases") {
    MendingSite site;
    ReportingHost web2{site, "web2"};
    ReportingHost web3{site, "web3"};
    site.web1.report("99999");
    web2.report("99999");
    web3.report("90");
    const std::string id = site.raise();
    site.mend(id);
    const json similar = site.members(id).at("cause").at("same_check_fails");
    REQUIRE(similar.size() == 1);
    CHECK(similar[0].at("host") == web2.id());
}

TEST_CASE("whether it was effective another than the owner says, after the day that was planned") {
    MendingSite site;
    const std::string id = site.raise({{"source", "observation"}, {"check", nullptr}, {"hosts", nullptr}});
    site.act(site.ada, id, "correct", {{"correction", "c"}, {"done_on", site.today()}, {"consequences", "none"}});
    site.act(site.ada, id, "cause", {{"cause", "c"}, {"method", "other"}, {"similar_cases", "none"}});
    json plan{{"no_action", "n"}, {"effectiveness_criterion", "none"}, {"effectiveness_due", site.today()}};
    site.act(site.ada, id, "plan", plan);
    CHECK(site.close(id).second.find("a later date") != std::string::npos);
    plan["effectiveness_due"] = site.today(30);
    site.act(site.ada, id, "plan", plan);
    REQUIRE(site.close(id).first == "nothing");
    const json fine{{"effective", true}, {"facts", "looked at ten hosts"}};
    CHECK(refusal_of([&] { site.act(site.bob, id, "check_effectiveness", fine); }).first == "conflict");
    site.site.clock.advance(hours{24 * 31});
    CHECK(has_gap(gaps_with_commands(site.records(), site.facts()), id, "nobody checked"));
    CHECK(refusal_of([&] { site.act(site.ada, id, "check_effectiveness", fine); }).first == "forbidden");

    // It came back: the nonconformity is open again, with a plan to be made.
    site.act(site.bob, id, "check_effectiveness", {{"effective", false}, {"facts", "seen again"}}, "auditor");
    CHECK_FALSE(site.members(id).contains("closed"));
    CHECK(has_gap(gaps_with_commands(site.records(), site.facts()), id, "no corrective action planned"));
    plan["effectiveness_due"] = site.today(30);
    site.act(site.ada, id, "plan", plan);
    REQUIRE(site.close(id).first == "nothing");
    site.site.clock.advance(hours{24 * 31});
    site.act(site.bob, id, "check_effectiveness", fine);
    CHECK(site.members(id).at("effectiveness").size() == 2);
    CHECK_FALSE(has_gap(gaps_with_commands(site.records(), site.facts()), id, ""));
}

TEST_CASE("where nobody else could check it the owner does, and it says so") {
    MendingSite site;
    site.approvers = 1;
    const std::string id = site.raise({{"source", "observation"}, {"check", nullptr}, {"hosts", nullptr}});
    site.act(site.ada, id, "correct", {{"correction", "c"}, {"done_on", site.today()}, {"consequences", "none"}});
    site.act(site.ada, id, "cause", {{"cause", "c"}, {"method", "other"}, {"similar_cases", "none"}});
    site.act(site.ada, id, "plan",
             {{"no_action", "n"}, {"effectiveness_criterion", "none"}, {"effectiveness_due", site.today(1)}});
    REQUIRE(site.close(id).first == "nothing");
    site.site.clock.advance(hours{48});
    site.act(site.ada, id, "check_effectiveness", {{"effective", true}, {"facts", "looked"}});
    CHECK(site.members(id).at("effectiveness")[0].at("single_person") == true);
}

TEST_CASE("an auditor raises a nonconformity and mends nothing") {
    MendingSite site;
    const json members{{"title", "No list"},
                       {"source", "internal_audit"},
                       {"requirements", json::array({"9.1"})},
                       {"facts", "There is none"},
                       {"grade", "major"}};
    const std::string id = site.put(site.bob, "nonconformity", members, "auditor").id;
    CHECK(refusal_of([&] {
              site.act(site.bob, id, "correct",
                       {{"correction", "c"}, {"done_on", site.today()}, {"consequences", "none"}}, "auditor");
          }).first == "forbidden");
    CHECK(refusal_of([&] { site.put(site.bob, "nonconformity", members, "reader"); }).first == "forbidden");
}

}  // namespace annexa::store::test
