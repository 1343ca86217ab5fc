// Backups of a store on the embedded database: one file, itself an SQLite database: the store's, as of one moment, with
// the blobs and, when asked for, the keys under a passphrase beside its tables.
//
//     backup (name, value)         format "1"; made_at; keys: the sealed keys (key_box.hpp), only --with-keys
//     backup_blobs (digest, frame) zstd
#pragma once

#include "evidence/instant.hpp"
#include "server-stub/storage/blobs.hpp"
#include "server-stub/storage/sqlite_store.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace annexa::store {

struct BackupContent {
    std::uint64_t entries = 0;
    std::uint64_t blobs = 0;
    std::uint64_t bytes = 0;  // of the file
    evidence::Instant made_at;
    bool keys = false;
};

/// Writes FILE (mode 0600), whole or not at all, while a server may run on the store. `sealed_keys` as seal_keys() made
/// them. Throws evidence::error where FILE is there already, cannot be written, or a table that the log names is
/// missing or damaged: a backup of a damaged store would hide the damage.
BackupContent write_backup(const SQLiteStore& store, const Blobs& blobs, const std::optional<std::string>& sealed_keys,
                           evidence::Instant now, const std::filesystem::path& file);

struct Backup {
    BackupContent content;
    std::optional<std::string> sealed_keys;
};

/// What FILE is. Throws evidence::error where it is no backup, or one of a newer annexa-server.
Backup read_backup(const std::filesystem::path& file);

/// Makes `database` (which is not there yet) and fills `blobs` from FILE. The store is marked restored: it serves and
/// evaluates, and acknowledges nothing. The database appears last, under its name, when all else is durable.
void restore_backup(const std::filesystem::path& file, const std::filesystem::path& database, Blobs& blobs,
                    evidence::Instant now);

}  // namespace annexa::store
