// annexa-server check, backup and restore over a data folder as init makes it.
#include "server-stub/store_commands.hpp"
#include "evidence/errors.hpp"
#include "server-stub/files.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/storage/blob_folder.hpp"
#include "server-stub/storage/sqlite_store.hpp"
#include "tests/server-stub/test_site.hpp"
#include "tests/support/printed.hpp"
#include "tests/support/temporary_directory.hpp"

#include <catch2/catch.hpp>
#include <fstream>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;
using annexa::test::Printed;

namespace {

struct World {
    annexa::test::TemporaryDirectory folder;
    PackedTable table = users_table("ada");

    [[nodiscard]] Configuration configuration(const std::string& name) const {
        Configuration made;
        made.data = folder / name;
        return made;
    }

    World() {
        const DataFolder data{folder / "data"};
        data.make();
        SQLiteStore store{data.database(), SQLiteStore::Mode::create};
        BlobFolder blobs{data.blobs()};
        Site site{store, blobs};
        site.initialise();
        for (const auto& [name, bytes] : site.key_files()) write_file(data.keys() / name, bytes, 0600);
        TestHost host{site};
        host.put(table);
        if (outcome(host.deliver(host.next({host.result("users", {table.ref()})}))) != "accepted")
            throw evidence::error("not accepted");
    }
};

}  // namespace

TEST_CASE(
    "commands: check prints what it looked at, names a problem and its place, and tells the two apart by its exit code",
    "[check]") {
    const World world;
    {
        const Printed printed;
        CHECK(command_check(world.configuration("data"), false) == 0);
        CHECK(printed.text() ==
              "Checked 5 entries (1 statements of 1 enrolments), 1 tables and documents, 0 rows of history: all "
              "holds.\n");
    }
    std::ofstream{BlobFolder{world.folder / "data/blobs"}.path_of(world.table.digest), std::ios::binary} << "damaged";
    {
        const Printed printed;
        CHECK(command_check(world.configuration("data"), false) == 1);
        CHECK(printed.text().starts_with("table " + world.table.digest.hex() + ": "));
    }
    {
        const Printed printed;
        CHECK(command_check(world.configuration("data"), true) == 1);
        CHECK(printed.text().find("\"place\":\"table " + world.table.digest.hex()) != std::string::npos);
    }
    CHECK_THROWS_AS(command_check(world.configuration("nothing"), false), evidence::error);
}

TEST_CASE("commands: a backup with keys is restored with them, verified, and says that it acknowledges nothing",
          "[backup]") {
    const World world;
    write_file(world.folder / "passphrase", "correct horse\n", 0600);
    write_file(world.folder / "other", "another\n", 0600);
    const std::filesystem::path file = world.folder / "annexa.backup";
    {
        const Printed printed;
        CHECK(command_backup(world.configuration("data"),
                             {.file = file, .with_keys = true, .passphrase_file = world.folder / "passphrase"}) == 0);
        CHECK(printed.text().find("with the keys under your passphrase") != std::string::npos);
    }
    CHECK_THROWS_AS(command_restore(world.configuration("restored"),
                                    {.file = file, .passphrase_file = world.folder / "other", .without_keys = false}),
                    evidence::error);
    CHECK_FALSE(std::filesystem::exists(world.folder / "restored"));
    {
        const Printed printed;
        CHECK(command_restore(world.configuration("restored"),
                              {.file = file, .passphrase_file = world.folder / "passphrase", .without_keys = false}) ==
              0);
        CHECK(printed.text().find("all holds") != std::string::npos);
        CHECK(printed.errors().find("acknowledges nothing") != std::string::npos);
    }
    CHECK(read_file(world.folder / "restored/keys/log.pem", 10000) ==
          read_file(world.folder / "data/keys/log.pem", 10000));
    CHECK(SQLiteStore{DataFolder{world.folder / "restored"}.database(), SQLiteStore::Mode::open}.setting("restored"));
    // What is there is never overwritten.
    CHECK_THROWS_AS(
        command_restore(world.configuration("restored"),
                        {.file = file, .passphrase_file = world.folder / "passphrase", .without_keys = false}),
        evidence::error);
    CHECK_THROWS_AS(
        command_backup(world.configuration("data"), {.file = file, .with_keys = false, .passphrase_file = {}}),
        evidence::error);
}

TEST_CASE("commands: a backup without keys restores without them, and both say what follows", "[backup]") {
    const World world;
    const std::filesystem::path file = world.folder / "annexa.backup";
    const Printed printed;
    CHECK(command_backup(world.configuration("data"), {.file = file, .with_keys = false, .passphrase_file = {}}) == 0);
    CHECK(command_restore(world.configuration("restored"),
                          {.file = file, .passphrase_file = {}, .without_keys = false}) == 0);
    CHECK(std::filesystem::is_empty(world.folder / "restored/keys"));
    CHECK(printed.errors().find("no token and no agent of today will connect") != std::string::npos);
    CHECK(printed.errors().find("has a new certificate authority") != std::string::npos);
    CHECK(printed.errors().find("annexa-server token create") != std::string::npos);
}

TEST_CASE("commands: check has an exit code of its own for a store that is not there", "[check]") {
    const World world;
    CHECK_THROWS_AS(command_check(world.configuration("nothing"), false), evidence::error);
    std::ofstream{world.folder / "data/store.db", std::ios::binary} << "this is no database, whatever it was";
    const Printed printed;
    CHECK(command_check(world.configuration("data"), false) == 1);
    CHECK(printed.text().starts_with("database: "));
}
