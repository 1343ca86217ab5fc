#include "server-stub/storage/sqlite_store.hpp"

#include "server-stub/storage/migrations.hpp"
#include "server-stub/storage/sqlite_store_parts.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

namespace annexa::store {

using sqlite::Connection;
using sqlite::Query;
using sqlite::Reading;
using sqlite::Writing;

namespace {

std::int64_t pragma(Connection& connection, std::string_view sql) {
    Query query{connection, sql};
    return query.step() ? query.integer() : 0;
}

// Acknowledged means synced: in the write-ahead log FULL syncs every commit. A cell that points outside its page is
// found when it is read and not when it is used.
void configure(Connection& connection) {
    connection.execute(
        "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = "
        "OFF");
}

// Readable by its owner alone from the first moment; SQLite gives its write-ahead log the same mode.
void make_private_file(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) throw evidence::error(file.string() + ": cannot be made: " + std::strerror(errno));
    ::close(descriptor);
}

void migrate(Connection& connection, const std::string& file, bool may_write) {
    const auto steps = migrations();
    const auto version = static_cast<std::size_t>(pragma(connection, "PRAGMA user_version"));
    if (version > steps.size())
        throw evidence::error(file + ": made by a newer annexa-server (schema " + std::to_string(version) +
                              ", this one knows " + std::to_string(steps.size()) + "); install that version");
    if (version == steps.size()) return;
    if (!may_write)
        throw evidence::error(
            file + ": its schema is older than this program; start annexa-server once to bring it up to date");
    sqlite::Transaction transaction{connection};
    for (std::size_t step = version; step < steps.size(); ++step) connection.execute(steps[step]);
    connection.execute(("PRAGMA user_version = " + std::to_string(steps.size())).c_str());
    if (version == 0) {
        connection.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
        Query{connection, "INSERT INTO log (id, size, root, checkpoint) VALUES (1, 0, ?, '')"}
            .bind(evidence::empty_tree_root())
            .run();
    }
    transaction.commit();
}

}  // namespace

SQLiteStore::SQLiteStore(const std::filesystem::path& file, Mode mode) : parts_{std::make_unique<Parts>()} {
    parts_->file = file;
    const bool there = std::filesystem::exists(file);
    if (mode == Mode::create && there) throw evidence::error(file.string() + ": is there already");
    if (mode != Mode::create && !there)
        throw evidence::error(file.string() + ": is not there; make a store with annexa-server init");
    if (mode == Mode::create) make_private_file(file);
    const bool reads = mode == Mode::read_only || mode == Mode::snapshot;
    const auto connection_mode = mode == Mode::create ? Connection::Mode::create
                                 : reads              ? Connection::Mode::read_only
                                                      : Connection::Mode::read_write;
    auto connection = std::make_unique<Connection>(file, connection_mode);
    if (mode != Mode::create && pragma(*connection, "PRAGMA application_id") != application_id)
        throw evidence::error(file.string() + ": is not a database of annexa-server");
    if (reads) {
        migrate(*connection, file.string(), false);
        configure(*connection);
        if (mode == Mode::read_only) {
            parts_->idle.push_back(std::move(connection));
            return;
        }
        // The first read is what fixes the moment.
        Query{*connection, "BEGIN"}.run();
        sqlite::read_tree(*connection);
        parts_->snapshot = std::move(connection);
        return;
    }
    {
        Query journal{*connection, "PRAGMA journal_mode = WAL"};
        if (!journal.step() || journal.text() != "wal")
            throw evidence::error(
                file.string() + ": the file system cannot hold a write-ahead log; put the data folder on a local disk");
    }
    configure(*connection);
    migrate(*connection, file.string(), true);
    parts_->writer = std::move(connection);
}

SQLiteStore::~SQLiteStore() = default;

void SQLiteStore::limit_pages(std::uint64_t pages) {
    const std::lock_guard lock{parts_->writing};
    parts_->writer->execute(("PRAGMA max_page_count = " + std::to_string(pages == 0 ? 4294967294U : pages)).c_str());
}

void SQLiteStore::copy_to(const std::filesystem::path& file) const {
    make_private_file(file);  // VACUUM INTO takes an empty file, and keeps its mode
    Connection connection{parts_->file, Connection::Mode::read_only};
    Query{connection, "VACUUM INTO ?"}.bind(file.string()).run();
}

std::map<std::string, std::string> SQLiteStore::settings() const {
    Reading reading{*parts_};
    Query query{reading, "SELECT name, value FROM settings"};
    std::map<std::string, std::string> settings;
    while (query.step()) {
        std::string name = query.text();
        settings.emplace(std::move(name), query.text());
    }
    return settings;
}

std::vector<std::string> SQLiteStore::verify() const {
    std::vector<std::string> problems;
    Reading reading{*parts_};
    Query query{reading, "PRAGMA integrity_check(20)"};
    while (query.step())
        if (std::string line = query.text(); line != "ok") problems.push_back(std::move(line));
    return problems;
}

namespace sqlite {

Reading::Reading(SQLiteStore::Parts& parts) : parts_{parts} {
    if (parts.snapshot) {
        alone_ = std::unique_lock{parts.pool};
        return;
    }
    {
        const std::lock_guard lock{parts.pool};
        if (!parts.idle.empty()) {
            connection_ = std::move(parts.idle.back());
            parts.idle.pop_back();
        }
    }
    if (!connection_) {
        connection_ = std::make_unique<Connection>(parts.file, Connection::Mode::read_only);
        configure(*connection_);
    }
    Query{*connection_, "BEGIN"}.run();
}

Reading::operator Connection&() { return connection_ ? *connection_ : *parts_.snapshot; }

Reading::~Reading() {
    if (!connection_) return;
    // A connection whose read did not end well is not given to the next verb.
    if (sqlite3_get_autocommit(connection_->get()) == 0 &&
        sqlite3_exec(connection_->get(), "ROLLBACK", nullptr, nullptr, nullptr) != SQLITE_OK)
        return;
    const std::lock_guard lock{parts_.pool};
    parts_.idle.push_back(std::move(connection_));
}

namespace {
Connection& writer_of(SQLiteStore::Parts& parts) {
    if (!parts.writer) throw store_unavailable(parts.file.string() + ": was opened for reading only");
    return *parts.writer;
}
}  // namespace

Writing::Writing(SQLiteStore::Parts& parts)
    : lock_{parts.writing}, connection_{writer_of(parts)}, transaction_{connection_} {}

}  // namespace sqlite

// ---------------------------------------------------------------------------------------------- settings

std::optional<std::string> SQLiteStore::setting(std::string_view name) const {
    Reading reading{*parts_};
    Query query{reading, "SELECT value FROM settings WHERE name = ?"};
    query.bind(name);
    return query.step() ? std::optional{query.text()} : std::nullopt;
}

void SQLiteStore::set_setting(std::string_view name, std::string_view value) {
    Writing writing{*parts_};
    Query{writing, "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"}
        .bind(name)
        .bind(value)
        .run();
    writing.commit();
}

}  // namespace annexa::store
