// One changed byte, anywhere: annexa-server check names its place.
#include "evidence/errors.hpp"
#include "server-stub/check/store_check.hpp"
#include "server-stub/storage/blob_folder.hpp"
#include "server-stub/storage/memory_store.hpp"
#include "server-stub/storage/sqlite_store.hpp"
#include "tests/server-stub/test_site.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sqlite3.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;

namespace {

/// A store on disk with a host, statements, tables, decisions and history; closed, so that its file can be damaged.
struct World {
    explicit World(int statements) {
        SQLiteStore store{file(), SQLiteStore::Mode::create};
        BlobFolder blobs{folder / "blobs"};
        IngestLimits limits;
        limits.statements_burst = 1000;
        Site site{store, blobs, limits};
        site.initialise();
        keys = site.key_files();
        TestHost host{site};
        table = users_table("ada");
        host.put(table);
        for (int i = 0; i < statements; ++i) {
            site.clock.advance(std::chrono::minutes{6});
            const evidence::Result result = host.result("users", {table.ref()});
            if (outcome(host.deliver(host.next({i == 0 ? result : TestHost::same_as(result, 1)}))) != "accepted")
                throw evidence::error("not accepted");
        }
        const evidence::PolicyRecord policy{
            evidence::sha256("pack"),  "linux-baseline", "2026.11.0", "{}", {}, {}, std::nullopt,
            {site_account, "session"}, site.clock.now()};
        const evidence::Envelope envelope = evidence::seal(evidence::serialise(policy), site.record_key);
        site.log->append({{evidence::entry(envelope), Decision{"adoption", policy.name, "adopted", policy.pack,
                                                               site_account, policy.made_at, 0}}});
        HistoryRow row;
        row.host = host.id_;
        row.check = "ssh-root-login";
        row.state = "fail";
        row.from = site.clock.now();
        row.from_index = 3;
        row.known = 4;
        row.detail = R"({"population":1})";
        FindingRow finding;
        finding.host = host.id_;
        finding.check = row.check;
        finding.key = R"(["PermitRootLogin"])";
        finding.opened = row.from;
        finding.opened_index = 3;
        finding.known = 4;
        finding.detail = R"(["PermitRootLogin","yes","no","/etc/ssh/sshd_config:33"])";
        store.record({store.log_head().tree.size, {row}, {}, {finding}, {}});
    }

    [[nodiscard]] std::filesystem::path file() const { return folder / "store.sqlite"; }

    [[nodiscard]] StoreCheck check() const {
        const SQLiteStore store{file(), SQLiteStore::Mode::open};
        const BlobFolder blobs{folder / "blobs"};
        return check_store(store, blobs, keys);
    }
    /// The places that a check names.
    [[nodiscard]] std::set<std::string> places() const {
        std::set<std::string> named;
        for (const StoreProblem& problem : check().problems) named.insert(problem.place);
        return named;
    }

    void sql(const std::string& text) const {
        sqlite3* handle = nullptr;
        REQUIRE(sqlite3_open(file().c_str(), &handle) == SQLITE_OK);
        char* message = nullptr;
        const int result = sqlite3_exec(handle, text.c_str(), nullptr, nullptr, &message);
        INFO(text << ": " << (message == nullptr ? "" : message));
        CHECK(result == SQLITE_OK);
        sqlite3_free(message);
        sqlite3_close(handle);
    }
    /// One bit of one byte of a column, as text or as a blob as it was.
    void flip(const std::string& of, const std::string& column, const std::string& where, int at) const {
        const std::string byte = "substr(CAST(" + column + " AS BLOB), " + std::to_string(at + 1) + ", 1)";
        const std::string changed = "substr(CAST(" + column + " AS BLOB), 1, " + std::to_string(at) + ") || CASE hex(" +
                                    byte + ") WHEN '41' THEN x'42' ELSE x'41' END || substr(CAST(" + column +
                                    " AS BLOB), " + std::to_string(at + 2) + ")";
        sql("UPDATE " + of + " SET " + column + " = CASE typeof(" + column + ") WHEN 'text' THEN CAST(" + changed +
            " AS TEXT) ELSE CAST(" + changed + " AS BLOB) END WHERE " + where);
    }

    annexa::test::TemporaryDirectory folder;
    PackedTable table;
    KeyFiles keys;
};

using Places = std::set<std::string>;

}  // namespace

TEST_CASE("check: a store that is whole has no problem, and everything was looked at", "[check]") {
    const World world{5};
    const StoreCheck check = world.check();
    for (const StoreProblem& problem : check.problems) UNSCOPED_INFO(problem.place << ": " << problem.what);
    CHECK(check.problems.empty());
    CHECK(check.entries == 1 + 2 + 5 * 2 + 2);
    CHECK(check.statements == 5);
    CHECK(check.enrolments == 1);
    CHECK(check.blobs == 1);
    CHECK(check.history_rows == 2);
}

TEST_CASE("check: an empty store is whole", "[check]") {
    MemoryStore store;
    MemoryBlobs blobs;
    Site site{store, blobs};
    site.initialise();
    CHECK(check_store(store, blobs, site.key_files()).problems.empty());
}

TEST_CASE("check: a changed byte of an entry names the entry", "[check]") {
    for (const int at : {0, 20, 100, 400}) {
        const World world{5};
        world.flip("entries", "bytes", "idx = 8", at);
        const Places places = world.places();
        INFO("byte " << at);
        CHECK(places.contains("entry 8"));
        CHECK_FALSE(places.contains("entry 7"));
        CHECK_FALSE(places.contains("tile/0/000.p/15"));
        CHECK_FALSE(places.contains("checkpoint"));
    }
}

TEST_CASE("check: an entry that is gone is named", "[check]") {
    const World world{5};
    world.sql("DELETE FROM entries WHERE idx = 8");
    CHECK(world.places().contains("entry 8"));
}

TEST_CASE("check: a changed byte of a tile names the tile and no entry", "[check]") {
    const World world{5};
    world.flip("tiles", "hashes", "level = 0", 3 * 32 + 5);
    CHECK(world.places() == Places{"tile/0/000.p/15"});
}

TEST_CASE("check: in a larger log the tile above tells entry from tile, on every level", "[check]") {
    SECTION("an entry below a whole tile") {
        const World world{150};
        world.flip("entries", "bytes", "idx = 100", 30);
        const Places places = world.places();
        CHECK(places.contains("entry 100"));
        CHECK_FALSE(places.contains("tile/0/000"));
        CHECK_FALSE(places.contains("tile/1/000.p/1"));
    }
    SECTION("a whole tile") {
        const World world{150};
        world.flip("tiles", "hashes", "level = 0 AND number = 0", 100 * 32);
        CHECK(world.places() == Places{"tile/0/000"});
    }
    SECTION("a tile of the level above") {
        const World world{150};
        world.flip("tiles", "hashes", "level = 1", 7);
        CHECK(world.places() == Places{"tile/1/000.p/1"});
    }
    SECTION("a tile that is gone") {
        const World world{150};
        world.sql("DELETE FROM tiles WHERE level = 0 AND number = 0");
        CHECK(world.places() == Places{"tile/0/000"});
    }
}

TEST_CASE("check: a changed checkpoint, head or mark is named", "[check]") {
    SECTION("a byte of the checkpoint") {
        const World world{2};
        world.flip("log", "checkpoint", "id = 1", 60);
        CHECK(world.places().contains("checkpoint"));
    }
    SECTION("the root") {
        const World world{2};
        world.flip("log", "root", "id = 1", 9);
        CHECK(world.places().contains("checkpoint"));
    }
    SECTION("the size") {
        const World world{2};
        world.sql("UPDATE log SET size = size - 1");
        CHECK(world.places().contains("checkpoint"));
    }
    SECTION("a mark") {
        const World world{2};
        world.sql("UPDATE marks SET time = time + 1 WHERE idx = 3");
        CHECK(world.places().contains("mark row 3"));
    }
}

TEST_CASE("check: a changed byte of a table names the table", "[check]") {
    const World world{2};
    const BlobFolder blobs{world.folder / "blobs"};
    const std::filesystem::path path = blobs.path_of(world.table.digest);
    const auto size = static_cast<int>(std::filesystem::file_size(path));
    for (int at = 0; at < size; at += 7) {
        std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
        file.seekg(at);
        const char before = static_cast<char>(file.get());
        file.seekp(at);
        file.put(static_cast<char>(before ^ 0x10));
        file.close();
        INFO("byte " << at);
        const StoreCheck damaged = world.check();
        CHECK(damaged.problems.size() == 1);
        CHECK(damaged.problems.at(0).place == "table " + world.table.digest.hex());
        std::fstream mended{path, std::ios::in | std::ios::out | std::ios::binary};
        mended.seekp(at);
        mended.put(before);
    }
    CHECK(world.check().problems.empty());
    std::filesystem::remove(path);
    CHECK(world.places() == Places{"table " + world.table.digest.hex()});
}

TEST_CASE("check: a changed history row or finding is named", "[check]") {
    for (const char* column : {"host", "check_id", "state", "detail", "integrity"}) {
        const World world{2};
        world.flip("history", column, "id = 1", 2);
        INFO(column);
        CHECK(world.places() == Places{"history row 1"});
    }
    for (const char* column : {"from_at", "from_idx", "known"}) {
        const World world{2};
        world.sql(std::string{"UPDATE history SET "} + column + " = " + column + " + 1");
        INFO(column);
        CHECK(world.places() == Places{"history row 1"});
    }
    for (const char* column : {"host", "check_id", "key", "detail", "integrity"}) {
        const World world{2};
        world.flip("findings", column, "id = 1", 2);
        INFO(column);
        CHECK(world.places() == Places{"finding row 1"});
    }
}

TEST_CASE("check: a statement's row that says something else than its entry is named", "[check]") {
    for (const char* column : {"host_name", "agent_version", "digest", "previous"}) {
        const World world{3};
        world.flip("statements", column, "sequence = 2", 0);
        INFO(column);
        CHECK(world.places().contains("statement row 6"));
    }
    for (const char* column : {"made_at", "log_size", "not_before", "logged_at"}) {
        const World world{3};
        world.sql(std::string{"UPDATE statements SET "} + column + " = " + column + " + 1 WHERE sequence = 2");
        INFO(column);
        CHECK(world.places() == Places{"statement row 6"});
    }
    for (const int at : {3, 20, 60, 100}) {
        const World world{3};
        world.flip("statements", "results", "sequence = 1", at);
        INFO("results, byte " << at);
        CHECK(world.places().contains("statement row 4"));
    }
    const World world{3};
    world.sql("DELETE FROM statements WHERE sequence = 2");
    CHECK(world.places() == Places{"statement row 6"});
}

TEST_CASE("check: bytes of the database file itself that hold an entry, a tile or a row", "[check]") {
    // What is looked for is the content: found in the file, one byte is changed there, behind SQLite's back.
    const auto damaged = [](const World& world, const std::string& content, std::size_t at) {
        std::ifstream in{world.file(), std::ios::binary};
        std::string bytes{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
        in.close();
        const std::size_t found = bytes.find(content);
        REQUIRE(found != std::string::npos);
        bytes[found + at] = static_cast<char>(bytes[found + at] ^ 1);
        std::ofstream{world.file(), std::ios::binary} << bytes;
        return world.check();
    };
    {
        const World world{2};
        std::string entry;
        {
            const SQLiteStore store{world.file(), SQLiteStore::Mode::open};
            entry = store.entries(4, 1).at(0);
        }
        const StoreCheck check = damaged(world, entry.substr(0, 200), 150);
        REQUIRE_FALSE(check.problems.empty());
        CHECK(check.problems.front().place == "entry 4");
    }
    {
        const World world{2};
        const StoreCheck check = damaged(world, R"({"population":1})", 14);
        CHECK(check.problems == std::vector<StoreProblem>{{"history row 1", check.problems.at(0).what}});
    }
}
