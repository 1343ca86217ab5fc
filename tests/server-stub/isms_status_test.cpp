// What records say to the status of controls, asked as the API asks it: the scope in force at each time.
#include "server-stub/evaluation/period_report.hpp"
#include "server-stub/evaluation/status_report.hpp"
#include "tests/server-stub/isms_server.hpp"

#include <catch2/catch.hpp>

namespace annexa::store::test {
namespace {

using nlohmann::json;

const json only_web{
    {"title", "Scope"}, {"statement", "The shop"}, {"rule", {{{"any_of", {{{"by", "name"}, {"value", "web*"}}}}}}}};

struct StatusSite : IsmsServer {
    ReportingHost web{*this, "web1"};
    ReportingHost mail{*this, "mail1"};

    StatusReport report(Instant at) {
        server().evaluation.catch_up();
        return status_report(store, blobs, server().evaluation.rule_books(), {at, std::nullopt});
    }
    std::set<std::string> hosts(Instant at) {
        std::set<std::string> names;
        for (const HostView& view : report(at).hosts) names.insert(view.host.name);
        return names;
    }
    policies::RecordsStatus records_of(const std::string& control) {
        for (const policies::ControlStatus& status : report(now()).controls)
            if (status.control->id == control) return status.records;
        throw std::runtime_error("no control " + control);
    }
    [[nodiscard]] Instant now() const { return site.clock.now(); }
};

const std::set<std::string> both{"mail1", "web1"};
const std::set<std::string> web_alone{"web1"};

}  // namespace

TEST_CASE("a status counts the hosts of the scope that was approved by then") {
    StatusSite site;
    const std::string id = site.put(site.ada, "scope", only_web).id;
    CHECK(site.hosts(site.now()) == both);
    const Instant proposed = site.now();
    site.judge(site.bob, id);
    CHECK(site.hosts(site.now()) == web_alone);
    CHECK(site.hosts(proposed) == both);
    // A later edit is a proposal; what was approved counts on. A scope that is deleted brings all back.
    site.set(site.ada, id, {{"rule", nullptr}});
    CHECK(site.hosts(site.now()) == web_alone);
    site.write(site.ada, IsmsSite::deleted(id, 2));
    CHECK(site.hosts(site.now()) == both);
}

TEST_CASE("a host that a person took out counts until a second person approved") {
    StatusSite site;
    const std::string id =
        site.put(site.ada, "scope_exclusion", {{"title", "Mail"}, {"host", site.mail.id()}, {"reason", "sold"}}).id;
    CHECK(site.hosts(site.now()) == both);
    site.judge(site.bob, id);
    CHECK(site.hosts(site.now()) == web_alone);
}

TEST_CASE("over a period each scope counts for its own time: who leaves at the end was in it before") {
    StatusSite site;
    const Instant from = site.now();
    site.site.clock.advance(std::chrono::hours{24});
    const std::string id = site.put(site.ada, "scope", only_web).id;
    site.judge(site.bob, id);
    const Instant approved = site.now();
    site.site.clock.advance(std::chrono::hours{1});
    const policies::Period period{from, site.now()};
    const PeriodInputs inputs = period_inputs(site.store, site.blobs, period, std::nullopt);
    REQUIRE(inputs.scopes.size() == 3);  // the start, the proposal, the approval
    CHECK(inputs.scopes.front().from == from);
    CHECK_FALSE(inputs.scopes[1].scope.rule);
    CHECK(inputs.scopes.back().from == approved);
    CHECK(inputs.scopes.back().scope.rule);
    site.server().evaluation.catch_up();
    const PeriodReport report =
        period_report(site.store, site.blobs, site.server().evaluation.rule_books(), period, std::nullopt, inputs);
    CHECK(report.hosts.size() == 2);
}

TEST_CASE("a reconciliation compares with the hosts in scope that the store has") {
    StatusSite site;
    site.judge(site.bob, site.put(site.ada, "scope", only_web).id);
    const std::string id =
        site.put(site.ada, "reconciliation", {{"title", "Autumn"}, {"source", "x"}, {"hosts", {"web1", "mail1"}}}).id;
    CHECK(site.members(id).at("only_in_list") == json::array({"mail1"}));
    CHECK_FALSE(site.members(id).contains("only_in_scope"));
}

TEST_CASE("a control's records are partial with a draft, and accepted with an approved and acknowledged policy") {
    StatusSite site;
    CHECK(site.records_of("A.5.1") == policies::RecordsStatus::missing);
    const std::string person = site.put(site.ada, "person", {{"title", "Grace"}}).id;
    const std::string id = site.put(site.ada, "document",
                                    {{"title", "Policy"},
                                     {"type", "information_security_policy"},
                                     {"text", "We keep what we are trusted with."},
                                     {"rule_for", {"A.5.1"}},
                                     {"binds_everybody", true}})
                               .id;
    CHECK(site.records_of("A.5.1") == policies::RecordsStatus::partial);
    site.judge(site.bob, id);
    CHECK(site.records_of("A.5.1") == policies::RecordsStatus::partial);
    const isms::Register records = site.records();
    site.put(site.ada, "acknowledgement",
             {{"title", "Read"},
              {"document", id},
              {"version", 1},
              {"document_digest", records.find(id)->last().digest.hex()},
              {"person", person},
              {"way", "on_paper"},
              {"date", "2020-01-01"}});
    CHECK(site.records_of("A.5.1") == policies::RecordsStatus::accepted);
    site.site.clock.advance(std::chrono::hours{24 * 366});
    CHECK(site.records_of("A.5.1") == policies::RecordsStatus::expired);
}

TEST_CASE("an author's edit takes no rejection off a control that has an older approved record") {
    StatusSite site;
    const auto attach = [&](const char* title) {
        return site
            .put(site.ada, "evidence",
                 {{"title", title}, {"requirements", {"A.7.1"}}, {"form", "text"}, {"text", "The door was locked"}})
            .id;
    };
    const auto ruled = [&](const char* title) {
        return site
            .put(site.ada, "document",
                 {{"title", title}, {"type", "policy"}, {"text", "Doors are locked"}, {"rule_for", {"A.7.1"}}})
            .id;
    };
    site.judge(site.bob, attach("Walk in spring"));
    site.judge(site.bob, ruled("Doors"));
    CHECK(site.records_of("A.7.1") == policies::RecordsStatus::partial);
    const std::string evidence = attach("Walk in autumn");
    site.judge(site.bob, evidence, false);
    CHECK(site.records_of("A.7.1") == policies::RecordsStatus::rejected);
    site.set(site.ada, evidence, {{"requirements", {"A.7.2"}}});
    CHECK(site.records_of("A.7.1") == policies::RecordsStatus::rejected);
    site.judge(site.bob, evidence);
    CHECK(site.records_of("A.7.1") == policies::RecordsStatus::partial);
    const std::string document = ruled("Gates");
    site.judge(site.bob, document, false);
    CHECK(site.records_of("A.7.1") == policies::RecordsStatus::rejected);
    site.set(site.ada, document, {{"rule_for", {"A.7.2"}}, {"type", "external"}});
    CHECK(site.records_of("A.7.1") == policies::RecordsStatus::rejected);
    site.judge(site.bob, document);
    CHECK(site.records_of("A.7.1") == policies::RecordsStatus::partial);
}

TEST_CASE("the minutes of a review are acknowledged as a document is, in their exact version") {
    StatusSite site;
    const std::string person = site.put(site.ada, "person", {{"title", "Grace"}}).id;
    const std::string id = site.put(site.ada, "review", {{"title", "Review"}, {"held_on", "2020-01-01"}}).id;
    const isms::Register records = site.records();
    json said{{"title", "Read"},
              {"document", id},
              {"version", 1},
              {"person", person},
              {"way", "on_paper"},
              {"date", "2020-01-02"},
              {"document_digest", std::string(64, '0')}};
    CHECK_THROWS_AS(site.put(site.ada, "acknowledgement", said), evidence::coded_error);
    said["document_digest"] = records.find(id)->last().digest.hex();
    CHECK(site.put(site.ada, "acknowledgement", said).created);
}

}  // namespace annexa::store::test
