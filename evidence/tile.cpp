#include "evidence/tile.hpp"

#include "evidence/errors.hpp"

#include <algorithm>
#include <charconv>

namespace annexa::evidence {
namespace {

constexpr std::size_t hash_bytes = 32;
constexpr unsigned tile_height = 8;   // a tile of level n holds hashes of level 8n of the tree
constexpr unsigned tree_levels = 64;  // a size has 64 bits, so tiles have levels 0 to 7

/// Hashes on a tile level in a tree of that size: its whole subtrees of 256^level leaves.
std::uint64_t hashes_on_level(unsigned level, std::uint64_t size) { return size >> (tile_height * level); }

/// Three digits a group, all but the last with an x before them.
std::string number_path(std::uint64_t number) {
    const auto group = [](std::uint64_t value) {
        const std::string digits = std::to_string(value);
        return std::string(3 - digits.size(), '0') + digits;
    };
    std::string path = group(number % 1000);
    while ((number /= 1000) != 0) path = "x" + group(number % 1000) + "/" + path;
    return path;
}

std::string with_width(std::string path, unsigned width) {
    return width == tile_width ? path : path + ".p/" + std::to_string(width);
}

std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

/// x001/x234/067 without a look at how it is spelled: the caller writes it again and compares.
std::optional<std::uint64_t> take_number_path(std::string_view& text) {
    std::uint64_t number = 0;
    for (;;) {
        const bool more = text.starts_with('x');
        if (more) text.remove_prefix(1);
        std::string_view digits = text.substr(0, 3);
        const auto group = take_number(digits);
        if (!group || number > (~std::uint64_t{0} - *group) / 1000) return std::nullopt;
        text.remove_prefix(text.substr(0, 3).size() - digits.size());
        number = number * 1000 + *group;
        if (!more) return number;
        if (!text.starts_with('/')) return std::nullopt;
        text.remove_prefix(1);
    }
}

/// The root of the whole subtree whose 2^n hashes these are.
Digest combine(std::string_view hashes) {
    if (hashes.size() == hash_bytes) return Digest::from_bytes(hashes);
    const std::size_t half = hashes.size() / 2;
    return node_hash(combine(hashes.substr(0, half)), combine(hashes.substr(half)));
}

}  // namespace

std::string tile_path(const TileId& id) {
    return with_width("tile/" + std::to_string(id.level) + "/" + number_path(id.number), id.width);
}

std::string entries_path(std::uint64_t number, unsigned width) {
    return with_width("tile/entries/" + number_path(number), width);
}

std::optional<TilePath> parse_tile_path(std::string_view path) {
    std::string_view rest = path;
    if (!rest.starts_with("tile/")) return std::nullopt;
    rest.remove_prefix(5);
    TilePath found;
    if (rest.starts_with("entries/")) {
        found.entries = true;
        rest.remove_prefix(8);
    } else {
        const auto level = take_number(rest);
        if (!level || *level >= tree_levels || !rest.starts_with('/')) return std::nullopt;
        found.id.level = static_cast<unsigned>(*level);
        rest.remove_prefix(1);
    }
    const auto number = take_number_path(rest);
    if (!number) return std::nullopt;
    found.id.number = *number;
    if (rest.starts_with(".p/")) {
        rest.remove_prefix(3);
        const auto width = take_number(rest);
        if (!width || *width == 0 || *width >= tile_width) return std::nullopt;
        found.id.width = static_cast<unsigned>(*width);
    }
    const std::string again = found.entries ? entries_path(found.id.number, found.id.width) : tile_path(found.id);
    return again == path ? std::optional{found} : std::nullopt;
}

std::vector<TileId> tiles_of_growth(std::uint64_t from, std::uint64_t to) {
    std::vector<TileId> tiles;
    for (unsigned level = 0; tile_height * level < tree_levels; ++level) {
        const std::uint64_t had = hashes_on_level(level, from);
        const std::uint64_t has = hashes_on_level(level, to);
        if (has <= had) break;
        for (std::uint64_t number = had / tile_width; number * tile_width < has; ++number)
            tiles.push_back(
                {level, number, static_cast<unsigned>(std::min<std::uint64_t>(tile_width, has - number * tile_width))});
    }
    return tiles;
}

const std::string& TileHashes::tile(unsigned level, std::uint64_t number) {
    const auto [place, is_new] = tiles_.try_emplace({level, number});
    if (is_new) {
        const std::uint64_t behind = hashes_on_level(level, size_) - number * tile_width;
        const TileId id{level, number, static_cast<unsigned>(std::min<std::uint64_t>(tile_width, behind))};
        std::string hashes = fetch_(id);
        if (hashes.size() < id.width * hash_bytes || hashes.size() > tile_width * hash_bytes ||
            hashes.size() % hash_bytes != 0) {
            tiles_.erase(place);
            throw error(tile_path(id) + " has " + std::to_string(hashes.size()) + " bytes");
        }
        hashes.resize(id.width * hash_bytes);
        place->second = std::move(hashes);
    }
    return place->second;
}

Digest TileHashes::hash(unsigned level, std::uint64_t index) {
    if (level >= tree_levels || index >= size_ >> level)
        throw error("the tree of " + std::to_string(size_) + " leaves has no hash " + std::to_string(index) +
                    " on level " + std::to_string(level));
    const unsigned height = level % tile_height;
    const std::uint64_t first = index << height;
    const std::string& hashes = tile(level / tile_height, first / tile_width);
    return combine(std::string_view{hashes}.substr(first % tile_width * hash_bytes, hash_bytes << height));
}

Growth grow(std::uint64_t size, const TileFetch& fetch, std::span<const Digest> leaves) {
    Growth growth;
    TileHashes before{size, fetch};
    MerkleTree tree{size, before};
    std::string added;  // hashes that are new on the level at hand
    for (const Digest& leaf : leaves) {
        tree.add(leaf);
        added.append(leaf.view());
    }
    growth.head = tree.head();
    for (unsigned level = 0; !added.empty(); ++level) {
        const std::uint64_t had = hashes_on_level(level, size);
        std::uint64_t number = had / tile_width;
        std::string hashes;
        for (std::uint64_t i = number * tile_width; i < had; ++i)
            hashes.append(before.hash(level * tile_height, i).view());
        hashes.append(added);
        added.clear();
        for (std::size_t at = 0; at < hashes.size(); at += tile_width * hash_bytes, ++number) {
            std::string bytes = hashes.substr(at, tile_width * hash_bytes);
            const auto width = static_cast<unsigned>(bytes.size() / hash_bytes);
            if (width == tile_width) added.append(combine(bytes).view());
            growth.tiles.push_back({{level, number, width}, std::move(bytes)});
        }
    }
    return growth;
}

std::string encode_entry_bundle(std::span<const std::string> entries) {
    if (entries.size() > tile_width) throw error("an entry bundle holds at most 256 entries");
    std::string bytes;
    for (const std::string& entry : entries) {
        if (entry.size() > 0xffff) throw error("an entry of more than 65535 bytes fits into no entry bundle");
        bytes.push_back(static_cast<char>(entry.size() >> 8));
        bytes.push_back(static_cast<char>(entry.size() & 0xff));
        bytes.append(entry);
    }
    return bytes;
}

std::vector<std::string> decode_entry_bundle(std::string_view bytes) {
    std::vector<std::string> entries;
    for (std::size_t at = 0; at < bytes.size();) {
        if (entries.size() == tile_width) throw format_error(at, "at most 256 entries");
        if (bytes.size() - at < 2) throw format_error(at, "the length of an entry in two bytes");
        const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
        const std::size_t length = (byte(at) << 8) | byte(at + 1);
        at += 2;
        if (bytes.size() - at < length) throw format_error(at, "an entry of " + std::to_string(length) + " bytes");
        entries.emplace_back(bytes.substr(at, length));
        at += length;
    }
    return entries;
}

}  // namespace annexa::evidence
