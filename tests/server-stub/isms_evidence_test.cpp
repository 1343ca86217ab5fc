// Evidence attached to records and controls: its forms, its dates and marks, its review, what it does to a status, and
// how its file goes.
#include "server-stub/api/routes.hpp"
#include "server-stub/check/store_check.hpp"
#include "server-stub/isms/media_type.hpp"
#include "server-stub/isms/overview.hpp"
#include "tests/server-stub/isms_server.hpp"
#include "tests/server-stub/next_commands.hpp"

#include <catch2/catch.hpp>

namespace annexa::store::test {
namespace {

using nlohmann::json;
using policies::Review;

const std::string report = "%PDF-1.7 the restore test of March";

struct Attachments : IsmsServer {
    Response upload(const std::string& bytes, const std::string& digest, const std::string& role = "editor") {
        Request request;
        request.method = "PUT";
        request.parameters = {digest};
        request.body = bytes;
        request.session = session(ada, role);
        return put_file(server(), request);
    }
    std::string upload(const std::string& bytes) {
        const std::string digest = evidence::sha256(bytes).hex();
        upload(bytes, digest);
        return digest;
    }
    static json piece(json more = json::object()) {
        json members{{"title", "Restore test"},          {"requirements", {"A.8.13"}},  {"form", "text"},
                     {"text", "Restored in 20 minutes"}, {"produced", "2026-11-20"},    {"obtained_at", "2026-11-21"},
                     {"obtained_from", "Operations"},    {"period_from", "2026-10-01"}, {"period_to", "2026-12-31"}};
        members.update(more);
        for (auto member = members.begin(); member != members.end();)
            member = member->is_null() ? members.erase(member) : std::next(member);
        return members;
    }
    std::string attach(json more = json::object()) { return put(ada, "evidence", piece(std::move(more))).id; }
    std::string refused(json more) {
        const auto [code, sentence] = refusal_of([&] { attach(std::move(more)); });
        return code == "schema" ? sentence : code;
    }
    std::vector<policies::RecordFact> facts() { return isms::status_inputs(records(), site.clock.now()).facts; }
};

}  // namespace

TEST_CASE("a file is taken by its digest alone, and is what its bytes say") {
    Attachments site;
    const std::string digest = evidence::sha256(report).hex();
    CHECK(refusal_of([&] { site.upload(report + "x", digest); }).first == "digest_mismatch");
    CHECK(refusal_of([&] { site.upload(report, "abc"); }).first == "bad_request");
    CHECK(refusal_of([&] { site.upload(report, digest, "reader"); }).first == "forbidden");
    CHECK(refusal_of([&] { site.upload("", evidence::sha256("").hex()); }).first == "schema");
    CHECK(json::parse(site.upload(report, digest, "auditor").body).at("media_type") == "application/pdf");
    const std::string id =
        site.attach({{"form", "file"}, {"text", nullptr}, {"file", digest}, {"file_name", "restore.exe"}});
    CHECK(site.members(id).at("media_type") == "application/pdf");
    CHECK(site.members(id).at("size") == report.size());
    Request request;
    request.parameters = {digest};
    const Response answer = get_file(site.server(), request);
    CHECK(answer.body == report);
    bool download = false;
    for (const Header& header : answer.headers)
        download |= header.first == "Content-Disposition" && header.second.starts_with("attachment");
    CHECK(download);
    CHECK(site.refused({{"form", "file"}, {"text", nullptr}, {"file", evidence::sha256("never").hex()}})
              .find("upload it first") != std::string::npos);
}

TEST_CASE("a media type is told by content, and never one that a browser would run") {
    CHECK(isms::media_type("<html><script>alert(1)</script>") == "text/plain; charset=utf-8");
    CHECK(isms::media_type("<svg onload=alert(1)>") == "text/plain; charset=utf-8");
    CHECK(isms::media_type("\x89PNG\r\n\x1a\nrest") == "image/png");
    CHECK(isms::media_type("Gr\xc3\xbc\xc3\x9f Gott\n") == "text/plain; charset=utf-8");
    CHECK(isms::media_type("Gr\xfc\xdf") == "application/octet-stream");
    CHECK(isms::media_type(std::string("a\0b", 3)) == "application/octet-stream");
    CHECK(isms::media_type("\xed\xa0") == "application/octet-stream");
    CHECK(isms::media_type("PK\x03\x04 [Content_Types].xml xl/workbook.xml") ==
          "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    CHECK(isms::media_type("PK\x03\x04 any") == "application/zip");
}

TEST_CASE("each form has its content and no other, and says what it is for") {
    Attachments site;
    CHECK(site.refused({{"form", "link"}, {"text", nullptr}}).find("link: is missing") != std::string::npos);
    CHECK(site.refused({{"form", "link"}, {"link", "https://example.org"}}).find("does not go with the form") !=
          std::string::npos);
    CHECK(site.refused({{"form", "link"}, {"text", nullptr}, {"link", "javascript:alert(1)"}}).find("https://") !=
          std::string::npos);
    CHECK(site.refused({{"requirements", nullptr}}).find("evidence for") != std::string::npos);
    CHECK(site.refused({{"requirements", {"A.8.99"}}}).find("no control A.8.99") != std::string::npos);
    CHECK(site.refused({{"form", "host_evidence"}, {"text", nullptr}}).find("entries") != std::string::npos);
    CHECK(site.attach({{"form", "link"}, {"text", nullptr}, {"link", "https://example.org/ticket/7"}}) != "");
}

TEST_CASE("dates that cannot be are refused; evidence made after its period is marked") {
    Attachments site;
    CHECK(site.refused({{"produced", "2027-01-01"}}).find("still to come") != std::string::npos);
    CHECK(site.refused({{"period_to", "2026-09-30"}}).find("before period_from") != std::string::npos);
    CHECK(site.refused({{"obtained_at", "2026-11-19"}}).find("before it was produced") != std::string::npos);
    const std::string in_time = site.attach();
    CHECK_FALSE(site.members(in_time).contains("produced_after_period"));
    CHECK(site.members(in_time).at("uploaded_at").get<std::string>().starts_with("2026-11-24"));
    const std::string late = site.attach({{"period_to", "2026-10-31"}});
    CHECK(site.members(late).at("produced_after_period") == true);
    // Nobody takes the mark off but by another period.
    site.set(site.ada, late, {{"produced_after_period", false}, {"notes", "x"}});
    CHECK(site.members(late).at("produced_after_period") == true);
}

TEST_CASE("evidence that came after an audit of it began is marked, and stays marked") {
    Attachments site;
    const std::string before = site.attach();
    const std::string audit = site.put(site.ada, "audit",
                                       {{"title", "Audit"},
                                        {"requirements", {"A.8.13"}},
                                        {"held_from", "2026-11-24"},
                                        {"period_to", "2026-12-31"}},
                                       "auditor")
                                  .id;
    site.site.clock.advance(std::chrono::hours{24});
    const std::string after = site.attach({{"title", "Another"}});
    CHECK(site.members(after).at("uploaded_after_audits") == json::array({audit}));
    CHECK_FALSE(site.members(before).contains("uploaded_after_audits"));
    site.set(site.ada, before, {{"notes", "no new content"}});
    CHECK_FALSE(site.members(before).contains("uploaded_after_audits"));
    site.set(site.ada, before, {{"text", "Restored in 10 minutes"}});
    CHECK(site.members(before).at("uploaded_after_audits") == json::array({audit}));
    site.set(site.ada, after, {{"requirements", {"A.5.1"}}, {"uploaded_after_audits", json::array()}});
    CHECK(site.members(after).at("uploaded_after_audits") == json::array({audit}));
}

TEST_CASE("host evidence is verified on the spot: the entry is there, signed and included") {
    Attachments site;
    ReportingHost host{site};
    const std::uint64_t index = host.report("365");
    const std::string id = site.attach({{"form", "host_evidence"}, {"text", nullptr}, {"entries", {index}}});
    const json proved = site.members(id).at("proved");
    REQUIRE(proved.size() == 1);
    CHECK(proved[0].at("index") == index);
    CHECK(proved[0].at("host") == host.id());
    CHECK(proved[0].at("tree_size").get<std::uint64_t>() > index);
    CHECK(site.refused({{"form", "host_evidence"}, {"text", nullptr}, {"entries", {index, 100000}}})
              .find("no entry 100000") != std::string::npos);
    CHECK(site.refused({{"form", "host_evidence"}, {"text", nullptr}, {"entries", {-1}}}) != "nothing");
    // An entry that did not hold is refused whatever the request says was proved.
    isms::Facts facts = site.live(site.ada);
    facts.prove_entry = [](std::uint64_t) {
        isms::ProvedEntry entry;
        entry.problem = "its signature does not verify";
        return entry;
    };
    const Session by = site.session(site.ada, "approver");
    const json forged = Attachments::piece(
        {{"title", "Forged"}, {"form", "host_evidence"}, {"text", nullptr}, {"entries", {index}}, {"proved", proved}});
    CHECK(refusal_of([&] {
              isms::apply({site.store, site.blobs, *site.site.log, site.site.record_key, site.site.clock, by}, facts,
                          {IsmsSite::added("evidence", forged)}, false);
          }).second.find("signature") != std::string::npos);
}

TEST_CASE("evidence shows something once a second person has reviewed it, and speaks against where it is rejected") {
    Attachments site;
    const std::string id = site.attach({{"valid_until", "2027-11-20"}});
    REQUIRE(site.facts().size() == 1);
    CHECK(site.facts().front().review == Review::none);
    CHECK(refusal_of([&] { site.judge(site.ada, id); }).first == "forbidden");
    site.judge(site.bob, id);
    const policies::RecordFact fact = site.facts().front();
    CHECK(fact.review == Review::approved);
    CHECK(fact.control == "A.8.13");
    CHECK(fact.kind == policies::RecordKind::operation);
    CHECK(fact.produced_at == evidence::parse_instant("2026-11-20T00:00:00Z"));
    CHECK(fact.valid_until == evidence::parse_instant("2027-11-21T00:00:00Z"));
    CHECK_FALSE(fact.single_person);
    // A newer version is nothing yet; what was approved stands meanwhile.
    site.set(site.ada, id, {{"text", "Restored in no time"}});
    REQUIRE(site.facts().size() == 1);
    CHECK(site.facts().front().reference == id + " version 1");
    site.judge(site.bob, id, false);
    bool rejected = false;
    for (const policies::RecordFact& each : site.facts()) rejected |= each.review == Review::rejected;
    CHECK(rejected);
}

TEST_CASE("a rejection stands whatever the author edits, until another person has judged a later version") {
    Attachments site;
    const std::string id = site.attach({{"requirements", {"A.7.1"}}});
    site.judge(site.bob, id, false);
    site.set(site.ada, id, {{"requirements", {"A.8.13"}}});
    const auto rejected = [&] {
        std::set<std::string> controls;
        for (const policies::RecordFact& fact : site.facts())
            if (fact.review == Review::rejected) controls.insert(fact.control + " by " + fact.reference);
        return controls;
    };
    const std::set<std::string> first{"A.7.1 by " + id + " version 1"};
    CHECK(rejected() == first);
    // Nor does the author's own word take another's back.
    site.judge(site.ada, id, false);
    CHECK(rejected() == first);
    site.set(site.ada, id, {{"text", "Restored in 30 minutes"}});
    site.judge(site.bob, id, false);
    CHECK(rejected() == std::set<std::string>{"A.8.13 by " + id + " version 3"});
    site.set(site.ada, id, {{"text", "Restored in 40 minutes"}});
    site.judge(site.bob, id);
    CHECK(rejected().empty());
}

TEST_CASE("what was rejected speaks against the control of a row that its author took away since") {
    Attachments site;
    const std::string row =
        site.put(site.ada, "applicability", {{"title", "Backup"}, {"control", "A.8.13"}, {"applicable", true}}).id;
    const std::string id = site.attach({{"requirements", nullptr}, {"records", {row}}});
    site.judge(site.bob, id, false);
    site.set(site.ada, id, {{"requirements", {"9.2"}}, {"records", nullptr}});
    site.write(site.ada, IsmsSite::deleted(row, 1));
    REQUIRE(site.facts().size() == 1);
    CHECK(site.facts().front().review == Review::rejected);
    CHECK(site.facts().front().control == "A.8.13");
}

TEST_CASE("evidence linked to a row of the Statement of Applicability speaks for its control") {
    Attachments site;
    const std::string row =
        site.put(site.ada, "applicability", {{"title", "Backup"}, {"control", "A.8.13"}, {"applicable", true}}).id;
    site.attach({{"requirements", nullptr}, {"records", {row}}});
    REQUIRE(site.facts().size() == 1);
    CHECK(site.facts().front().control == "A.8.13");
    site.attach({{"title", "Clause"}, {"requirements", {"9.2"}}});
    CHECK(site.facts().size() == 1);
}

TEST_CASE("evidence that has ended, or of no known age, is a gap") {
    Attachments site;
    const std::string id = site.attach({{"valid_until", "2026-11-25"}});
    const std::string undated = site.attach({{"produced", nullptr}});
    const auto gaps = [&] { return gaps_with_commands(site.records(), site.live(site.ada)); };
    CHECK_FALSE(has_gap(gaps(), id, "ended"));
    CHECK(has_gap(gaps(), undated, "how old"));
    site.site.clock.advance(std::chrono::hours{48});
    CHECK(has_gap(gaps(), id, "ended on 2026-11-25"));
}

TEST_CASE("erasing evidence removes its file, unless another record or the store itself names it") {
    Attachments site;
    ReportingHost host{site};
    host.report("365");
    const std::string digest = site.upload(report);
    const json file{{"form", "file"}, {"text", nullptr}, {"file", digest}};
    const std::string first = site.attach(file);
    const std::string second = site.attach(file);
    site.erase(first);
    CHECK(site.blobs.get(Digest::from_hex(digest)));
    site.erase(second);
    CHECK_FALSE(site.blobs.get(Digest::from_hex(digest)));
    // A table that a host's signed statement names is no file of this record, whatever it says.
    REQUIRE(site.store.held().size() == 1);
    const Digest table = site.store.held().begin()->first;
    site.erase(site.attach({{"form", "file"}, {"text", nullptr}, {"file", table.hex()}}));
    CHECK(site.blobs.get(table));
    // Nor is the document of another record.
    const std::string other = site.attach();
    const Digest document = site.records().find(other)->last().digest;
    site.erase(site.attach({{"form", "file"}, {"text", nullptr}, {"file", document.hex()}}));
    CHECK(site.blobs.get(document));
    const StoreCheck check = site.check_all();
    for (const StoreProblem& problem : check.problems) UNSCOPED_INFO(problem.place << ": " << problem.what);
    CHECK(check.problems.empty());
}

}  // namespace annexa::store::test
