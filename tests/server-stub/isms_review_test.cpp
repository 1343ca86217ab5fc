// Management review: inputs from records and live data as of its date, minutes that stay.
#include "server-stub/isms/overview.hpp"
#include "tests/server-stub/isms_server.hpp"
#include "tests/server-stub/next_commands.hpp"

#include <catch2/catch.hpp>

#include <map>

namespace annexa::store::test {
namespace {

using nlohmann::json;
using std::chrono::hours;

struct ReviewSite : IsmsServer {
    ReviewSite() { put(ada, "person", {{"title", "Ada Lovelace"}, {"account", ada}}); }  // R-0001

    std::string plan(json more = json::object()) {
        json members{{"title", "Spring review"},
                     {"held_on", today()},
                     {"period_from", today(-20)},
                     {"chair", "R-0001"},
                     {"attendees", json::array({{{"person", "R-0001"}, {"present", true}}})}};
        members.merge_patch(more);
        return put(ada, "review", members).id;
    }
    std::string today(int days = 0) { return isms::day_of(site.clock.now() + std::chrono::days{days}); }
    json frozen(const std::string& id, const char* member) {
        return json::parse(*blobs.get(Digest::from_hex(members(id).at(member).at("digest").get<std::string>())));
    }
    void raise(const std::string& title, const std::string& source = "observation") {
        put(ada, "nonconformity",
            {{"title", title},
             {"source", source},
             {"requirements", json::array({"9.1"})},
             {"facts", "f"},
             {"grade", "minor"}});
    }
};

const json held{
    {"issue_changes", "none"},
    {"party_changes", "a new customer"},
    {"feedback", "one customer praised us"},
    {"opportunities", "fewer passwords"},
    {"changes_needed", "none"},
    {"resources_needed", "two days a month"},
    {"conclusion", "suitable, adequate and effective"},
    {"decisions", json::array({{{"decision", "go on"}, {"input", "d"}, {"no_action", "nothing changes"}}})}};

}  // namespace

TEST_CASE("the inputs of a review are gathered from records and live data, with how they moved") {
    ReviewSite site;
    ReportingHost web1{site};
    web1.report("99999");
    site.raise("Before");
    site.site.clock.advance(hours{24 * 10});
    web1.report("365");
    const ReportingHost web2{site, "web2"};
    site.raise("Within");
    site.raise("Too slow", "complaint");
    const std::string id = site.plan({{"period_from", site.today(-9)}, {"feedback", "none"}});
    site.act(site.ada, id, "gather");
    const json inputs = site.frozen(id, "inputs");
    const json& performance = inputs.at("d");
    CHECK(performance.at("nonconformities").at("open") == 3);
    CHECK(performance.at("nonconformities").at("open_before") == 1);
    CHECK(performance.at("nonconformities").at("raised") == 2);
    CHECK(inputs.at("e").at("complaints").size() == 1);
    CHECK(inputs.at("e").at("said") == "none");
    REQUIRE(performance.at("monitoring").at("controls").size() == 93);
    CHECK(performance.at("monitoring").at("trend").size() == 5);
    CHECK(performance.at("monitoring").at("trend").front().at("hosts_in_scope") == 1);
    CHECK(performance.at("monitoring").at("trend").back().at("hosts_in_scope") == 2);
    CHECK(performance.at("monitoring").at("trend").back().at("controls").at("insufficient_evidence") > 0);
    for (const char letter : std::string{"abcdefg"}) CHECK(inputs.contains(std::string{letter}));
    CHECK(inputs.dump().find("Lovelace") == std::string::npos);  // people by id alone
}

TEST_CASE("the inputs of a review hold no name once the record that it stood in is erased") {
    ReviewSite site;
    const std::string party = site.put(site.ada, "party",
                                       {{"title", "Grace Hopper"},
                                        {"contact", "grace@example.org"},
                                        {"labels", {"Grace"}},
                                        {"category", "customer"}})
                                  .id;
    const std::string id = site.plan();
    site.act(site.ada, id, "gather");
    const json changes = site.frozen(id, "inputs").at("c").at("changes");
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].at("record") == party);
    CHECK(changes[0].at("members").at("category") == "customer");
    site.erase(party);
    for (const Digest& digest : site.blobs.list()) {
        CHECK(site.blobs.get(digest)->find("Grace") == std::string::npos);
        CHECK(site.blobs.get(digest)->find("grace@") == std::string::npos);
    }
}

TEST_CASE("what came after the day of the review is no input of it") {
    ReviewSite site;
    const std::string id = site.plan();
    site.site.clock.advance(hours{48});
    site.raise("Later");
    site.act(site.ada, id, "gather");
    CHECK(site.frozen(id, "inputs").at("d").at("nonconformities").at("open") == 0);
}

TEST_CASE("an issue that is new, changed or gone since the last review is an input; what stayed is none") {
    ReviewSite site;
    if (isms::find_kind("issue") == nullptr) return;
    const std::string id = site.plan({{"title", "First"}, {"period_from", site.today(-400)}});
    site.act(site.ada, id, "gather");
    CHECK(site.frozen(id, "inputs").at("b").at("changes").empty());
}

TEST_CASE("minutes want inputs, attendance, decisions and a conclusion, and the earlier decisions come back") {
    ReviewSite site;
    const std::string id = site.plan();
    const auto [code, sentence] = refusal_of([&] { site.act(site.ada, id, "minutes"); });
    CHECK(code == "schema");
    for (const char* word : {"inputs", "feedback", "conclusion", "decisions"})
        CHECK(sentence.find(word) != std::string::npos);
    CHECK(refusal_of([&] {
              site.set(site.ada, id, {{"decisions", json::array({{{"decision", "go on"}}})}});
          }).second.find("no_action") != std::string::npos);
    site.set(site.ada, id, held);
    site.act(site.ada, id, "gather");
    site.act(site.ada, id, "minutes");
    CHECK(site.frozen(id, "minutes").at("conclusion") == "suitable, adequate and effective");
    CHECK(site.frozen(id, "minutes").at("inputs") == site.members(id).at("inputs"));

    site.site.clock.advance(hours{24 * 90});
    const std::string next = site.plan({{"title", "Summer review"}, {"period_from", nullptr}});
    site.act(site.ada, next, "gather");
    const json inputs = site.frozen(next, "inputs");
    CHECK(inputs.at("looks_back_from") == site.members(id).at("held_on"));
    REQUIRE(inputs.at("a").at("earlier_decisions").size() == 1);
    CHECK(inputs.at("a").at("earlier_decisions")[0].at("decision") == "go on");
}

TEST_CASE("what was decided to be done comes back as done, cancelled or open") {
    ReviewSite site;
    const auto action = [&](const char* title) {
        return site.put(site.ada, "action", {{"title", title}, {"due", site.today(30)}}).id;
    };
    const std::string done = action("Done");
    const std::string open = action("Open");
    const std::string cancelled = action("Cancelled");
    const std::string id = site.plan();
    json said = held;
    said["decisions"] =
        json::array({{{"decision", "act"}, {"input", "d"}, {"actions", json::array({done, open, cancelled})}}});
    site.set(site.ada, id, said);
    site.act(site.ada, id, "gather");
    site.act(site.ada, id, "minutes");
    site.set(site.ada, done, {{"state", "done"}});
    site.act(site.bob, done, "verify", {{"note", "looked"}});
    site.act(site.ada, done, "close");
    site.set(site.ada, open, {{"state", "done"}});  // nobody verified it
    site.set(site.ada, cancelled, {{"state", "cancelled"}, {"cancelled_because", "the system is gone"}});

    site.site.clock.advance(hours{24 * 90});
    const std::string next = site.plan({{"title", "Summer review"}, {"period_from", nullptr}});
    site.act(site.ada, next, "gather");
    const json inputs = site.frozen(next, "inputs");
    const auto states = [](const json& actions) {
        std::map<std::string, std::string> found;
        for (const json& each : actions) found[each.at("record")] = each.at("state");
        return found;
    };
    const std::map<std::string, std::string> expected{{done, "done"}, {open, "open"}, {cancelled, "cancelled"}};
    CHECK(states(inputs.at("a").at("earlier_decisions").at(0).at("actions")) == expected);
    CHECK(states(inputs.at("f").at("actions")) == expected);
}

TEST_CASE("minutes stay as they are: taken back with a reason before they are approved, never after") {
    ReviewSite site;
    const std::string id = site.plan();
    site.set(site.ada, id, held);
    site.act(site.ada, id, "gather");
    site.act(site.ada, id, "minutes");
    const json other{{"conclusion", "not effective"}};
    CHECK(refusal_of([&] { site.set(site.ada, id, other); }).second.find("reopen") != std::string::npos);
    CHECK(refusal_of([&] { site.act(site.ada, id, "gather"); }).first == "conflict");
    site.act(site.ada, id, "reopen", {{"reason", "a word was wrong"}});
    site.act(site.ada, id, "minutes");
    CHECK(refusal_of([&] { site.judge(site.ada, id); }).first == "forbidden");
    site.judge(site.bob, id);
    CHECK(refusal_of([&] { site.set(site.ada, id, other); }).second.find("signed off") != std::string::npos);
    CHECK(refusal_of([&] { site.act(site.ada, id, "reopen", {{"reason", "x"}}); }).first == "conflict");
    CHECK(has_gap(gaps_with_commands(site.records(), site.facts()), id, "R-0001 did not acknowledge"));
    const std::uint64_t last = site.records().find(id)->last().version;
    CHECK(refusal_of([&] { site.write(site.bob, IsmsSite::deleted(id, last)); }).second.find("signed off") !=
          std::string::npos);
    CHECK(refusal_of([&] { site.erase(id); }).first == "forbidden");
}

TEST_CASE("a review that was held has no minutes, a next one is not planned: both are gaps") {
    ReviewSite site;
    CHECK(has_gap(gaps_with_commands(site.records(), site.facts()), "", "No management review is planned or held"));
    const std::string id = site.plan({{"interval_months", 6}});
    CHECK(has_gap(gaps_with_commands(site.records(), site.facts()), id, "has no minutes"));
    site.set(site.ada, id, held);
    site.act(site.ada, id, "gather");
    site.act(site.ada, id, "minutes");
    CHECK_FALSE(has_gap(gaps_with_commands(site.records(), site.facts()), "", "No next management review"));
    site.site.clock.advance(hours{24 * 150});
    CHECK(has_gap(gaps_with_commands(site.records(), site.facts()), "", "No next management review"));
    site.plan({{"title", "Autumn review"}, {"held_on", site.today(20)}, {"period_from", nullptr}});
    CHECK_FALSE(has_gap(gaps_with_commands(site.records(), site.facts()), "", "No next management review"));
}

}  // namespace annexa::store::test
