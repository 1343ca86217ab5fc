// Internal audit: who may audit what, samples that anybody can draw again, a report that stays.
#include "evidence/encoding.hpp"
#include "evidence/merkle_tree.hpp"
#include "server-stub/check/store_check.hpp"
#include "server-stub/isms/coverage.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/sampling.hpp"
#include "tests/server-stub/isms_server.hpp"
#include "tests/server-stub/next_commands.hpp"

#include <catch2/catch.hpp>

namespace annexa::store::test {
namespace {

using nlohmann::json;

const std::string nonce = "only carol knows this: 7f2c91d05be84a36";

/// Ada and Bob may approve, Carol audits.
struct AuditSite : IsmsServer {
    AuditSite() {
        put(ada, "person", {{"title", "Carol"}, {"account", carol}});  // R-0001
        put(ada, "person", {{"title", "Dan"}});                        // R-0002
    }
    std::string plan(json more = json::object()) {
        json members{{"title", "Audit of passwords"},
                     {"objective", "Whether passwords are as decided"},
                     {"scope", "All servers"},
                     {"criteria", "ISO/IEC 27001:2022"},
                     {"requirements", {"A.5.17", "9.1"}},
                     {"methods", {"document_review"}},
                     {"documents", {{{"name", "Password policy"}, {"requirements", {"A.5.17"}}}}},
                     {"auditors", {{{"person", "R-0001"}, {"competence", "Lead auditor since 2020"}}}}};
        members["period_from"] = today(-30);
        members["period_to"] = today();
        members.merge_patch(more);
        return put(carol, "audit", members, "auditor").id;
    }
    std::string today(int days = 0) { return isms::day_of(site.clock.now() + std::chrono::days{days}); }
    void audit(const std::string& id, const std::string& action, const json& input) {
        act(carol, id, action, input, "auditor");
    }
    json report_of(const std::string& id) {
        return json::parse(*blobs.get(Digest::from_hex(members(id).at("report").at("digest").get<std::string>())));
    }

    std::string carol = evidence::random_uuid();
};

const json all_conform = json::array({{{"requirement", "A.5.17"}, {"result", "conforming"}, {"facts", "as decided"}},
                                      {{"requirement", "9.1"}, {"result", "not_examined"}, {"why_not", "next year"}}});
const json words{{"summary", "All is well"}, {"conclusion", "The criteria are met"}};

}  // namespace

TEST_CASE("a programme's gap names what no audit of its cycle covers, and after it what nobody examined") {
    AuditSite site;
    const std::string programme =
        site.put(site.ada, "audit_programme", {{"title", "2027"}, {"from", site.today(-30)}, {"to", site.today(30)}})
            .id;
    CHECK(has_gap(gaps_with_commands(site.records(), site.facts()), programme, "4.1 to A.8.34"));
    site.plan({{"programme", programme},
               {"requirements", {"4", "5", "6", "7", "8", "9", "10", "A.5.17"}},
               {"themes", {"people", "physical", "technological"}}});
    CHECK(has_gap(gaps_with_commands(site.records(), site.facts()), programme,
                  "covers: A.5.1 to A.5.16, A.5.18 to A.5.37."));
    // A control that does not apply need not be audited.
    site.put(site.ada, "applicability",
             {{"title", "x"}, {"control", "A.5.37"}, {"applicable", false}, {"exclusion", "y"}});
    CHECK(has_gap(gaps_with_commands(site.records(), site.facts()), programme, "A.5.18 to A.5.36."));
    site.site.clock.advance(std::chrono::days{31});
    CHECK(has_gap(gaps_with_commands(site.records(), site.facts()), programme, "nobody audited: 4.1 to A.5.36"));
    CHECK(has_gap(gaps_with_commands(site.records(), site.facts()), "", "none for the time to come"));
}

TEST_CASE("an auditor who owns the audited host is refused") {
    AuditSite site;
    ReportingHost host{site};
    site.put(site.ada, "asset",
             {{"title", "Web server"}, {"type", "hardware"}, {"owner", "R-0001"}, {"hosts", {host.id()}}});
    for (const json& scope : {json{{"hosts", {host.id()}}}, json{{"hosts", json::array()}}}) {
        const auto [code, sentence] = refusal_of([&] { site.plan(scope); });
        CHECK(code == "schema");
        CHECK(sentence.find("R-0001 is not independent: owns R-0003") != std::string::npos);
    }
    CHECK(refusal_of([&] { site.plan({{"requirements", {"9.1"}}}); }).first == "nothing");  // of no host
}

TEST_CASE("an auditor whose name is on the host's tag owner is refused") {
    AuditSite site;
    ReportingHost host{site};
    site.store.set_tags(host.id(), {{"owner", "carol"}});
    CHECK(refusal_of([&] { site.plan(); }).second.find("tag owner") != std::string::npos);
    site.store.set_tags(host.id(), {{"owner", "platform"}});
    CHECK(refusal_of([&] { site.plan(); }).first == "nothing");
}

TEST_CASE("an auditor does not judge a control, a clause, or a pack of their own") {
    AuditSite site;
    site.put(site.ada, "applicability", {{"title", "x"}, {"control", "A.5.17"}, {"owner", "R-0001"}});
    CHECK(refusal_of([&] { site.plan(); }).second.find("A.5.17") != std::string::npos);
    CHECK(refusal_of([&] { site.plan({{"requirements", {"A.5.18"}}}); }).first == "nothing");

    site.put(site.ada, "role", {{"title", "Monitoring"}, {"holder", "R-0001"}, {"requirements", {"9"}}});
    const auto [code, sentence] = refusal_of([&] { site.plan({{"title", "Second"}, {"requirements", {"9.1"}}}); });
    CHECK(sentence.find("holds R-0005 (role)") != std::string::npos);

    AuditSite administered;
    administered.store.add_account({administered.carol, "carol", "admin", administered.site.clock.now()});
    CHECK(refusal_of([&] { administered.plan(); }).second.find("administers the store") != std::string::npos);
}

TEST_CASE("independence is overridden by a third person alone, with a reason that the report shows") {
    AuditSite site;
    site.put(site.ada, "applicability", {{"title", "x"}, {"control", "A.5.17"}, {"owner", "R-0001"}});
    const std::string id = site.plan({{"auditors", {{{"person", "R-0002"}, {"competence", "none"}}}}});
    const json wanted{{"person", "R-0001"}, {"reason", "nobody else knows how"}};

    site.approvers = 1;
    CHECK(refusal_of([&] { site.act(site.ada, id, "override_independence", wanted); }).second.find("third person") !=
          std::string::npos);
    site.approvers = 2;
    // Who wrote the audit, and the auditor, are no third person.
    CHECK(refusal_of([&] { site.act(site.carol, id, "override_independence", wanted); }).first == "forbidden");
    CHECK(refusal_of([&] { site.act(site.ada, id, "override_independence", wanted, "editor"); }).first == "forbidden");
    CHECK(refusal_of([&] {
              site.act(site.ada, id, "override_independence", {{"person", "R-0002"}, {"reason", "x"}});
          }).first == "conflict");
    site.act(site.ada, id, "override_independence", wanted);
    const json team{{"auditors", {{{"person", "R-0001"}, {"competence", "Lead auditor"}}}}};
    CHECK(refusal_of([&] { site.set(site.carol, id, team, "auditor"); }).first == "nothing");

    // What comes up later was not overridden.
    site.put(site.ada, "role", {{"title", "Monitoring"}, {"holder", "R-0001"}, {"requirements", {"9.1"}}});
    CHECK(refusal_of([&] {
              site.set(site.carol, id, {{"notes", "x"}}, "auditor");
          }).second.find("R-0005") != std::string::npos);
    site.act(site.ada, id, "override_independence", wanted);
    site.set(site.carol, id, {{"results", all_conform}}, "auditor");
    site.audit(id, "report", words);
    const json overrides = site.report_of(id).at("independence_overrides");
    REQUIRE(overrides.size() == 2);
    CHECK(overrides[0].at("reason") == "nobody else knows how");
    CHECK(overrides[0].at("by") == site.ada);
}

TEST_CASE("a random sample follows from the auditor's nonce and the first checkpoint after the freeze") {
    AuditSite site;
    std::vector<std::unique_ptr<ReportingHost>> hosts;
    for (int i = 0; i < 12; ++i) hosts.push_back(std::make_unique<ReportingHost>(site, "host" + std::to_string(i)));
    const std::string id = site.plan();
    CHECK(refusal_of([&] { site.audit(id, "freeze", {{"of", "hosts"}}); }).second.find("nonce") != std::string::npos);
    site.audit(id, "commit_nonce", {{"nonce_hash", evidence::sha256(nonce).hex()}});
    site.audit(id, "freeze", {{"of", "hosts"}});
    const std::uint64_t frozen_at = site.records().find(id)->last().index;
    site.put(site.ada, "person", {{"title", "Somebody after it"}});

    const json wanted{{"population", "hosts"}, {"method", "random"}, {"size", 4}, {"nonce", nonce}};
    json wrong = wanted;
    wrong["nonce"] = "another text of at least 32 characters";
    CHECK(refusal_of([&] { site.audit(id, "draw", wrong); }).second.find("not the one that was logged") !=
          std::string::npos);
    wrong.erase("nonce");
    CHECK(refusal_of([&] { site.audit(id, "draw", wrong); }).first == "schema");
    site.audit(id, "draw", wanted);

    // Drawn again by hand, from what the log and the record say alone.
    const json population = site.members(id).at("populations")[0];
    const json sample = site.members(id).at("samples")[0];
    CHECK(population.at("items") == 12);
    const std::uint64_t size = sample.at("checkpoint_size");
    CHECK(size > frozen_at);
    CHECK(size == site.store.mark_from(frozen_at + 1)->index);
    evidence::MerkleTree tree;
    for (const std::string& entry : site.store.entries(0, size)) tree.add(evidence::leaf_hash(entry));
    CHECK(tree.root().hex() == sample.at("checkpoint_root"));
    const Digest seed = evidence::sha256(nonce + "\n" + std::string{origin} + "\n" + std::to_string(size) + "\n" +
                                         evidence::to_base64(tree.root().view()) + "\n");
    CHECK(seed.hex() == sample.at("seed"));
    std::map<std::string, std::string> ranks;
    for (const auto& host : hosts) ranks[evidence::hmac_sha256(seed.view(), "1 " + host->id()).hex()] = host->id();
    std::vector<std::string> expected;
    for (const auto& [rank, host] : ranks)
        if (expected.size() < 4) expected.push_back(host);
    CHECK(sample.at("items") == expected);

    // A redraw says why, is another, and both stay.
    const json again{{"population", "hosts"}, {"method", "random"}, {"size", 4}};
    CHECK(refusal_of([&] { site.audit(id, "draw", again); }).second.find("reason") != std::string::npos);
    json reasoned = again;
    reasoned["reason"] = "two hosts were switched off";
    site.audit(id, "draw", reasoned);
    CHECK(site.members(id).at("samples").size() == 2);
    CHECK(site.members(id).at("samples")[1].at("draw") == 2);

    // The nonce is known now: the next population takes a new one, and what the frozen one rests on stays.
    CHECK(refusal_of([&] { site.audit(id, "freeze", {{"of", "host_days"}}); }).first == "conflict");
    CHECK(refusal_of([&] { site.audit(id, "freeze", {{"of", "hosts"}}); }).first == "conflict");
    CHECK(refusal_of([&] {
              site.set(site.carol, id, {{"period_from", site.today(-2)}}, "auditor");
          }).second.find("frozen") != std::string::npos);
    CHECK(refusal_of([&] { site.set(site.carol, id, {{"samples", json::array()}}, "auditor"); }).first == "nothing");
    CHECK(site.members(id).at("samples").size() == 2);  // computed: nobody edits it
    CHECK(refusal_of([&] { site.act(site.ada, id, "draw", again, "auditor"); }).first == "forbidden");
}

TEST_CASE("a sample is the same whoever draws it, and strata each give their share") {
    std::vector<isms::PopulationItem> items;
    for (int i = 0; i < 40; ++i) items.push_back({"item" + std::to_string(i), i % 4 == 0 ? "test" : "production"});
    const Digest seed = evidence::sha256("seed");
    const std::vector<std::string> drawn = isms::draw_sample(items, 3, seed, 1);
    CHECK(drawn.size() == 6);
    CHECK(std::set<std::string>(drawn.begin(), drawn.end()).size() == 6);
    std::reverse(items.begin(), items.end());
    CHECK(isms::draw_sample(items, 3, seed, 1) == drawn);
    CHECK(isms::draw_sample(items, 3, seed, 2) != drawn);
    CHECK(isms::draw_sample(items, 100, seed, 1).size() == 40);
}

TEST_CASE("host-days are the days on which a host was in service in the audit's period") {
    AuditSite site;
    ReportingHost host{site};
    site.site.clock.advance(std::chrono::days{4});
    const std::string id = site.plan({{"period_from", site.today(-10)}});
    site.audit(id, "commit_nonce", {{"nonce_hash", evidence::sha256(nonce).hex()}});
    site.audit(id, "freeze", {{"of", "host_days"}});
    CHECK(site.members(id).at("populations")[0].at("items") == 5);
    CHECK(refusal_of([&] {
              site.audit(
                  id, "draw",
                  {{"population", "host_days"}, {"method", "judgemental"}, {"items", {host.id()}}, {"reason", "x"}});
          }).second.find("holds no") != std::string::npos);
    const std::string day = host.id() + " " + site.today(-1);
    site.audit(id, "draw",
               {{"population", "host_days"},
                {"method", "judgemental"},
                {"items", {day}},
                {"reason", "the day of the incident"}});
    CHECK(site.members(id).at("samples")[0].at("items") == json::array({day}));
}

TEST_CASE("a population may be of records, as they were at the period's end") {
    AuditSite site;
    const std::string id = site.plan({{"period_to", site.today(-1)}});
    site.audit(id, "commit_nonce", {{"nonce_hash", evidence::sha256(nonce).hex()}});
    CHECK(refusal_of([&] {
              site.audit(id, "freeze", {{"of", "records"}, {"kinds", {"person"}}});
          }).first == "conflict");  // the two persons came today
    const std::string now = site.plan({{"title", "Of today"}});
    site.audit(now, "commit_nonce", {{"nonce_hash", evidence::sha256(nonce).hex()}});
    site.audit(now, "freeze", {{"of", "records"}, {"kinds", {"person"}}});
    CHECK(site.members(now).at("populations")[0].at("items") == 2);
    const std::string frozen =
        *site.blobs.get(Digest::from_hex(site.members(now).at("populations")[0].at("digest").get<std::string>()));
    CHECK(frozen.find("R-0001") != std::string::npos);
    CHECK(frozen.find("Carol") == std::string::npos);  // people by id alone
}

TEST_CASE("a report wants a result for all that is audited, and says what is lacking") {
    AuditSite site;
    const std::string id = site.plan({{"requirements", {"A.5.17", "9"}}});
    site.set(site.carol, id,
             {{"results", {{{"requirement", "A.5.17"}, {"result", "minor"}, {"facts", "too old"}, {"evidence", {2}}}}}},
             "auditor");
    const auto [code, sentence] = refusal_of([&] { site.audit(id, "report", words); });
    CHECK(code == "schema");
    CHECK(sentence.find("no result for 9.1 to 9.3.3") != std::string::npos);
    CHECK(sentence.find("raise the nonconformity") != std::string::npos);
    CHECK(sentence.find("entry 2 was not verified") != std::string::npos);

    const auto refused = [&](const json& results) {
        return refusal_of([&] { site.set(site.carol, id, {{"results", results}}, "auditor"); }).second;
    };
    CHECK(refused({{{"requirement", "9.1"}, {"result", "not_examined"}}}).find("why") != std::string::npos);
    CHECK(refused({{{"requirement", "4.1"}, {"result", "conforming"}}}).find("not one that this audit") !=
          std::string::npos);
    CHECK(refused({{{"requirement", "9.1"}, {"result", "major"}}}).find("what was seen") != std::string::npos);
    CHECK(refused({all_conform[0], all_conform[0]}).find("already") != std::string::npos);
    // The team's word is the team's.
    CHECK(refusal_of([&] {
              site.set(site.bob, id, {{"results", json::array({all_conform[0]})}}, "auditor");
          }).second.find("an auditor of this audit") != std::string::npos);
}

TEST_CASE("evidence is verified on the spot, with the checkpoint that it was proved against") {
    AuditSite site;
    ReportingHost host{site};
    const std::uint64_t index = host.report("90");
    const std::string id = site.plan();
    site.audit(id, "verify_evidence", {{"evidence", {index}}});
    const json verified = site.members(id).at("evidence_verified")[0];
    CHECK(verified.at("index") == index);
    CHECK(verified.at("host") == host.id());
    CHECK(verified.at("checkpoint_root") == site.site.log->root_at(verified.at("checkpoint_size")).hex());
    CHECK(refusal_of([&] {
              site.audit(id, "verify_evidence", {{"evidence", {100000}}});
          }).second.find("no entry") != std::string::npos);
}

TEST_CASE("after sign-off the results of an audit do not change, and before it only once the report is taken back") {
    AuditSite site;
    const std::string id = site.plan();
    site.set(site.carol, id, {{"results", all_conform}}, "auditor");
    site.audit(id, "report", words);
    const json report = site.report_of(id);
    CHECK(report.at("summary") == "All is well");
    CHECK(report.at("counts") == json{{"conforming", 1}, {"not_examined", 1}});
    CHECK(report.at("not_examined")[0].at("why_not") == "next year");
    CHECK(report.at("controls").size() == 1);
    CHECK(report.dump().find("Carol") == std::string::npos);

    const json worse{{"results", json::array({{{"requirement", "A.5.17"}, {"result", "major"}, {"facts", "no"}}})}};
    CHECK(refusal_of([&] { site.set(site.carol, id, worse, "auditor"); }).second.find("reopen") != std::string::npos);
    site.audit(id, "reopen", {{"reason", "a page was missing"}});
    CHECK(site.members(id).at("reports_taken_back")[0].at("reason") == "a page was missing");
    site.audit(id, "report", words);

    CHECK(refusal_of([&] { site.judge(site.carol, id); }).first == "forbidden");
    site.judge(site.bob, id);
    CHECK(refusal_of([&] { site.set(site.carol, id, worse, "auditor"); }).second.find("signed off") !=
          std::string::npos);
    CHECK(refusal_of([&] { site.audit(id, "reopen", {{"reason", "x"}}); }).first == "conflict");
    site.judge(site.bob, id, false);  // nor where the approval is taken back
    CHECK(refusal_of([&] { site.set(site.carol, id, worse, "auditor"); }).first == "schema");
    CHECK(site.records().find(id)->members->at("results") == all_conform);

    const StoreCheck check = site.check_all();
    for (const StoreProblem& problem : check.problems) UNSCOPED_INFO(problem.place << ": " << problem.what);
    CHECK(check.problems.empty());
}

TEST_CASE("an audit is not deleted, and who may edit controls writes none") {
    AuditSite site;
    const std::string id = site.plan();
    CHECK(refusal_of([&] { site.write_all(site.carol, {IsmsSite::deleted(id, 1)}, false, "auditor"); }).first ==
          "forbidden");
    CHECK(refusal_of([&] { site.set(site.ada, id, {{"notes", "x"}}); }).first == "forbidden");
}

TEST_CASE("an audit is not erased, and what it froze stays") {
    AuditSite site;
    ReportingHost host{site};
    const std::string id = site.plan();
    site.audit(id, "commit_nonce", {{"nonce_hash", evidence::sha256(nonce).hex()}});
    site.audit(id, "freeze", {{"of", "hosts"}});
    const Digest frozen = Digest::from_hex(site.members(id).at("populations")[0].at("digest").get<std::string>());
    REQUIRE(site.blobs.get(frozen));
    const auto [code, sentence] = refusal_of([&] { site.erase(id); });
    CHECK(code == "forbidden");
    CHECK(sentence.find("erase the person records that it names") != std::string::npos);
    CHECK(site.blobs.get(frozen));
}

TEST_CASE("a person can be erased whom only audits that are signed off name, and everything can still be read") {
    AuditSite site;
    const std::string id = site.plan();
    site.set(site.carol, id, {{"results", all_conform}}, "auditor");
    site.audit(id, "report", words);
    CHECK(refusal_of([&] { site.erase("R-0001"); }).second.find(id + " refers to it (auditors[0].person)") !=
          std::string::npos);
    site.judge(site.bob, id);
    site.erase("R-0001");
    for (const Digest& digest : site.blobs.list()) CHECK(site.blobs.get(digest)->find("Carol") == std::string::npos);
    CHECK_FALSE(gaps_with_commands(site.records(), site.live(site.ada)).empty());
    CHECK_NOTHROW(isms::due(site.records(), site.live(site.ada), 3660));
    CHECK_NOTHROW(isms::status_inputs(site.records(), site.site.clock.now()));
    CHECK(refusal_of([&] { site.set(site.carol, id, {{"notes", "x"}}, "auditor"); }).first == "schema");
    CHECK(refusal_of([&] { site.plan({{"title", "Another"}}); }).second.find("R-0001 is deleted") != std::string::npos);
    const StoreCheck check = site.check_all();
    for (const StoreProblem& problem : check.problems) UNSCOPED_INFO(problem.place << ": " << problem.what);
    CHECK(check.problems.empty());
}

TEST_CASE("requirements are named one by one, by clause or by theme") {
    const std::string clause[] = {"9"};
    CHECK(isms::in_words(isms::requirements_named(clause)) == "9.1 to 9.3.3");
    const std::string theme[] = {"people"};
    CHECK(isms::in_words(isms::requirements_named({}, theme)) == "A.6.1 to A.6.8");
    CHECK(isms::all_requirements().size() == 30 + 93);
    CHECK(isms::in_words({"4.1", "4.2", "A.8.1"}) == "4.1, 4.2, A.8.1");
}

}  // namespace annexa::store::test
