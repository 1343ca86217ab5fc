#include "server-stub/log/tiles.hpp"

#include "evidence/errors.hpp"

namespace annexa::store {
namespace {

constexpr std::string_view octets = "application/octet-stream";

std::optional<LogResource> entry_bundle(const Store& store, const evidence::TileId& id) {
    const std::vector<std::string> entries = store.entries(id.number * evidence::tile_width, id.width);
    if (entries.size() != id.width) return std::nullopt;
    return LogResource{LogResource::Kind::entries, evidence::encode_entry_bundle(entries), octets, true};
}

}  // namespace

std::optional<LogResource> log_resource(const Store& store, std::string_view path) {
    if (path == "checkpoint") {
        const LogHead head = store.log_head();
        if (head.checkpoint.empty()) return std::nullopt;
        return LogResource{LogResource::Kind::checkpoint, head.checkpoint, "text/plain; charset=utf-8", false};
    }
    const std::optional<evidence::TilePath> tile = evidence::parse_tile_path(path);
    if (!tile) return std::nullopt;
    // No log reaches this far; below it products of number and width cannot wrap.
    constexpr std::uint64_t most_tiles = std::uint64_t{1} << 48;
    if (tile->id.number >= most_tiles) return std::nullopt;
    if (tile->entries) return entry_bundle(store, tile->id);
    std::optional<std::string> hashes = store.tile(tile->id.level, tile->id.number, tile->id.width);
    if (!hashes) return std::nullopt;
    return LogResource{LogResource::Kind::hashes, std::move(*hashes), octets, true};
}

evidence::TileFetch tile_fetch(const Store& store) {
    return [&store](const evidence::TileId& id) {
        std::optional<std::string> hashes = store.tile(id.level, id.number, id.width);
        if (!hashes) throw evidence::error(evidence::tile_path(id) + " is not in the database");
        return std::move(*hashes);
    };
}

}  // namespace annexa::store
