// Steps 1 and 2: who is there, what matters, what is in scope; and who may take a host out of it.
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/scope_records.hpp"
#include "tests/server-stub/isms_site.hpp"
#include "tests/server-stub/next_commands.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace annexa::store::test {
namespace {

using nlohmann::json;

const std::string web = "0b0f6f0c-7f5e-4b9a-9a53-2f6a8c9b1d11";
const std::string mail = "0b0f6f0c-7f5e-4b9a-9a53-2f6a8c9b1d12";

json scope_of_production() {
    return {{"title", "Scope"},
            {"statement", "The shop"},
            {"boundaries", "Not the canteen"},
            {"interfaces", "The bank"},
            {"rule", {{{"any_of", {{{"by", "tag"}, {"tag", "environment"}, {"value", "production"}}}}}}}};
}

policies::HostFacts host(const std::string& id, const std::string& environment) {
    return {id, {{"environment", environment}}, {"host"}, {}, {}};
}

}  // namespace

TEST_CASE("a fresh store is told of each of the first four steps what is missing and what to do") {
    const IsmsSite site;
    const std::vector<isms::Gap> gaps = gaps_with_commands(site.records(), site.facts());
    CHECK(lists(gaps, 1, "scope of the management system is not stated"));
    CHECK(lists(gaps, 1, "No internal issue"));
    CHECK(lists(gaps, 2, "climate"));
    CHECK(lists(gaps, 2, "No interested party"));
    CHECK(lists(gaps, 2, "No obligation"));
    CHECK(lists(gaps, 3, "no information security policy"));
    CHECK(lists(gaps, 4, "no programme"));
    CHECK(lists(gaps, 4, "No objective"));
    CHECK(gaps.size() > 20);
    for (const isms::Gap& gap : gaps) {
        INFO(gap.sentence);
        CHECK(gap.next.starts_with("annexa "));
        CHECK_FALSE(gap.clause.empty());
    }
}

TEST_CASE("a unit does not stand above itself, however long the way") {
    IsmsSite site;
    site.write_all(site.ada, {IsmsSite::added("unit", {{"title", "Company"}}, "top"),
                              IsmsSite::added("unit", {{"title", "IT"}, {"part_of", "$top"}}, "it")});
    const auto [code, sentence] = refusal_of([&] {
        site.write(site.ada, IsmsSite::changed("R-0001", 1, {{"title", "Company"}, {"part_of", "R-0002"}}));
    });
    CHECK(code == "schema");
    CHECK(sentence.find("above itself") != std::string::npos);
}

TEST_CASE("an account is made a person's, another's or nobody's by an administrator alone; oneself one records") {
    IsmsSite site;
    site.write_all(site.ada, {IsmsSite::added("person", {{"title", "Grace"}}, "grace"),
                              IsmsSite::added("person", {{"title", "Bob"}, {"account", site.bob}}, "bob")});
    site.administer = false;
    const auto refused = [&](isms::Change change) {
        return refusal_of([&] { site.write(site.ada, std::move(change)); }).second.find("by an administrator alone") !=
               std::string::npos;
    };
    CHECK(refused(IsmsSite::changed("R-0001", 1, {{"title", "Grace"}, {"account", site.ada}})));
    CHECK(refused(IsmsSite::changed("R-0002", 1, {{"title", "Bob"}, {"account", site.ada}})));
    CHECK(refused(IsmsSite::changed("R-0002", 1, {{"title", "Bob"}})));
    CHECK(refused(IsmsSite::added("person", {{"title", "Carol"}, {"account", evidence::random_uuid()}})));
    CHECK_FALSE(refused(IsmsSite::changed("R-0002", 1, {{"title", "Robert"}, {"account", site.bob}})));
    CHECK_FALSE(refused(IsmsSite::added("person", {{"title", "Linus"}})));
    CHECK(site.write(site.ada, IsmsSite::added("person", {{"title", "Ada"}, {"account", site.ada}})).id == "R-0004");

    // Rules that know no right let nobody.
    isms::Facts facts = site.facts();
    facts.may = nullptr;
    const Session by = site.session(site.ada, "approver");
    CHECK(refusal_of([&] {
              isms::apply({site.store, site.blobs, *site.site.log, site.site.record_key, site.site.clock, by}, facts,
                          {IsmsSite::changed("R-0001", 1, {{"title", "Grace"}, {"account", site.ada}})}, false);
          }).first == "schema");

    site.administer = true;
    CHECK(refusal_of([&] {
              site.write(site.ada, IsmsSite::changed("R-0001", 1, {{"title", "Grace"}, {"account", site.bob}}));
          }).second.find("R-0002 has the same") != std::string::npos);
    const std::string hers = evidence::random_uuid();
    site.write(site.ada, IsmsSite::changed("R-0001", 1, {{"title", "Grace"}, {"account", hers}}));
    CHECK(site.records().find("R-0001")->members->at("account") == hers);
}

TEST_CASE("who administers writes persons without being an editor, and nothing else") {
    IsmsSite site;
    const auto write = [&](const char* kind, const json& members) {
        return refusal_of([&] { site.write_all(site.ada, {IsmsSite::added(kind, members)}, false, "admin"); }).first;
    };
    CHECK(write("person", {{"title", "Bob"}, {"account", site.bob}}) == "nothing");
    CHECK(write("unit", {{"title", "IT"}}) == "forbidden");
}

TEST_CASE("an account that a host still has after its person left is a gap; who leaves today is still here") {
    IsmsSite site;
    const std::string today = isms::day_of(site.site.clock.now());
    const auto person = [](const std::string& name, const std::string& left, const std::string& login) {
        return IsmsSite::added("person", {{"title", name}, {"left", left}, {"login_names", {login}}}, login);
    };
    site.write_all(site.ada, {person("Grace", "2019-12-31", "grace"), person("Dora", today, "dora"),
                              person("Carl", "2019-12-31", "carl")});
    isms::Facts facts = site.facts();
    facts.accounts_on_hosts = [] {
        return std::map<std::string, std::set<std::string>, std::less<>>{{"grace", {"db", "web"}}, {"dora", {"web"}}};
    };
    const std::vector<isms::Gap> gaps = gaps_with_commands(site.records(), facts);
    CHECK(lists(gaps, 1, "Grace left on 2019-12-31, and the account grace is still on 2 hosts, such as db"));
    CHECK_FALSE(lists(gaps, 1, "Dora left"));
    CHECK_FALSE(lists(gaps, 1, "Carl left"));
}

TEST_CASE(
    "a process that says neither what it handles nor how important it is, is a gap; information flows elsewhere") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("process", {{"title", "Billing"}}));
    const std::vector<isms::Gap> gaps = gaps_with_commands(site.records(), site.facts());
    CHECK(lists(gaps, 1, "how important"));
    CHECK(lists(gaps, 1, "which information"));
    CHECK(lists(gaps, 1, "which systems"));
    CHECK(refusal_of([&] {
              site.write(site.ada, IsmsSite::changed("R-0001", 1,
                                                     {{"title", "Billing"},
                                                      {"flows", {{{"to", "R-0001"}, {"information", "bills"}}}}}));
          }).second.find("itself") != std::string::npos);
    site.write(site.ada, IsmsSite::added("process", {{"title", "Dunning"}}));
    site.write(site.ada, IsmsSite::changed("R-0001", 1,
                                           {{"title", "Billing"},
                                            {"importance", "high"},
                                            {"information", {"bills"}},
                                            {"systems", {"ledger"}},
                                            {"flows", {{{"to", "R-0002"}, {"information", "bills"}}}}}));
    const std::vector<isms::Gap> after = gaps_with_commands(site.records(), site.facts());
    CHECK(std::none_of(after.begin(), after.end(), [](const isms::Gap& gap) { return gap.record == "R-0001"; }));
}

TEST_CASE("issues have a side that fits their topic, and what is called irrelevant says why") {
    IsmsSite site;
    CHECK(refusal_of([&] {
              site.write(site.ada,
                         IsmsSite::added("issue", {{"title", "x"}, {"side", "internal"}, {"topic", "politics"}}));
          }).second.find("no topic of internal") != std::string::npos);
    CHECK(refusal_of([&] {
              site.write(
                  site.ada,
                  IsmsSite::added(
                      "issue", {{"title", "Heat"}, {"side", "external"}, {"topic", "climate"}, {"relevant", false}}));
          }).second.find("say why") != std::string::npos);
    // A climate issue that decides nothing leaves the question of the amendment open.
    site.write(site.ada, IsmsSite::added("issue", {{"title", "Heat"}, {"side", "external"}, {"topic", "climate"}}));
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 2, "climate change"));
    site.write(site.ada, IsmsSite::changed("R-0001", 1,
                                           {{"title", "Heat"},
                                            {"side", "external"},
                                            {"topic", "climate"},
                                            {"relevant", false},
                                            {"effect", "All is in a cellar"}}));
    CHECK_FALSE(lists(gaps_with_commands(site.records(), site.facts()), 2, "climate change"));
}

TEST_CASE("a gap assessment says what was found, once for each requirement and not in the future") {
    IsmsSite site;
    const json twice{{{"requirement", "A.8.5"}, {"state", "partly"}}, {{"requirement", "A.8.5"}, {"state", "fully"}}};
    CHECK(refusal_of([&] {
              site.write(site.ada, IsmsSite::added("gap_assessment",
                                                   {{"title", "Start"}, {"date", "2020-01-01"}, {"results", twice}}));
          }).second.find("A.8.5 has a result already") != std::string::npos);
    CHECK(refusal_of([&] {
              site.write(site.ada, IsmsSite::added("gap_assessment", {{"title", "Start"}, {"date", "2120-01-01"}}));
          }).second.find("future") != std::string::npos);
}

TEST_CASE("each requirement of a party is met by something, or it is said why not, and not both") {
    IsmsSite site;
    const auto party = [](const json& requirement) {
        return json{{"title", "Customers"}, {"requirements", json::array({requirement})}};
    };
    site.write(site.ada, IsmsSite::added("party", party({{"requirement", "Secrecy"}})));
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 2, "requirements[0]: nothing meets it"));
    CHECK(refusal_of([&] {
              site.write(
                  site.ada,
                  IsmsSite::changed(
                      "R-0001", 1,
                      party({{"requirement", "Secrecy"}, {"controls", {"A.5.14"}}, {"not_addressed", "too dear"}})));
          }).first == "schema");
    site.write(site.ada, IsmsSite::changed("R-0001", 1, party({{"requirement", "Secrecy"}, {"controls", {"A.5.14"}}})));
    CHECK_FALSE(lists(gaps_with_commands(site.records(), site.facts()), 2, "requirements[0]"));
}

TEST_CASE("an obligation is linked to controls as long as it binds") {
    IsmsSite site;
    json law{{"title", "Data protection"}, {"type", "law"}, {"source", "Regulation 2016/679"}};
    site.write(site.ada, IsmsSite::added("obligation", law));
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 2, "No control is linked"));
    law["controls"] = {"A.5.34"};
    site.write(site.ada, IsmsSite::changed("R-0001", 1, law));
    CHECK_FALSE(lists(gaps_with_commands(site.records(), site.facts()), 2, "No control is linked"));
    law["from"] = "2027-01-01";
    law["to"] = "2026-01-01";
    CHECK(refusal_of([&] { site.write(site.ada, IsmsSite::changed("R-0001", 2, law)); }).second.find("before from") !=
          std::string::npos);
}

TEST_CASE("a critical supplier needs an assurance in date, a review within a year and a way out") {
    IsmsSite site;
    json cloud{{"title", "Cloud"},
               {"criticality", "high"},
               {"security_clauses", "annex 3"},
               {"assurances", {{{"what", "certificate"}, {"until", "2019-12-31"}}}}};
    site.write(site.ada, IsmsSite::added("supplier", cloud));
    const std::vector<isms::Gap> gaps = gaps_with_commands(site.records(), site.facts());
    CHECK(lists(gaps, 2, "in date"));
    CHECK(lists(gaps, 2, "within a year"));
    CHECK(lists(gaps, 2, "no way out"));
    const std::vector<isms::Due> due = isms::due(site.records(), site.facts(), 30);
    CHECK(std::any_of(due.begin(), due.end(),
                      [](const isms::Due& one) { return one.overdue && one.date == "2019-12-31"; }));
    // Where the service has ended nothing of it is asked for.
    cloud["ended"] = "2020-01-01";
    site.write(site.ada, IsmsSite::changed("R-0001", 1, cloud));
    CHECK_FALSE(lists(gaps_with_commands(site.records(), site.facts()), 2, "The supplier"));
}

TEST_CASE("a scope's rule is in force once approved, and a later edit changes nothing before its own approval") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("scope", scope_of_production()));
    CHECK_FALSE(isms::scope_in_force(site.records()).rule);
    site.judge(site.bob, "R-0001");
    policies::Scope scope = isms::scope_in_force(site.records());
    CHECK(scope.reference == "R-0001 version 1");
    CHECK(policies::in_scope(scope, host(web, "production")));
    CHECK_FALSE(policies::in_scope(scope, host(mail, "test")));

    json nothing = scope_of_production();
    nothing["rule"][0]["any_of"][0]["value"] = "nothing";
    site.write(site.ada, IsmsSite::changed("R-0001", 1, nothing));
    scope = isms::scope_in_force(site.records());
    CHECK(scope.reference == "R-0001 version 1");
    CHECK(policies::in_scope(scope, host(web, "production")));
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 4, "older version of the scope"));
}

TEST_CASE("a scope is read as of a time: what was approved later was not in force yet") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("scope", scope_of_production()));
    const Instant before = site.site.clock.now();
    site.judge(site.bob, "R-0001");
    CHECK_FALSE(isms::scope_in_force({site.store, site.blobs, {before, std::nullopt}}).rule);
    CHECK(isms::scope_in_force(site.records()).rule);
}

TEST_CASE("a scope's rule that one person wrote and approved takes no host out") {
    IsmsSite site;
    site.approvers = 1;
    site.write(site.ada, IsmsSite::added("scope", scope_of_production()));
    CHECK(site.judge(site.ada, "R-0001").single_person);
    CHECK(policies::in_scope(isms::scope_in_force(site.records()), host(mail, "test")));
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 4, "One person alone"));
}

TEST_CASE("a network takes out the hosts that told their addresses and have none in it") {
    IsmsSite site;
    json scope = scope_of_production();
    scope["rule"].push_back({{"any_of", {{{"by", "network"}, {"value", "10.0.0.0/8"}}}}});
    site.write(site.ada, IsmsSite::added("scope", scope));
    site.judge(site.bob, "R-0001");
    const policies::Scope in_force = isms::scope_in_force(site.records());
    policies::HostFacts facts = host(web, "production");
    facts.addresses_known = false;
    CHECK(policies::in_scope(in_force, facts));
    facts.addresses_known = true;
    CHECK_FALSE(policies::in_scope(in_force, facts));
    facts.addresses = {"192.0.2.7", "10.1.2.3"};
    CHECK(policies::in_scope(in_force, facts));
    facts.tags["environment"] = "test";
    CHECK_FALSE(policies::in_scope(in_force, facts));
}

TEST_CASE("a rule that no host can be held against is refused, and there is one scope") {
    IsmsSite site;
    json wrong = scope_of_production();
    wrong["rule"][0]["any_of"][0] = {{"by", "network"}, {"value", "10.0.0.0/99"}};
    CHECK(refusal_of([&] { site.write(site.ada, IsmsSite::added("scope", wrong)); }).first == "schema");
    site.write(site.ada, IsmsSite::added("scope", scope_of_production()));
    CHECK(refusal_of([&] { site.write(site.ada, IsmsSite::added("scope", scope_of_production())); }).first == "schema");
}

TEST_CASE("leaving the scope without a second person is refused, even to the only one who could approve") {
    IsmsSite site;
    const json exclusion{{"title", "Web leaves"}, {"host", web}, {"reason", "sold"}};
    site.write(site.ada, IsmsSite::added("scope_exclusion", exclusion));
    CHECK(policies::in_scope(isms::scope_in_force(site.records()), host(web, "production")));
    CHECK(refusal_of([&] { site.judge(site.ada, "R-0001"); }).first == "forbidden");
    site.approvers = 1;
    CHECK(refusal_of([&] { site.judge(site.ada, "R-0001"); }).first == "forbidden");
    CHECK(policies::in_scope(isms::scope_in_force(site.records()), host(web, "production")));
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 1, "still in scope"));
    // Rejecting it takes nobody else: it takes no host out.
    site.approvers = 2;
    site.judge(site.bob, "R-0001");
    CHECK_FALSE(policies::in_scope(isms::scope_in_force(site.records()), host(web, "production")));
    CHECK(policies::in_scope(isms::scope_in_force(site.records()), host(mail, "production")));
    site.judge(site.ada, "R-0001", false);
    CHECK(policies::in_scope(isms::scope_in_force(site.records()), host(web, "production")));
}

TEST_CASE("an approved exclusion covers the host that was approved, not one that somebody wrote in later") {
    IsmsSite site;
    json exclusion{{"title", "One leaves"}, {"host", web}, {"reason", "sold"}};
    site.write(site.ada, IsmsSite::added("scope_exclusion", exclusion));
    site.judge(site.bob, "R-0001");
    exclusion["host"] = mail;
    site.write(site.ada, IsmsSite::changed("R-0001", 1, exclusion));
    const policies::Scope scope = isms::scope_in_force(site.records());
    CHECK_FALSE(policies::in_scope(scope, host(web, "production")));
    CHECK(policies::in_scope(scope, host(mail, "production")));
}

TEST_CASE("a host leaves the scope with a reason") {
    IsmsSite site;
    CHECK(refusal_of([&] {
              site.write(site.ada, IsmsSite::added("scope_exclusion", {{"title", "x"}, {"host", web}}));
          }).second.find("reason") != std::string::npos);
}

TEST_CASE("what nobody compared is unconfirmed, and nobody writes a comparison by hand") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("scope", scope_of_production()));
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 1, "unconfirmed"));
    site.write(site.ada, IsmsSite::added(
                             "reconciliation",
                             {{"title", "Autumn"}, {"source", "purchasing"}, {"compared_at", "2026-01-01T00:00:00Z"}}));
    const isms::Register records = site.records();
    CHECK_FALSE(records.find("R-0002")->members->contains("compared_at"));
    CHECK(lists(gaps_with_commands(records, site.facts()), 1, "never compared"));
    CHECK(lists(gaps_with_commands(records, site.facts()), 1, "unconfirmed"));
}

TEST_CASE("a list is compared with the hosts in scope when it is written, and its differences are to be explained") {
    IsmsSite site;
    site.hosts_in_scope = {"web.example.org", "mail.example.org"};
    json list{{"title", "Autumn"}, {"source", "purchasing"}, {"hosts", {"WEB.example.org", "printer.example.org"}}};
    site.write(site.ada, IsmsSite::added("reconciliation", list));
    const std::string compared = evidence::to_string(site.site.clock.now());
    const auto members = [&] { return *site.records().find("R-0001")->members; };
    CHECK(members().at("compared_at") == compared);
    CHECK(members().at("listed") == 2);
    CHECK(members().at("list_digest") == evidence::sha256(std::string{"printer.example.org\nweb.example.org\n"}).hex());
    CHECK(members().at("only_in_list") == json::array({"printer.example.org"}));
    CHECK(members().at("only_in_scope") == json::array({"mail.example.org"}));
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 1, "2 differences"));

    // Who explains compares nothing anew: the same list does not look newer for it.
    site.hosts_in_scope.push_back("third.example.org");
    list["explanations"] = {{{"host", "printer.example.org"}, {"explanation", "has no agent"}},
                            {{"host", "mail.example.org"}, {"explanation", "rented"}}};
    site.write(site.ada, IsmsSite::changed("R-0001", 1, list));
    CHECK(members().at("compared_at") == compared);
    CHECK(members().at("only_in_scope") == json::array({"mail.example.org"}));
    CHECK_FALSE(lists(gaps_with_commands(site.records(), site.facts()), 1, "differences"));
    CHECK_FALSE(lists(gaps_with_commands(site.records(), site.facts()), 1, "unconfirmed"));
    site.site.clock.advance(std::chrono::hours{24 * 91});
    CHECK(lists(gaps_with_commands(site.records(), site.facts()), 1, "unconfirmed"));
}

TEST_CASE("an inventory is reconciled by an approved comparison whose differences are explained, for 90 days") {
    IsmsSite site;
    site.hosts_in_scope = {"web"};
    site.write_all(
        site.ada,
        {IsmsSite::added("person", {{"title", "Grace"}}, "grace"),
         IsmsSite::added("asset", {{"title", "Safe"}, {"type", "hardware"}, {"owner", "$grace"}}, "safe"),
         IsmsSite::added("reconciliation", {{"title", "Autumn"}, {"source", "list"}, {"hosts", {"web"}}}, "list")});
    const Instant compared = site.site.clock.now();
    const auto inventory = [&] {
        for (const policies::RecordFact& fact : isms::status_inputs(site.records(), site.site.clock.now()).facts)
            if (fact.control == "A.5.9") return fact;
        return policies::RecordFact{};
    };
    site.judge(site.bob, "R-0002");
    CHECK(inventory().review == policies::Review::none);
    site.judge(site.bob, "R-0003");
    CHECK(inventory().review == policies::Review::approved);
    CHECK(inventory().valid_until == compared + std::chrono::days{90});
    // A newer comparison that nobody approved takes the older one's place.
    site.write(site.ada,
               IsmsSite::added("reconciliation", {{"title", "Winter"}, {"source", "list"}, {"hosts", {"x"}}}));
    CHECK(inventory().review == policies::Review::none);
}

TEST_CASE("obligations and assets serve their controls once each is complete and approved") {
    IsmsSite site;
    const auto review_of = [&](const std::string& control) {
        for (const policies::RecordFact& fact : isms::status_inputs(site.records(), site.site.clock.now()).facts)
            if (fact.control == control) return fact.review;
        return policies::Review::rejected;
    };
    site.write_all(
        site.ada,
        {IsmsSite::added("person", {{"title", "Grace"}}, "grace"),
         IsmsSite::added("obligation",
                         {{"title", "Law"}, {"type", "law"}, {"owner", "$grace"}, {"controls", {"A.5.34"}}}, "law"),
         IsmsSite::added("asset",
                         {{"title", "Safe"},
                          {"type", "hardware"},
                          {"owner", "$grace"},
                          {"confidentiality", "low"},
                          {"integrity", "low"},
                          {"availability", "low"}},
                         "safe")});
    CHECK(review_of("A.5.31") == policies::Review::none);
    CHECK(review_of("A.5.12") == policies::Review::none);
    site.judge(site.bob, "R-0002");
    site.judge(site.bob, "R-0003");
    CHECK(review_of("A.5.31") == policies::Review::approved);
    CHECK(review_of("A.5.12") == policies::Review::approved);
    // An inventory is one once somebody held it against an independent list.
    CHECK(review_of("A.5.9") == policies::Review::none);
    site.write(site.ada, IsmsSite::added("obligation", {{"title", "Contract"}, {"type", "contract"}}));
    CHECK(review_of("A.5.31") == policies::Review::none);
}

}  // namespace annexa::store::test
