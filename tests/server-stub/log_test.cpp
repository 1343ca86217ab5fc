// The log against a store that fails, and as others read it.
#include "evidence/checkpoint.hpp"
#include "evidence/errors.hpp"
#include "evidence/proof.hpp"
#include "server-stub/log/tiles.hpp"
#include "server-stub/storage/memory_store.hpp"
#include "server-stub/storage/sqlite_store.hpp"
#include "tests/server-stub/test_site.hpp"
#include "tests/support/faulty_store.hpp"
#include "tests/support/temporary_directory.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <thread>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;

namespace {

struct InMemory {
    MemoryStore kept;
    Store& store() { return kept; }
};
struct InSQLite {
    annexa::test::TemporaryDirectory folder;
    SQLiteStore kept{folder / "store.sqlite", SQLiteStore::Mode::create};
    Store& store() { return kept; }
};

/// The log holds: its checkpoint is signed over the tree of its entries, and marks never go back.
void check_log(const Site& site) {
    const LogHead head = site.store.log_head();
    const evidence::Checkpoint checkpoint = evidence::open_checkpoint(head.checkpoint, site.verifier());
    CHECK(checkpoint.head == head.tree);
    evidence::MerkleTree tree;
    const std::vector<std::string> entries = site.store.entries(0, head.tree.size + 10);
    CHECK(entries.size() == head.tree.size);
    Instant last{};
    for (const std::string& entry : entries) {
        tree.add(evidence::leaf_hash(entry));
        if (!entry.starts_with("{")) continue;
        const evidence::Envelope envelope = evidence::parse_entry(entry);
        if (evidence::predicate_type_of(envelope.payload) != evidence::predicate::mark) continue;
        const std::string& payload = evidence::open(envelope, site.record_key.public_key());
        const Instant time = evidence::parse_mark_record(payload).made_at;
        CHECK(time >= last);
        last = time;
    }
    CHECK(tree.head() == head.tree);
}

}  // namespace

TEST_CASE("log: an empty log begins with a mark under a checkpoint of the log key", "[log]") {
    MemoryStore store;
    MemoryBlobs blobs;
    const Site site{store, blobs};
    const LogHead head = site.log->head();
    CHECK(head.tree.size == 1);
    CHECK(head.mark == Mark{0, site.clock.now()});
    const evidence::MarkRecord mark = evidence::parse_mark_record(
        evidence::open(evidence::parse_entry(store.entries(0, 1).at(0)), site.record_key.public_key()));
    CHECK(mark.origin == origin);
    CHECK(mark.made_at == site.clock.now());
    check_log(site);
}

TEMPLATE_TEST_CASE("log: entries of one call stand side by side behind a mark, and their proofs hold", "[log]",
                   InMemory, InSQLite) {
    TestType member;
    MemoryBlobs blobs;
    Site site{member.store(), blobs};
    std::vector<std::uint64_t> sizes{site.log->head().tree.size};
    for (int i = 0; i < 40; ++i) {
        std::vector<LogEntry> entries;
        for (int j = 0; j <= i % 7; ++j)
            entries.push_back({"entry " + std::to_string(i) + " " + std::to_string(j), {}});
        const std::vector<std::uint64_t> indexes = site.log->append(entries);
        CHECK(indexes.front() == sizes.back() + 1);
        for (std::size_t j = 0; j < indexes.size(); ++j)
            CHECK(member.store().entries(indexes[j], 1).at(0) == entries[j].bytes);
        sizes.push_back(site.log->head().tree.size);
    }
    check_log(site);
    const evidence::TreeHead head = site.log->head().tree;
    for (const std::uint64_t size : sizes) {
        const evidence::TreeHead older{size, site.log->root_at(size)};
        CHECK(evidence::verify_consistency(older, head, site.log->consistency_proof(size, head.size)));
    }
    for (std::uint64_t index = 0; index < head.size; index += 7)
        CHECK(evidence::verify_inclusion(evidence::leaf_hash(member.store().entries(index, 1).at(0)), index, head,
                                         site.log->inclusion_proof(index, head.size)));
}

TEST_CASE("log: many callers at once share group commits, and each gets its own place", "[log]") {
    MemoryStore store;
    MemoryBlobs blobs;
    LogOptions options;
    options.gather = std::chrono::milliseconds{20};
    options.settle = std::chrono::milliseconds{0};
    Site site{store, blobs, {}, options};
    std::vector<std::thread> callers;
    std::vector<std::uint64_t> places(32);
    for (std::size_t i = 0; i < places.size(); ++i)
        callers.emplace_back([&, i] { places[i] = site.log->append({{"entry " + std::to_string(i), {}}}).at(0); });
    for (std::thread& caller : callers) caller.join();
    for (std::size_t i = 0; i < places.size(); ++i)
        CHECK(store.entries(places[i], 1).at(0) == "entry " + std::to_string(i));
    std::sort(places.begin(), places.end());
    CHECK(std::unique(places.begin(), places.end()) == places.end());
    CHECK(site.log->head().tree.size < 1 + 2 * 32);
    check_log(site);
}

TEST_CASE("log: a clock before the last mark appends nothing until it has passed it", "[log]") {
    MemoryStore store;
    MemoryBlobs blobs;
    Site site{store, blobs};
    site.log->append({{"one", {}}});
    const LogHead head = site.log->head();
    site.clock.advance(-std::chrono::milliseconds{1});
    CHECK(code_of([&] { site.log->append({{"two", {}}}); }) == "unavailable");
    CHECK(site.log->trouble().value().find("before its last mark") != std::string::npos);
    CHECK(site.log->head() == head);
    site.clock.advance(std::chrono::milliseconds{1});
    site.log->append({{"two", {}}});
    CHECK_FALSE(site.log->trouble());
    check_log(site);
}

TEST_CASE("log: an entry beyond a bundle's limit is refused", "[log]") {
    MemoryStore store;
    MemoryBlobs blobs;
    Site site{store, blobs};
    CHECK(code_of([&] { site.log->append({{std::string(65'536, 'x'), {}}}); }) == "too_large");
    site.log->append({{std::string(65'535, 'x'), {}}});
}

TEST_CASE("log: a change that does not fit fails alone, what was gathered with it is logged", "[log]") {
    MemoryStore store;
    MemoryBlobs blobs;
    LogOptions options;
    options.gather = std::chrono::milliseconds{50};
    options.settle = std::chrono::milliseconds{0};
    Site site{store, blobs, {}, options};
    std::thread bad{[&] {
        CHECK_THROWS_AS(
            site.log->append(
                {{"closed",
                  EnrolmentClosed{evidence::sha256("nobody"), EnrolmentState::revoked, {}, site.clock.now()}}}),
            contradiction);
    }};
    std::vector<std::thread> good;
    for (int i = 0; i < 4; ++i) good.emplace_back([&, i] { site.log->append({{"good " + std::to_string(i), {}}}); });
    bad.join();
    for (std::thread& one : good) one.join();
    const std::vector<std::string> entries = store.entries(0, 100);
    CHECK(std::count_if(entries.begin(), entries.end(),
                        [](const std::string& entry) { return entry.starts_with("good"); }) == 4);
    CHECK(std::count(entries.begin(), entries.end(), "closed") == 0);
    check_log(site);
}

TEMPLATE_TEST_CASE(
    "log: killed at any step of writing, it goes on from its last durable checkpoint and loses nothing acknowledged",
    "[log]", InMemory, InSQLite) {
    using Fault = FaultyStore::Fault;
    for (const Fault fault : {Fault::before, Fault::after, Fault::dead}) {
        // Every call to the store while one append is under way fails once.
        for (int step = 1;; ++step) {
            TestType member;
            FaultyStore faulty{member.store()};
            MemoryBlobs blobs;
            Site site{faulty, blobs};
            site.log->append({{"acknowledged", {}}});
            const evidence::TreeHead before = site.log->head().tree;

            faulty.fail(step, fault);
            const std::string code = code_of([&] { site.log->append({{"in doubt", {}}}); });
            const bool failed = faulty.failed();
            faulty.heal();
            if (!failed) {
                CHECK(code == "nothing");
                CHECK(step > 4);
                break;
            }
            INFO("fault " << static_cast<int>(fault) << " at step " << step);
            CHECK(code == "unavailable");
            site.stop();  // the process is gone
            site.start();
            check_log(site);
            const evidence::TreeHead now = site.log->head().tree;
            CHECK(evidence::verify_consistency(before, now, site.log->consistency_proof(before.size, now.size)));
            const std::vector<std::string> entries = faulty.entries(0, now.size);
            CHECK(std::count(entries.begin(), entries.end(), "acknowledged") == 1);
            CHECK(std::count(entries.begin(), entries.end(), "in doubt") <= 1);
            site.log->append({{"afterwards", {}}});
            check_log(site);
        }
    }
}

TEST_CASE("log: entries and tiles are durable before the checkpoint over them is committed", "[log]") {
    MemoryStore store;
    FaultyStore faulty{store};
    MemoryBlobs blobs;
    Site site{faulty, blobs};
    site.log->append({{"one", {}}});
    std::vector<std::string> writes;
    for (const std::string& call : faulty.calls())
        if (call == "stage" || call == "commit") writes.push_back(call);
    CHECK(writes == std::vector<std::string>{"stage", "commit", "stage", "commit"});
    // Staged and then lost: nobody was given a checkpoint over it.
    faulty.fail(1, FaultyStore::Fault::before, "commit");
    CHECK(code_of([&] { site.log->append({{"two", {}}}); }) == "unavailable");
    CHECK(site.log->head().tree.size == 3);
    CHECK(site.log->trouble());
}

TEST_CASE("log: statements are accepted once though the answer was lost at any step", "[log]") {
    for (int step = 1;; ++step) {
        MemoryStore store;
        FaultyStore faulty{store};
        MemoryBlobs blobs;
        Site site{faulty, blobs};
        TestHost host{site};
        const PackedTable table = users_table("ada");
        host.put(table);
        const evidence::Statement statement = host.next({host.result("users", {table.ref()})});
        faulty.fail(step, FaultyStore::Fault::after);
        const std::string code = code_of([&] { host.send({host.sealed(statement)}); });
        const bool failed = faulty.failed();
        faulty.heal();
        if (!failed) break;
        INFO("step " << step);
        CHECK(code == "unavailable");
        CHECK(outcome(host.deliver(statement)) == "accepted");
        CHECK(store.statements({}).size() == 1);
        const std::vector<std::string> entries = store.entries(0, 100);
        CHECK(std::count(entries.begin(), entries.end(), evidence::entry(host.sealed(statement))) == 1);
        check_log(site);
    }
}

TEST_CASE("log: two servers over one store append in turn and neither overwrites the other", "[log]") {
    annexa::test::TemporaryDirectory folder;
    SQLiteStore first{folder / "store.sqlite", SQLiteStore::Mode::create};
    SQLiteStore second{folder / "store.sqlite", SQLiteStore::Mode::open};
    MemoryBlobs blobs;
    Site one{first, blobs};
    Log other{second,
              std::string{origin},
              evidence::PrivateKey::from_pem(one.log_key.pem()),
              evidence::PrivateKey::from_pem(one.record_key.pem()),
              one.clock,
              Site::quick()};
    const auto append_many = [](Log& log, const std::string& name) {
        for (int i = 0; i < 20; ++i) log.append({{name + " " + std::to_string(i), {}}});
    };
    std::thread a{[&] { append_many(*one.log, "a"); }};
    std::thread b{[&] { append_many(other, "b"); }};
    a.join();
    b.join();
    check_log(one);
    const std::vector<std::string> entries = first.entries(0, 1000);
    for (int i = 0; i < 20; ++i) {
        CHECK(std::count(entries.begin(), entries.end(), "a " + std::to_string(i)) == 1);
        CHECK(std::count(entries.begin(), entries.end(), "b " + std::to_string(i)) == 1);
    }
}

TEST_CASE("log: a full disk acknowledges nothing, keeps serving reads, and goes on when there is room", "[log]") {
    InSQLite member;
    MemoryBlobs blobs;
    Site site{member.kept, blobs};
    site.log->append({{"acknowledged", {}}});
    member.kept.limit_pages(1);  // as large as it is
    std::string code;
    for (int i = 0; i < 100 && code != "unavailable"; ++i)
        code = code_of([&] { site.log->append({{std::string(60'000, 'x'), {}}}); });
    CHECK(code == "unavailable");
    CHECK(site.log->trouble().value().find("full") != std::string::npos);
    CHECK(member.kept.entries(2, 1).at(0) == "acknowledged");
    check_log(site);
    member.kept.limit_pages(0);
    site.log->append({{"room again", {}}});
    CHECK_FALSE(site.log->trouble());
    check_log(site);
    CHECK(member.kept.verify().empty());
}

TEST_CASE("log: another log's checkpoint is not gone on behind", "[log]") {
    MemoryStore store;
    MemoryBlobs blobs;
    Site site{store, blobs};
    site.stop();
    site.log_key = evidence::PrivateKey::generate();
    CHECK_THROWS_AS(site.start(), evidence::error);
}

TEST_CASE("log: without its keys a log serves and appends nothing", "[log]") {
    MemoryStore store;
    MemoryBlobs blobs;
    Site site{store, blobs};
    site.log->append({{"one", {}}});
    site.stop();
    store.set_setting("restored", "restored");
    Log log{store, site.verifier()};
    CHECK(log.head().tree.size == 3);
    CHECK(log.inclusion_proof(2, 3).size() == 1);
    CHECK(code_of([&] { log.append({{"two", {}}}); }) == "unavailable");
    CHECK(log.trouble() == "restored");
}

TEST_CASE("log: after statements and quiet a mark of its own closes their bracket", "[log]") {
    MemoryStore store;
    MemoryBlobs blobs;
    LogOptions options;
    options.gather = std::chrono::milliseconds{0};
    options.settle = std::chrono::milliseconds{20};
    Site site{store, blobs, {}, options};
    TestHost host{site};
    REQUIRE(outcome(host.deliver(host.next({host.result("users")}))) == "accepted");
    const std::uint64_t index = store.statement(host.enrolment_, 1)->index;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!store.mark_from(index + 1) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    CHECK(store.statement(host.enrolment_, 1)->not_after == site.clock.now());
    const std::uint64_t size = store.log_head().tree.size;
    CHECK(size == index + 2);
    check_log(site);
}

TEST_CASE("log: a bracket that a killed server left open is closed at the next start", "[log]") {
    MemoryStore store;
    MemoryBlobs blobs;
    Site site{store, blobs};
    TestHost host{site};
    REQUIRE(outcome(host.deliver(host.next({host.result("users")}))) == "accepted");
    site.stop();
    CHECK_FALSE(store.statement(host.enrolment_, 1)->not_after);
    site.start({}, {});
    CHECK(store.statement(host.enrolment_, 1)->not_after);
}

TEST_CASE("log: served as tlog-tiles, and a reader with the tiles alone computes the same tree", "[log]") {
    MemoryStore store;
    MemoryBlobs blobs;
    Site site{store, blobs};
    std::vector<LogEntry> entries;
    for (int i = 0; i < 600; ++i) entries.push_back({"entry " + std::to_string(i), {}});
    site.log->append(std::move(entries));
    const evidence::Checkpoint checkpoint =
        evidence::open_checkpoint(log_resource(store, "checkpoint").value().bytes, site.verifier());
    REQUIRE(checkpoint.head.size == 602);
    CHECK_FALSE(log_resource(store, "checkpoint")->immutable);

    const auto fetch = [&](const evidence::TileId& id) {
        return log_resource(store, evidence::tile_path(id)).value().bytes;
    };
    evidence::TileHashes hashes{602, fetch};
    CHECK(evidence::MerkleTree{602, hashes}.root() == checkpoint.head.root);

    evidence::MerkleTree tree;
    for (const std::uint64_t number : {0U, 1U, 2U}) {
        const unsigned width = number == 2 ? 90 : 256;
        const std::optional<LogResource> bundle = log_resource(store, evidence::entries_path(number, width));
        REQUIRE(bundle);
        CHECK(bundle->kind == LogResource::Kind::entries);
        CHECK(bundle->immutable);
        for (const std::string& entry : evidence::decode_entry_bundle(bundle->bytes))
            tree.add(evidence::leaf_hash(entry));
    }
    CHECK(tree.head() == checkpoint.head);

    CHECK(log_resource(store, "tile/0/000.p/3").value().bytes ==
          log_resource(store, "tile/0/000").value().bytes.substr(0, 96));
    for (const char* nothing :
         {"", "checkpoint/", "tile/0/002", "tile/0/002.p/91", "tile/0/003.p/1", "tile/entries/002",
          "tile/entries/002.p/91", "tile/1/000", "tile/2/000.p/1", "tile/0/x999/x999/x999/x999/x999/999",
          "tile/9/000.p/1", "tile/0/000.p/0", "../store.sqlite"}) {
        INFO(nothing);
        CHECK_FALSE(log_resource(store, nothing));
    }
}
