#include "evidence/tile.hpp"
#include "evidence/errors.hpp"
#include "evidence/proof.hpp"
#include "tests/evidence/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

using namespace annexa::evidence;
using annexa::evidence::test::Random;

namespace {

/// Tiles as a store keeps them: under level and number, the widest that there was.
class Shelf {
  public:
    void put(const Tile& tile) { tiles_[{tile.id.level, tile.id.number}] = tile.hashes; }
    [[nodiscard]] TileFetch fetch() const {
        return [this](const TileId& id) {
            const auto found = tiles_.find({id.level, id.number});
            if (found == tiles_.end()) throw error("no " + tile_path(id));
            return found->second;
        };
    }

  private:
    std::map<std::pair<unsigned, std::uint64_t>, std::string> tiles_;
};

}  // namespace

TEST_CASE("paths of tiles") {
    CHECK(tile_path({0, 0, 256}) == "tile/0/000");
    CHECK(tile_path({1, 67, 256}) == "tile/1/067");
    CHECK(tile_path({0, 1234067, 256}) == "tile/0/x001/x234/067");
    CHECK(tile_path({2, 1000, 5}) == "tile/2/x001/000.p/5");
    CHECK(entries_path(1234067, 112) == "tile/entries/x001/x234/067.p/112");
}

TEST_CASE("paths of tiles read back, others are none") {
    INFO("ANNEXA_TEST_SEED=" << test::seed());
    Random random;
    for (int i = 0; i < 1000; ++i) {
        const TileId id{static_cast<unsigned>(random.up_to(63)), random.bits() >> random.up_to(63),
                        static_cast<unsigned>(1 + random.up_to(255))};
        const auto hashes = parse_tile_path(tile_path(id));
        REQUIRE(hashes);
        CHECK(hashes->id == id);
        CHECK_FALSE(hashes->entries);
        const auto entries = parse_tile_path(entries_path(id.number, id.width));
        REQUIRE(entries);
        CHECK(entries->entries);
        CHECK(entries->id == TileId{0, id.number, id.width});
    }
    const auto bad = GENERATE(
        as<std::string>{}, "", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000",
        "tile/0/x000/001", "tile/0/x01/001", "tile/0/x001", "tile/0/001/002", "tile/00/001", "tile/64/001",
        "tile/-1/001", "tile/+1/001", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/007", "tile/0/001.p/",
        "tile/0/001.p", "tile/0/001/", "/tile/0/001", "tile/0/001 ", "tile/entries", "tile/entries/1", "tile/entry/001",
        "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/-01", "tile/0/x-01/001", "tile/0/..", "tile/0/x001/../001");
    INFO(bad);
    CHECK_FALSE(parse_tile_path(bad));
}

TEST_CASE("which tiles a growth writes") {
    const auto count = [](std::uint64_t from, std::uint64_t to, unsigned level) {
        const auto tiles = tiles_of_growth(from, to);
        return std::count_if(tiles.begin(), tiles.end(), [&](const TileId& id) { return id.level == level; });
    };
    // log-formats' own example: size 70,000
    CHECK(count(0, 70'000, 0) == 274);
    CHECK(count(0, 70'000, 1) == 2);
    CHECK(count(0, 70'000, 2) == 1);
    CHECK(count(0, 70'000, 3) == 0);
    CHECK(tiles_of_growth(0, 70'000).back() == TileId{2, 0, 1});
    CHECK(tiles_of_growth(0, 256) == std::vector<TileId>{{0, 0, 256}, {1, 0, 1}});
    CHECK(tiles_of_growth(0, 0).empty());
    CHECK(tiles_of_growth(7, 7).empty());
    CHECK(tiles_of_growth(7, 9) == std::vector<TileId>{{0, 0, 9}});
    CHECK(tiles_of_growth(255, 257) == std::vector<TileId>{{0, 0, 256}, {0, 1, 1}, {1, 0, 1}});
    CHECK(tiles_of_growth(256, 300) == std::vector<TileId>{{0, 1, 44}});
}

TEST_CASE("a log grown by tiles has the tree that its leaves define, and proofs read from tiles verify") {
    INFO("ANNEXA_TEST_SEED=" << test::seed());
    Random random;
    Shelf shelf;
    MerkleTree tree;
    MemoryHashes memory;
    TreeHead older;
    for (int round = 0; round < 40; ++round) {
        std::vector<Digest> leaves;
        for (std::uint64_t i = random.chance(4) ? 1 : random.up_to(round % 10 == 9 ? 20'000 : 400); i > 0; --i)
            leaves.push_back(random.digest());
        const std::uint64_t before = tree.size();
        const Growth growth = grow(before, shelf.fetch(), leaves);
        for (const Digest& leaf : leaves) {
            tree.add(leaf);
            memory.add(leaf);
        }
        REQUIRE(growth.head == tree.head());
        std::vector<TileId> written;
        for (const Tile& tile : growth.tiles) {
            CHECK(tile.hashes.size() == tile.id.width * 32);
            written.push_back(tile.id);
            shelf.put(tile);
        }
        CHECK(written == tiles_of_growth(before, tree.size()));
        if (tree.size() == 0) continue;

        TileHashes hashes{tree.size(), shelf.fetch()};
        const std::uint64_t index = random.up_to(tree.size() - 1);
        const std::vector<Digest> inclusion = inclusion_proof(index, tree.size(), hashes);
        CHECK(inclusion == inclusion_proof(index, tree.size(), memory));
        CHECK(verify_inclusion(memory.hash(0, index), index, tree.head(), inclusion));
        const std::vector<Digest> consistency = consistency_proof(older.size, tree.size(), hashes);
        CHECK(consistency == consistency_proof(older.size, tree.size(), memory));
        if (older.size != 0) CHECK(verify_consistency(older, tree.head(), consistency));
        older = tree.head();
    }
}

TEST_CASE("a tile that is not there, too short or not whole is an error") {
    const TileFetch nothing = [](const TileId& id) -> std::string { throw error("no " + tile_path(id)); };
    CHECK_THROWS_AS(TileHashes(5, nothing).hash(0, 0), error);
    TileHashes torn{5, [](const TileId&) { return std::string(5 * 32 - 1, 'x'); }};
    CHECK_THROWS_AS(torn.hash(0, 0), error);
    CHECK_THROWS_AS(torn.hash(0, 0), error);
    TileHashes longer{5, [](const TileId&) { return std::string(7 * 32, 'x'); }};
    CHECK(longer.hash(0, 4) == Digest::from_bytes(std::string(32, 'x')));
    CHECK_THROWS_AS(longer.hash(0, 5), error);
    CHECK_THROWS_AS(longer.hash(3, 0), error);
    CHECK_THROWS_AS(longer.hash(64, 0), error);
}

TEST_CASE("entry bundles read back") {
    const std::vector<std::string> entries{"", "a", std::string(65'535, 'x')};
    const std::string bytes = encode_entry_bundle(entries);
    CHECK(bytes.substr(0, 5) == std::string("\0\0\0\1a", 5));
    CHECK(decode_entry_bundle(bytes) == entries);
    CHECK(decode_entry_bundle("").empty());
    CHECK_THROWS_AS(encode_entry_bundle(std::vector<std::string>{std::string(65'536, 'x')}), error);
    CHECK_THROWS_AS(encode_entry_bundle(std::vector<std::string>(257)), error);
    CHECK_THROWS_AS(decode_entry_bundle(bytes.substr(0, bytes.size() - 1)), format_error);
    CHECK_THROWS_AS(decode_entry_bundle(std::string_view{"\0", 1}), format_error);
    CHECK_THROWS_AS(decode_entry_bundle(std::string(514, '\0')), format_error);
}
