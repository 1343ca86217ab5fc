// The one mechanism of records: versions, bases, approval by another, deletion and erasure, all of it in the log.
#include "server-stub/check/store_check.hpp"
#include "server-stub/isms/overview.hpp"
#include "tests/server-stub/isms_site.hpp"

#include <catch2/catch.hpp>

namespace annexa::store::test {
namespace {

using nlohmann::json;

const json server_room{{"title", "Server room"}, {"type", "site"}};

}  // namespace

TEST_CASE("a new record gets an id and a first version, and the log names its digest but none of its words") {
    IsmsSite site;
    const isms::Applied applied = site.write(site.ada, IsmsSite::added("asset", server_room));
    CHECK(applied.id == "R-0001");
    CHECK(applied.version == 1);
    CHECK(applied.created);
    const isms::Register records = site.records();
    const isms::Record* record = records.find("R-0001");
    REQUIRE(record != nullptr);
    CHECK(record->kind == "asset");
    CHECK(*record->members == server_room);
    CHECK(record->last().account == site.ada);

    const std::string entry = site.store.entries(record->last().index, 1).front();
    const evidence::DecisionRecord logged = evidence::parse_decision_record(evidence::parse_entry(entry).payload);
    CHECK(logged.kind == "record");
    CHECK(logged.id == "R-0001");
    CHECK(logged.version == 1);
    CHECK(logged.document == record->last().digest);
    CHECK(evidence::parse_entry(entry).payload.find("Server room") == std::string::npos);
    CHECK(site.blobs.get(logged.document)->find("\"salt\"") != std::string::npos);
}

TEST_CASE("a change upon an older version is refused and says what changed since") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("asset", server_room));
    json moved = server_room;
    moved["location"] = "Cellar";
    site.write(site.bob, IsmsSite::changed("R-0001", 1, moved));
    json renamed = server_room;
    renamed["title"] = "Machine room";
    const auto [code, sentence] = refusal_of([&] { site.write(site.ada, IsmsSite::changed("R-0001", 1, renamed)); });
    CHECK(code == "stale");
    CHECK(sentence.find("location") != std::string::npos);
    CHECK(site.records().find("R-0001")->last().version == 2);
}

TEST_CASE("of a request with one wrong record nothing is applied, and every problem is named") {
    IsmsSite site;
    const auto [code, sentence] = refusal_of([&] {
        site.write_all(site.ada,
                       {IsmsSite::added("asset", server_room, "first"),
                        IsmsSite::added("asset", {{"title", "x"}, {"type", "cloud"}, {"colour", "red"}}, "second")});
    });
    CHECK(code == "schema");
    CHECK(sentence.find("second type") != std::string::npos);
    CHECK(sentence.find("second colour") != std::string::npos);
    CHECK(site.records().all().empty());
    CHECK(site.blobs.list().empty());
}

TEST_CASE("new records of one request refer to each other by the names that it gave them") {
    IsmsSite site;
    site.write_all(site.ada, {IsmsSite::added("role", {{"title", "Security officer"}, {"holder", "$who"}}, "officer"),
                              IsmsSite::added("person", {{"title", "Grace"}}, "who")});
    CHECK(site.records().find("R-0001")->members->at("holder") == "R-0002");
}

TEST_CASE("a dry run says what would change and changes nothing; what changes nothing writes nothing") {
    IsmsSite site;
    CHECK(site.write_all(site.ada, {IsmsSite::added("asset", server_room)}, true).front().differences ==
          std::vector<std::string>{"title", "type"});
    CHECK(site.records().all().empty());
    site.write(site.ada, IsmsSite::added("asset", server_room));
    const std::uint64_t size = site.store.log_head().tree.size;
    CHECK(site.write(site.ada, IsmsSite::changed("R-0001", 1, server_room)).version == 1);
    CHECK(site.store.log_head().tree.size == size);
}

TEST_CASE("a person who may only read or audit changes no control data") {
    IsmsSite site;
    for (const char* role : {"reader", "auditor"})
        CHECK(refusal_of([&] {
                  site.write_all(site.ada, {IsmsSite::added("asset", server_room)}, false, role);
              }).first == "forbidden");
}

TEST_CASE("whoever wrote a version does not approve it, and a later change makes the approved one the older") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("asset", server_room));
    CHECK(site.records().find("R-0001")->approval_state() == "proposed");
    CHECK(refusal_of([&] { site.judge(site.ada, "R-0001"); }).first == "forbidden");
    CHECK_FALSE(site.judge(site.bob, "R-0001").single_person);
    CHECK(site.records().find("R-0001")->approval_state() == "approved");
    json moved = server_room;
    moved["location"] = "Cellar";
    site.write(site.ada, IsmsSite::changed("R-0001", 1, moved));
    CHECK(site.records().find("R-0001")->approval_state() == "older");
    // Who wrote a word of it since the last approval is an author of all of it.
    moved["notes"] = "dry";
    site.write(site.bob, IsmsSite::changed("R-0001", 2, moved));
    CHECK(refusal_of([&] { site.judge(site.ada, "R-0001"); }).first == "forbidden");
    CHECK(refusal_of([&] { site.judge(site.bob, "R-0001"); }).first == "forbidden");
}

TEST_CASE("where nobody else holds the right the author approves, and it says single_person for ever") {
    IsmsSite site;
    site.approvers = 1;
    site.write(site.ada, IsmsSite::added("asset", server_room));
    CHECK(site.judge(site.ada, "R-0001").single_person);
    site.approvers = 2;
    CHECK(site.records().find("R-0001")->approved()->single_person);
}

TEST_CASE("an approval is of the exact digest that was looked at") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("asset", server_room));
    const Digest seen = site.records().find("R-0001")->last().digest;
    json moved = server_room;
    moved["location"] = "Cellar";
    site.write(site.ada, IsmsSite::changed("R-0001", 1, moved));
    const Session bob = site.session(site.bob, "approver");
    const auto [code, sentence] = refusal_of([&] {
        isms::judge({site.store, site.blobs, *site.site.log, site.site.record_key, site.site.clock, bob}, site.facts(),
                    "R-0001", seen, true, "");
    });
    CHECK(code == "conflict");
    CHECK(site.records().find("R-0001")->approved() == nullptr);
}

TEST_CASE("a rejection of the approved version ends its approval") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("asset", server_room));
    site.judge(site.bob, "R-0001");
    site.judge(site.bob, "R-0001", false);
    CHECK(site.records().find("R-0001")->approved() == nullptr);
    CHECK(site.records().find("R-0001")->approval_state() == "rejected");
}

TEST_CASE("a record that another refers to is neither deleted nor erased; deleting is a state") {
    IsmsSite site;
    site.write_all(site.ada,
                   {IsmsSite::added("person", {{"title", "Grace"}}, "who"),
                    IsmsSite::added("asset", {{"title", "Safe"}, {"type", "hardware"}, {"owner", "$who"}}, "what")});
    CHECK(refusal_of([&] { site.write(site.ada, IsmsSite::deleted("R-0001", 1)); }).second.find("R-0002") !=
          std::string::npos);
    CHECK(refusal_of([&] { site.erase("R-0001"); }).first == "conflict");
    site.write(site.ada, IsmsSite::deleted("R-0002", 1));
    CHECK(site.records().find("R-0002")->deleted());
    CHECK(site.records().of_kind("asset").empty());
    CHECK(refusal_of([&] {
              site.write(site.ada, IsmsSite::added("role", {{"title", "Keeper"}, {"holder", "R-0002"}}));
          }).first == "schema");
}

TEST_CASE("who may not approve withdraws nothing that is approved, and what comes back waits for approval") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("asset", server_room));
    site.judge(site.bob, "R-0001");
    const auto [code, sentence] =
        refusal_of([&] { site.write_all(site.ada, {IsmsSite::deleted("R-0001", 1)}, false, "editor"); });
    CHECK(code == "forbidden");
    CHECK(sentence.find("withdrawn by who may approve") != std::string::npos);
    site.write(site.bob, IsmsSite::deleted("R-0001", 1));
    json moved = server_room;
    moved["location"] = "Cellar";
    site.write_all(site.ada, {IsmsSite::changed("R-0001", 2, moved)}, false, "editor");
    CHECK(site.records().find("R-0001")->approval_state() == "proposed");
    CHECK(site.records().find("R-0001")->approved_members == nullptr);
    // What nobody approved goes by who wrote it.
    site.write_all(site.ada, {IsmsSite::deleted("R-0001", 3)}, false, "editor");
}

TEST_CASE("no author deletes what another person rejected") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("asset", server_room));
    site.judge(site.bob, "R-0001", false);
    for (const char* role : {"editor", "approver"})
        CHECK(refusal_of([&] { site.write_all(site.ada, {IsmsSite::deleted("R-0001", 1)}, false, role); }).first ==
              "forbidden");
    site.write(site.bob, IsmsSite::deleted("R-0001", 1));
    CHECK(site.records().find("R-0001")->deleted());
}

TEST_CASE("what was erased is in no blob any more, and the check of the whole store holds") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("person", {{"title", "Grace Hopper"}}));
    site.write(site.ada, IsmsSite::changed("R-0001", 1, {{"title", "Grace Hopper"}, {"email", "grace@example.org"}}));
    site.erase("R-0001");
    for (const Digest& digest : site.blobs.list()) CHECK(site.blobs.get(digest)->find("Grace") == std::string::npos);
    CHECK(site.records().find("R-0001")->erased);
    const StoreCheck check = site.check_all();
    for (const StoreProblem& problem : check.problems) UNSCOPED_INFO(problem.place << ": " << problem.what);
    CHECK(check.problems.empty());
    CHECK(refusal_of([&] {
              site.write(site.ada, IsmsSite::changed("R-0001", 2, {{"title", "again"}}));
          }).first == "conflict");
}

TEST_CASE("records are read as of a time") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("asset", server_room));
    const Instant then = site.site.clock.now();
    json moved = server_room;
    moved["location"] = "Cellar";
    site.write(site.ada, IsmsSite::changed("R-0001", 1, moved));
    const isms::Register before{site.store, site.blobs, {then, std::nullopt}};
    CHECK(*before.find("R-0001")->members == server_room);
}

TEST_CASE("a kind's key is unique, and what each member expects is said") {
    IsmsSite site;
    site.write(site.ada, IsmsSite::added("asset", server_room));
    CHECK(refusal_of([&] {
              site.write(site.ada, IsmsSite::added("asset", server_room));
          }).second.find("R-0001 has the same") != std::string::npos);
    struct Case {
        json members;
        std::string expected;
    };
    const Case cases[] = {
        {{{"title", "a\nb"}, {"type", "site"}}, "one line"},
        {{{"title", "a"}, {"type", "site"}, {"next_review", "2027-02-29"}}, "a date"},
        {{{"title", "a"}, {"type", "site"}, {"next_review", "01.02.2027"}}, "a date"},
        {{{"title", "a"}, {"type", "site"}, {"owner", "Grace"}}, "id of a record"},
        {{{"title", "a"}, {"type", "site"}, {"owner", "R-0001"}}, "cannot stand here"},
        {{{"title", "a"}, {"type", "site"}, {"owner", "R-0099"}}, "no record R-0099"},
        {{{"title", "a"}, {"type", "site"}, {"labels", "red"}}, "a list"},
        {{{"title", "a"}, {"type", "site"}, {"notes", nullptr}}, "instead of null"},
        {{{"title", ""}, {"type", "site"}}, "is missing"},
        {{{"title", "a"}, {"type", "site"}, {"links", json::array({{{"as", "x"}}})}}, "links[0].to"},
    };
    for (const Case& one : cases) {
        INFO(one.members.dump());
        const auto [code, sentence] = refusal_of([&] { site.write(site.ada, IsmsSite::added("asset", one.members)); });
        INFO(sentence);
        CHECK(code == "schema");
        CHECK(sentence.find(one.expected) != std::string::npos);
    }
}

TEST_CASE("the due list says what is overdue first, what waits for approval and what nobody owns") {
    IsmsSite site;
    json reviewed = server_room;
    reviewed["next_review"] = "2020-01-01";
    site.write(site.ada, IsmsSite::added("asset", reviewed));
    const std::vector<isms::Due> due = isms::due(site.records(), site.facts(), 30);
    REQUIRE(due.size() == 3);
    CHECK(due[0].overdue);
    CHECK(due[0].date == "2020-01-01");
    CHECK(due[1].what == "Waits for approval");
    CHECK(due[2].what == "Has no owner");
}

TEST_CASE("every kind of record has fields that are described, and a schema that names them") {
    for (const isms::Kind* kind : isms::kinds()) {
        INFO(kind->name);
        CHECK(kind->step >= 1);
        CHECK(kind->step <= 10);
        CHECK(isms::find_kind(kind->plural) == kind);
        std::set<std::string_view> names;
        for (const isms::Field& field : isms::all_fields(*kind)) {
            INFO(field.name);
            CHECK(names.insert(field.name).second);
            CHECK_FALSE(field.description.empty());
            if (field.type == isms::FieldType::choice) CHECK_FALSE(field.choices.empty());
            if (field.type == isms::FieldType::group) CHECK_FALSE(field.members.empty());
            CHECK(isms::schema_of(*kind).at("properties").contains(field.name));
        }
        if (!kind->key.empty()) CHECK(names.contains(kind->key));
    }
}

}  // namespace annexa::store::test
