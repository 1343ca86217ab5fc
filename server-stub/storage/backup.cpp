#include "server-stub/storage/backup.hpp"

#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "server-stub/files.hpp"
#include "server-stub/storage/migrations.hpp"
#include "server-stub/storage/sqlite.hpp"
#include "server-stub/storage/zstd_frame.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <set>

namespace annexa::store {
namespace {

using sqlite::Connection;
using sqlite::Query;

/// Takes the half-made file away again unless keep() was called.
class Partial {
  public:
    explicit Partial(std::filesystem::path path) : path_{std::move(path)} {}
    ~Partial() {
        if (path_.empty()) return;
        std::error_code ignored;
        for (const char* beside : {"", "-journal", "-wal", "-shm"})
            std::filesystem::remove(path_.string() + beside, ignored);
    }
    Partial(const Partial&) = delete;
    Partial& operator=(const Partial&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Durable under its own name from here on.
    void put_in_place(const std::filesystem::path& file) {
        const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
        const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
        if (descriptor >= 0) ::close(descriptor);
        if (!synced) throw evidence::error(path_.string() + ": " + std::strerror(errno));
        std::filesystem::rename(path_, file);
        path_.clear();
        sync_folder(std::filesystem::absolute(file).parent_path());
    }

  private:
    std::filesystem::path path_;
};

std::filesystem::path beside(const std::filesystem::path& file) {
    return file.string() + ".tmp-" + evidence::to_hex(evidence::random_bytes(8));
}

std::string value_of(Connection& connection, std::string_view name, const std::string& file) {
    Query query{connection, "SELECT value FROM backup WHERE name = ?"};
    if (!query.bind(name).step()) throw evidence::error(file + ": the backup does not say its " + std::string{name});
    return query.text();
}

void put_value(Connection& connection, std::string_view name, std::string_view value) {
    Query{connection, "INSERT INTO backup VALUES (?, ?)"}.bind(name).bind_bytes(value).run();
}

std::uint64_t copy_blobs(Connection& copy, const Blobs& blobs) {
    std::uint64_t copied = 0;
    std::set<Digest> there;
    for (const Digest& digest : blobs.list()) {
        const std::optional<std::string> bytes = blobs.get(digest);
        if (!bytes) continue;  // dropped meanwhile, so nothing named it
        Query{copy, "INSERT INTO backup_blobs VALUES (?, ?)"}.bind(digest).bind_bytes(compress(*bytes)).run();
        there.insert(digest);
        ++copied;
    }
    std::vector<Digest> gone;
    {
        Query held{copy, "SELECT digest, max(named) FROM holdings GROUP BY digest"};
        while (held.step()) {
            const Digest digest = held.digest();
            if (there.contains(digest)) continue;
            if (held.optional_number())
                throw evidence::error("table " + digest.hex() + " is missing; run annexa-server check");
            gone.push_back(digest);
        }
    }
    for (const Digest& digest : gone) Query{copy, "DELETE FROM holdings WHERE digest = ?"}.bind(digest).run();
    return copied;
}

constexpr std::string_view has_backup_table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'backup'";

Backup describe(Connection& connection, const std::string& file) {
    {
        Query id{connection, "PRAGMA application_id"};
        if (!id.step() || id.integer() != application_id)
            throw evidence::error(file + ": is no backup of annexa-server");
    }
    {
        Query table{connection, has_backup_table};
        if (!table.step())
            throw evidence::error(
                file + ": is a database of annexa-server and no backup; stop the server and use annexa-server backup");
    }
    if (value_of(connection, "format", file) != "1")
        throw evidence::error(file + ": made by a newer annexa-server; install that version");
    Backup backup;
    backup.content.made_at = evidence::parse_instant(value_of(connection, "made_at", file));
    {
        Query keys{connection, "SELECT value FROM backup WHERE name = 'keys'"};
        if (keys.step()) backup.sealed_keys = keys.bytes();
    }
    backup.content.keys = backup.sealed_keys.has_value();
    {
        Query size{connection, "SELECT size FROM log WHERE id = 1"};
        if (size.step()) backup.content.entries = size.number();
    }
    {
        Query count{connection, "SELECT count(*) FROM backup_blobs"};
        if (count.step()) backup.content.blobs = count.number();
    }
    backup.content.bytes = std::filesystem::file_size(file);
    return backup;
}

}  // namespace

BackupContent write_backup(const SQLiteStore& store, const Blobs& blobs, const std::optional<std::string>& sealed_keys,
                           evidence::Instant now, const std::filesystem::path& file) {
    if (std::filesystem::exists(file)) throw evidence::error(file.string() + ": is there already");
    Partial partial{beside(file)};
    store.copy_to(partial.path());
    {
        Connection copy{partial.path(), Connection::Mode::read_write};
        // A rollback journal in memory: if this fails the file is thrown away.
        copy.execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
        sqlite::Transaction transaction{copy};
        copy.execute(
            "CREATE TABLE backup (name TEXT PRIMARY KEY, value BLOB NOT NULL); CREATE TABLE backup_blobs (digest BLOB "
            "PRIMARY KEY, frame BLOB NOT NULL)");
        put_value(copy, "format", "1");
        put_value(copy, "made_at", evidence::to_string(now));
        if (sealed_keys) put_value(copy, "keys", *sealed_keys);
        copy_blobs(copy, blobs);
        transaction.commit();
    }
    partial.put_in_place(file);
    return read_backup(file).content;
}

Backup read_backup(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) throw evidence::error(file.string() + ": there is no such file");
    try {
        Connection connection{file, Connection::Mode::read_only};
        return describe(connection, file.string());
    } catch (const store_unavailable& failure) {
        throw evidence::error(std::string{"is no backup of annexa-server, or a damaged one: "} + failure.what());
    }
}

void restore_backup(const std::filesystem::path& file, const std::filesystem::path& database, Blobs& blobs,
                    evidence::Instant now) {
    const Backup backup = read_backup(file);
    if (std::filesystem::exists(database))
        throw evidence::error(database.string() + ": a store is there already; restore into an empty folder");
    Partial partial{beside(database)};
    {
        Connection from{file, Connection::Mode::read_only};
        Query blob{from, "SELECT digest, frame FROM backup_blobs"};
        while (blob.step()) {
            const Digest digest = blob.digest();
            FrameLimits limits;
            limits.output_bytes = std::size_t{64} << 20;
            const DecodedFrame decoded = decode_frame(blob.bytes(), limits);
            if (decoded.digest != digest)
                throw evidence::error(file.string() + ": blob " + digest.hex() + " is damaged");
            blobs.put(digest, decoded.bytes);
        }
        write_file(partial.path(), "", 0600);  // VACUUM INTO takes an empty file, and keeps its mode
        Query{from, "VACUUM INTO ?"}.bind(partial.path().string()).run();
    }
    {
        Connection copy{partial.path(), Connection::Mode::read_write};
        copy.execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
        const std::string why = "This store was restored at " + evidence::to_string(now) + " from a backup of " +
                                evidence::to_string(backup.content.made_at) +
                                ". It serves and evaluates, and acknowledges nothing: hosts may hold receipts for what "
                                "came after the backup.";
        {
            sqlite::Transaction transaction{copy};
            copy.execute("DROP TABLE backup; DROP TABLE backup_blobs");
            Query{copy,
                  "INSERT INTO settings VALUES ('restored', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"}
                .bind(why)
                .run();
            transaction.commit();
        }
        copy.execute("VACUUM");
    }
    partial.put_in_place(database);
}

}  // namespace annexa::store
