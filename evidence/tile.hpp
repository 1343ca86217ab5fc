// Tiles of the log as C2SP tlog-tiles lays them out: tile/LEVEL/NUMBER[.p/WIDTH] with up to 256 hashes, and
// tile/entries/NUMBER[.p/WIDTH] with up to 256 entries, each after its 16-bit length.
#pragma once

#include "evidence/merkle_tree.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annexa::evidence {

constexpr unsigned tile_width = 256;

struct TileId {
    unsigned level = 0;  // of tiles: 0 holds leaves, 1 the roots of 256 of them, …
    std::uint64_t number = 0;
    unsigned width = tile_width;  // 1 to 256; below 256 it is partial
    auto operator<=>(const TileId&) const = default;
};

struct Tile {
    TileId id;
    std::string hashes;  // 32 * width bytes
    bool operator==(const Tile&) const = default;
};

struct EntryBundle {
    std::uint64_t number = 0;
    std::vector<std::string> entries;  // at most 256
    bool operator==(const EntryBundle&) const = default;
};

/// "tile/0/x001/x234/067" or "tile/0/x001/x234/067.p/112".
std::string tile_path(const TileId& id);
/// "tile/entries/x001/x234/067.p/112".
std::string entries_path(std::uint64_t number, unsigned width);

struct TilePath {
    bool entries = false;
    TileId id;  // level 0 where entries
};
/// Reads exactly what tile_path and entries_path write; nothing for any other text.
std::optional<TilePath> parse_tile_path(std::string_view path);

/// The tiles that a log of `to` entries has and one of `from` had not (partial ones of `to` too), lowest level first.
std::vector<TileId> tiles_of_growth(std::uint64_t from, std::uint64_t to);

/// Gives the bytes of a tile: of exactly that width, or of more (its first `width` hashes are the same). Throws error
/// where there is none.
using TileFetch = std::function<std::string(const TileId&)>;

/// The hashes of a tree of a known size, read from its tiles; remembers the tiles it has fetched.
class TileHashes final : public HashReader {
  public:
    TileHashes(std::uint64_t size, TileFetch fetch) : size_{size}, fetch_{std::move(fetch)} {}
    Digest hash(unsigned level, std::uint64_t index) override;

  private:
    const std::string& tile(unsigned level, std::uint64_t number);
    std::uint64_t size_;
    TileFetch fetch_;
    std::map<std::pair<unsigned, std::uint64_t>, std::string> tiles_;
};

struct Growth {
    TreeHead head;
    std::vector<Tile> tiles;  // as tiles_of_growth names them
};

/// The tree of `size` leaves, whose tiles `fetch` gives, with these leaves behind it.
Growth grow(std::uint64_t size, const TileFetch& fetch, std::span<const Digest> leaves);

/// Throws error for an entry of more than 65,535 bytes or more than 256 of them.
std::string encode_entry_bundle(std::span<const std::string> entries);
/// Throws format_error.
std::vector<std::string> decode_entry_bundle(std::string_view bytes);

}  // namespace annexa::evidence
