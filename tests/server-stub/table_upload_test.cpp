// What is not taken as a table, each with its code, and that nothing of it stays.
#include "server-stub/ingest/table_upload.hpp"
#include "evidence/errors.hpp"
#include "server-stub/storage/memory_store.hpp"
#include "tests/server-stub/test_site.hpp"
#include "tests/support/each_row.hpp"

#include <zstd.h>
#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;

namespace {

struct World {
    MemoryStore store;
    MemoryBlobs blobs;
    Site site{store, blobs};
    TestHost host{site};
};

/// A zstd frame with a window of 2^log bytes that says nothing of its content's size.
std::string frame_with_window(const std::string& bytes, int log) {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, log);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
    std::string frame(ZSTD_compressBound(bytes.size()) + 1024, '\0');
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    ZSTD_outBuffer out{frame.data(), frame.size(), 0};
    while (ZSTD_compressStream2(context, &out, &in, ZSTD_e_end) != 0) {
    }
    ZSTD_freeCCtx(context);
    frame.resize(out.pos);
    return frame;
}

std::string frame_with_dictionary(const std::string& bytes) {
    // The frame header alone says that a dictionary is needed: magic, descriptor (single segment, 1-byte id), id, size.
    std::string frame = std::string{"\x28\xb5\x2f\xfd", 4} + '\x21' + '\x2a' + static_cast<char>(bytes.size());
    const auto header = static_cast<unsigned>(bytes.size() << 3 | 1U);  // one raw, last block
    frame += static_cast<char>(header & 0xff);
    frame += static_cast<char>(header >> 8 & 0xff);
    frame += static_cast<char>(header >> 16 & 0xff);
    return frame + bytes;
}

std::string put_bytes(World& world, const std::string& bytes, const std::string& name = "unheard_of") {
    const PackedTable table = packed(name, bytes);
    return code_of([&] { world.host.put(table); });
}

const std::string columns = R"({"columns":[["name","text"],["number","integer"]],"rows":[)";
const std::string salt = R"(],"salt":"00112233445566778899aabbccddeeff"})";

}  // namespace

TEST_CASE("table upload: a canonical table is stored, held, and held already when it comes again", "[ingest]") {
    World world;
    const PackedTable table = users_table("ada");
    const auto put = [&] {
        return world.site.ingest->put_table(world.host.id_, table.digest.hex(), table.name, table.frame);
    };
    CHECK(put() == Ingest::Put::stored);
    CHECK(put() == Ingest::Put::was_held);
    CHECK(world.blobs.get(table.digest) == table.bytes);
    CHECK(world.store.holding(world.host.id_, table.digest)->bytes == table.bytes.size());
    CHECK(put_bytes(world, columns + R"(["a",1],["b","9007199254740993"],[null,null],[{"base64":"AA=="},-5])" + salt) ==
          "nothing");
}

namespace {

struct BadTable {
    const char* name;
    const char* code;
    std::string bytes;
    const char* table = "unheard_of";
};

const BadTable bad_tables[] = {
    {"invalid JSON", "bad_json", columns + R"(["a",1])"},
    {"not JSON at all", "bad_json", "uid,name\n0,root\n"},
    {"duplicate JSON members", "bad_json",
     R"({"columns":[],"columns":[],"rows":[],"salt":"00112233445566778899aabbccddeeff"})"},
    {"a NUL byte raw in a cell", "bad_json", columns + "[\"a" + std::string(1, '\0') + "\",1]" + salt},
    {"a NUL written as an escape in a cell", "bad_json", columns + R"(["a\u0000",1])" + salt},
    {"an integer beyond 2^53 raw in a cell", "bad_json", columns + R"(["a",9007199254740993])" + salt},
    {"text that is not UTF-8", "bad_json", columns + "[\"\xff\",1]" + salt},
    {"rows that are not sorted", "table_refused", columns + R"(["b",1],["a",1])" + salt},
    {"white space", "table_refused", columns + R"(["a", 1])" + salt},
    {"a cell of another type than its column", "table_refused", columns + R"([1,1])" + salt},
    {"a row of another width", "table_refused", columns + R"(["a"])" + salt},
    {"no salt", "table_refused", R"({"columns":[],"rows":[]})"},
    {"a name that is no table's", "schema", columns + salt, "../users"},
    {"a known table with other columns", "schema", columns + salt, "users"},
    {"a known table with a volatile column", "schema",
     R"({"columns":[["uid","integer"],["username","text"],["pid","integer"]],"rows":[],"salt":"00112233445566778899aabbccddeeff"})",
     "users"},
    {"a known table with a null where none may be", "schema",
     R"({"columns":[["uid","integer"],["username","text"]],"rows":[[0,null]],"salt":"00112233445566778899aabbccddeeff"})",
     "users"},
    {"a known table with a column of another type", "schema",
     R"({"columns":[["uid","text"],["username","text"]],"rows":[],"salt":"00112233445566778899aabbccddeeff"})",
     "users"},
    {"a table that nests too deeply", "bad_json", std::string(100'000, '[')},
};

// With its code, and nothing left behind.
void is_refused(const BadTable& bad) {
    World world;
    const Traces before = traces(world.site);
    CHECK(put_bytes(world, bad.bytes, bad.table) == bad.code);
    CHECK(traces(world.site) == before);
}

const annexa::test::EachRow<bad_tables, is_refused> each_refusal{"table upload refuses: ", "[ingest]",
                                                                 CATCH_INTERNAL_LINEINFO};

}  // namespace

TEST_CASE("table upload refuses: bytes that are not those of the digest", "[ingest]") {
    World world;
    const Traces before = traces(world.site);
    const PackedTable table = users_table("ada");
    CHECK(code_of([&] {
              world.site.ingest->put_table(world.host.id_, users_table("eve").digest.hex(), "users", table.frame);
          }) == "digest_mismatch");
    CHECK(traces(world.site) == before);
}

TEST_CASE("table upload refuses: an address that is no digest", "[ingest]") {
    World world;
    const Traces before = traces(world.site);
    CHECK(code_of([&] { world.site.ingest->put_table(world.host.id_, "ABC", "users", users_table("ada").frame); }) ==
          "bad_request");
    CHECK(traces(world.site) == before);
}

TEST_CASE("table upload: an older agent's table lacks columns at its end, a newer one's has more", "[ingest]") {
    World world;
    CHECK(put_bytes(world, R"({"columns":[["uid","integer"]],"rows":[[0]],"salt":"00112233445566778899aabbccddeeff"})",
                    "users") == "nothing");
    CHECK(
        put_bytes(
            world,
            R"({"columns":[["uid","integer"],["username","text"],["shell","text"],["home","text"]],"rows":[[0,"root",null,"/root"]],)"
            R"("salt":"00112233445566778899aabbccddeeff"})",
            "users") == "nothing");
}

TEST_CASE("table upload refuses: a truncated body, and whatever is not one bounded zstd frame", "[ingest]") {
    World world;
    const PackedTable table = users_table("ada");
    const Traces before = traces(world.site);
    const auto code = [&](const std::string& frame) {
        const std::string refusal =
            code_of([&] { world.site.ingest->put_table(world.host.id_, table.digest.hex(), table.name, frame); });
        CHECK(traces(world.site) == before);
        return refusal;
    };
    CHECK(code("") == "truncated");
    CHECK(code(table.bytes) == "table_refused");
    for (std::size_t length = 1; length < table.frame.size(); ++length)
        CHECK(code(table.frame.substr(0, length)) == "truncated");
    CHECK(code(table.frame + "x") == "table_refused");
    CHECK(code(table.frame + table.frame) == "table_refused");
    CHECK(code(frame_with_dictionary("{}")) == "table_refused");
    std::string damaged = table.frame;
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    CHECK(code(damaged) == "table_refused");
    const std::string skippable = std::string{"\x50\x2a\x4d\x18\x04\x00\x00\x00", 8} + "skip";
    CHECK(code(skippable + table.frame) == "table_refused");
    const std::string large(std::size_t{12} << 20, ' ');
    CHECK(code(frame_with_window(large, 24)) == "table_refused");
}

TEST_CASE("table upload refuses: a decompression bomb, at the limit, whatever its frame promises", "[ingest]") {
    World world;
    const Traces before = traces(world.site);
    const std::string bomb(std::size_t{200} << 20, ' ');
    const Digest digest = evidence::sha256(bomb);
    const std::string honest = compress(bomb);
    CHECK(honest.size() < 100'000);
    CHECK(code_of([&] { world.site.ingest->put_table(world.host.id_, digest.hex(), "users", honest); }) == "too_large");
    const std::string silent = frame_with_window(bomb, 20);
    CHECK(code_of([&] { world.site.ingest->put_table(world.host.id_, digest.hex(), "users", silent); }) == "too_large");
    CHECK(traces(world.site) == before);
}

TEST_CASE("table upload: only so much may wait for a statement, and only so much is new in a day", "[ingest]") {
    MemoryStore store;
    MemoryBlobs blobs;
    IngestLimits limits;
    const PackedTable first = users_table("first");
    limits.unnamed_table_bytes = first.bytes.size() + 10;
    limits.table_bytes_per_day = 3 * first.bytes.size();
    Site site{store, blobs, limits};
    TestHost host{site};
    host.put(first);
    CHECK(code_of([&] { host.put(users_table("other")); }) == "busy");
    REQUIRE(outcome(host.deliver(host.next({host.result("users", {first.ref()})}))) == "accepted");
    host.put(users_table("other"));
    REQUIRE(outcome(host.deliver(host.next({host.result("users", {users_table("other").ref()})}))) == "accepted");
    host.put(users_table("third"));
    REQUIRE(outcome(host.deliver(host.next({host.result("users", {users_table("third").ref()})}))) == "accepted");
    CHECK(code_of([&] { host.put(users_table("fourth")); }) == "busy");
    host.put(first);  // not new
    site.clock.advance(std::chrono::hours{25});
    host.put(users_table("fourth"));
}

TEST_CASE("table upload: what no statement names within a day is dropped, unless another host named it", "[ingest]") {
    World world;
    TestHost other{world.site, evidence::random_uuid(), "db1"};
    const PackedTable shared = users_table("shared");
    const PackedTable lonely = users_table("lonely");
    world.host.put(shared);
    world.host.put(lonely);
    other.put(shared);
    REQUIRE(outcome(other.deliver(other.next({other.result("users", {shared.ref()})}))) == "accepted");
    world.site.clock.advance(std::chrono::hours{23});
    CHECK(world.site.ingest->sweep() == 0);
    world.site.clock.advance(std::chrono::hours{2});
    CHECK(world.site.ingest->sweep() == 1);
    CHECK(world.blobs.list() == std::vector{shared.digest});
    CHECK(outcome(world.host.deliver(world.host.next({world.host.result("users", {shared.ref()})}))) ==
          "tables_missing");
    CHECK(outcome(other.deliver(other.next({other.result("users", {shared.ref()})}))) == "accepted");
}
