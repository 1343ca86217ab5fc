// A backup while the store is in use, and what is made from it.
#include "server-stub/storage/backup.hpp"
#include "evidence/errors.hpp"
#include "server-stub/check/store_check.hpp"
#include "server-stub/storage/blob_folder.hpp"
#include "server-stub/storage/key_box.hpp"
#include "tests/server-stub/test_site.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sys/stat.h>
#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;

namespace {

struct World {
    annexa::test::TemporaryDirectory folder;
    SQLiteStore store{folder / "store.sqlite", SQLiteStore::Mode::create};
    BlobFolder blobs{folder / "blobs"};
    Site site{store, blobs};
    TestHost host{site};
    PackedTable table = users_table("ada");

    World() {
        site.initialise();
        host.put(table);
        if (outcome(host.deliver(host.next({host.result("users", {table.ref()})}))) != "accepted")
            throw evidence::error("not accepted");
    }
};

const std::map<std::string, std::string> keys{{"log.pem", "a private key\n"}, {"ca.crt", std::string("\0\xff", 2)}};

}  // namespace

TEST_CASE("backup: a restored store holds the same, verifies, serves, acknowledges nothing and says why", "[backup]") {
    World world;
    const LogHead head = world.store.log_head();
    const std::filesystem::path file = world.folder / "annexa.backup";
    const BackupContent content = write_backup(world.store, world.blobs, std::nullopt, world.site.clock.now(), file);
    CHECK(content.entries == head.tree.size);
    CHECK(content.blobs == 1);
    CHECK_FALSE(content.keys);
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);

    const evidence::Envelope acknowledged =
        evidence::parse_entry(world.store.entries(world.store.statement(world.host.enrolment_, 1)->index, 1).at(0));
    CHECK(outcome(world.host.deliver(world.host.next())) == "accepted");  // after the backup

    BlobFolder blobs{world.folder / "restored-blobs"};
    restore_backup(file, world.folder / "restored.sqlite", blobs, world.site.clock.now());
    SQLiteStore restored{world.folder / "restored.sqlite", SQLiteStore::Mode::open};
    REQUIRE(::stat((world.folder / "restored.sqlite").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
    CHECK(restored.log_head() == head);
    CHECK(blobs.get(world.table.digest) == world.table.bytes);
    CHECK(restored.last_results(world.host.id_, {}, {}).size() == 1);
    CHECK(check_store(restored, blobs, std::nullopt).problems.empty());

    Log log{restored, std::string{origin}, evidence::PrivateKey::from_pem(world.site.log_key.pem()),
            evidence::PrivateKey::from_pem(world.site.record_key.pem()), world.site.clock};
    Ingest ingest{restored, blobs, log, world.site.clock, world.site.schemas};
    const std::string why = restored.setting("restored").value();
    CHECK(why.find("restored at 2026-11-24T09:00:00.000Z from a backup of 2026-11-24T09:00:00.000Z") !=
          std::string::npos);
    try {
        ingest.submit(world.host.id_, evidence::encode_upload(std::vector{acknowledged}));
        FAIL("a restored store acknowledged a statement");
    } catch (const evidence::coded_error& refused) {
        CHECK(refused.code() == "unavailable");
        CHECK(refused.what() == why);
    }
    CHECK(code_of([&] { ingest.put_table(world.host.id_, world.table.digest.hex(), "users", world.table.frame); }) ==
          "unavailable");
    CHECK(restored.log_head() == head);
}

TEST_CASE("backup: made while statements come in, it is a whole store of one moment", "[backup]") {
    World world;
    std::atomic<bool> stop = false;
    std::atomic<int> delivered = 0;
    std::thread writer{[&] {
        while (!stop) {
            const PackedTable table = users_table("user" + std::to_string(delivered));
            world.host.put(table);
            world.site.clock.advance(std::chrono::hours{1});
            if (outcome(world.host.deliver(world.host.next({world.host.result("users", {table.ref()})}))) != "accepted")
                return;
            ++delivered;
        }
    }};
    while (delivered < 3) std::this_thread::yield();
    for (int i = 0; i < 5; ++i) {
        const int before = delivered;
        const std::string name = std::to_string(i);
        write_backup(world.store, world.blobs, std::nullopt, world.site.clock.now(), world.folder / ("backup" + name));
        BlobFolder blobs{world.folder / ("blobs" + name)};
        restore_backup(world.folder / ("backup" + name), world.folder / ("restored" + name), blobs,
                       world.site.clock.now());
        const SQLiteStore restored{world.folder / ("restored" + name), SQLiteStore::Mode::read_only};
        const StoreCheck check = check_store(restored, blobs, std::nullopt);
        CHECK(check.problems.empty());
        CHECK(check.statements >= static_cast<std::uint64_t>(before));
    }
    stop = true;
    writer.join();
}

TEST_CASE("backup: a missing or damaged table that the log names, and a file that is there, end it without a file",
          "[backup]") {
    World world;
    const std::filesystem::path file = world.folder / "annexa.backup";
    const auto files = [&] {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& one : std::filesystem::directory_iterator{world.folder.path()}) ++count;
        return count;
    };
    const std::size_t before = files();
    std::ofstream{world.blobs.path_of(world.table.digest), std::ios::binary} << "damaged";
    CHECK_THROWS_AS(write_backup(world.store, world.blobs, std::nullopt, world.site.clock.now(), file),
                    evidence::error);
    CHECK(world.blobs.remove(world.table.digest));
    CHECK_THROWS_AS(write_backup(world.store, world.blobs, std::nullopt, world.site.clock.now(), file),
                    evidence::error);
    CHECK(files() == before);
    world.blobs.put(world.table.digest, world.table.bytes);
    write_backup(world.store, world.blobs, std::nullopt, world.site.clock.now(), file);
    CHECK_THROWS_AS(write_backup(world.store, world.blobs, std::nullopt, world.site.clock.now(), file),
                    evidence::error);
}

TEST_CASE("backup: what is no backup is refused, and a store is never overwritten", "[backup]") {
    World world;
    BlobFolder blobs{world.folder / "other-blobs"};
    const auto restore = [&](const std::filesystem::path& file, const std::string& to) {
        restore_backup(file, world.folder / to, blobs, world.site.clock.now());
    };
    CHECK_THROWS_AS(restore(world.folder / "nothing", "a"), evidence::error);
    std::ofstream{world.folder / "text"} << "not a database";
    CHECK_THROWS_AS(restore(world.folder / "text", "a"), evidence::error);
    CHECK_THROWS_AS(restore(world.folder / "store.sqlite", "a"), evidence::error);
    write_backup(world.store, world.blobs, std::nullopt, world.site.clock.now(), world.folder / "backup");
    CHECK_THROWS_AS(restore(world.folder / "backup", "store.sqlite"), evidence::error);
    CHECK_FALSE(std::filesystem::exists(world.folder / "a"));
    CHECK(world.store.verify().empty());
}

TEST_CASE("backup: keys are there under the passphrase alone", "[backup]") {
    const std::string box = seal_keys(keys, "correct horse");
    CHECK(box.find("private key") == std::string::npos);
    CHECK(open_keys(box, "correct horse") == keys);
    CHECK(seal_keys(keys, "correct horse") != box);
    CHECK_THROWS_AS(open_keys(box, "correct horsf"), evidence::error);
    CHECK_THROWS_AS(seal_keys(keys, ""), evidence::error);
    std::string changed = box;
    const std::size_t at = changed.find("\"sealed\":\"") + 20;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    CHECK_THROWS_AS(open_keys(changed, "correct horse"), evidence::error);
    CHECK_THROWS_AS(open_keys("{}", "correct horse"), evidence::error);
    CHECK_THROWS_AS(open_keys("", "correct horse"), evidence::error);

    World world;
    write_backup(world.store, world.blobs, box, world.site.clock.now(), world.folder / "backup");
    CHECK(open_keys(read_backup(world.folder / "backup").sealed_keys.value(), "correct horse") == keys);
    BlobFolder blobs{world.folder / "other-blobs"};
    restore_backup(world.folder / "backup", world.folder / "restored", blobs, world.site.clock.now());
    // The sealed keys do not stay in the store that was made from it.
    std::ifstream in{world.folder / "restored", std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
    CHECK(bytes.find("aes-256-gcm") == std::string::npos);
}
