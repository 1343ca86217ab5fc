// The log as C2SP tlog-tiles serves it, and its proofs, read from the Store.
#pragma once

#include "evidence/tile.hpp"
#include "server-stub/storage/store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace annexa::store {

/// What lies under a path below /log/: "checkpoint", "tile/0/x001/067", "tile/0/000.p/3", "tile/entries/000". Nothing
/// where there is nothing, or the text is no path. A partial tile stays readable after it has grown.
struct LogResource {
    enum class Kind { checkpoint, hashes, entries };
    Kind kind = Kind::checkpoint;
    std::string bytes;
    std::string_view content_type;
    bool immutable = false;
};
std::optional<LogResource> log_resource(const Store& store, std::string_view path);

/// The tiles of the store's log, for evidence's proofs.
evidence::TileFetch tile_fetch(const Store& store);

}  // namespace annexa::store
