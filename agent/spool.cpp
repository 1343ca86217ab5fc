#include "agent/spool.hpp"

#include "agent/descriptor.hpp"
#include "evidence/reason.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace annexa::agent {
namespace {

using evidence::Digest;
using evidence::Instant;

constexpr std::int64_t page_bytes = 4096;
constexpr off_t reserve_bytes = off_t{1} << 20;

// Foreign keys are not used: what may go is decided by remove_orphans() alone.
constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS result(id INTEGER PRIMARY KEY AUTOINCREMENT, collector TEXT NOT NULL, version INTEGER NOT NULL,
  status TEXT NOT NULL, reason TEXT, collected_at INTEGER NOT NULL, duration_ms INTEGER NOT NULL, sequence INTEGER);
CREATE INDEX IF NOT EXISTS result_by_sequence ON result(sequence, id);
CREATE TABLE IF NOT EXISTS result_table(result INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, sha256 BLOB NOT NULL,
  PRIMARY KEY(result, position)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS result_table_by_digest ON result_table(sha256);
CREATE TABLE IF NOT EXISTS statement(sequence INTEGER PRIMARY KEY, payload BLOB NOT NULL, keyid BLOB NOT NULL, signature BLOB NOT NULL,
  made_at INTEGER NOT NULL, acknowledged_at INTEGER);
CREATE TABLE IF NOT EXISTS statement_table(sequence INTEGER NOT NULL, sha256 BLOB NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY(sequence, sha256)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS statement_table_by_digest ON statement_table(sha256);
CREATE TABLE IF NOT EXISTS content(sha256 BLOB PRIMARY KEY, frame BLOB NOT NULL, held INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS written(collector TEXT PRIMARY KEY, sequence INTEGER NOT NULL, made_at INTEGER NOT NULL, version INTEGER NOT NULL,
  status TEXT NOT NULL, reason TEXT, tables TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dropped(collector TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER, first_at INTEGER, last_at INTEGER,
  sequence INTEGER);
CREATE TABLE IF NOT EXISTS due(collector TEXT NOT NULL, sequence INTEGER);
CREATE TABLE IF NOT EXISTS run(collector TEXT PRIMARY KEY, at INTEGER NOT NULL);
)";

std::int64_t milliseconds(Instant instant) { return instant.time_since_epoch().count(); }
Instant instant(std::int64_t milliseconds_since_1970) {
    return Instant{std::chrono::milliseconds{milliseconds_since_1970}};
}

std::optional<std::string_view> reason_text(const evidence::Result& result) {
    return result.reason ? std::optional{evidence::reason_code(*result.reason)} : std::nullopt;
}

void bind_text(Query& query, const std::optional<std::string_view>& text) {
    if (text)
        query.bind(*text);
    else
        query.bind_null();
}

evidence::Status status_of(const std::string& name) {
    const auto status = evidence::parse_status(name);
    if (!status) throw database_error(database_error::Kind::corrupt, "the spool holds a status that is none");
    return *status;
}

std::optional<evidence::Reason> reason_of(const Query& query, int column) {
    if (query.is_null(column)) return std::nullopt;
    const auto reason = evidence::parse_reason(query.text(column));
    if (!reason) throw database_error(database_error::Kind::corrupt, "the spool holds a reason that is none");
    return reason;
}

std::string tables_text(const std::vector<evidence::TableRef>& tables) {
    std::string text;
    for (const evidence::TableRef& table : tables) text += table.digest.hex() + " " + table.name + "\n";
    return text;
}

std::vector<evidence::TableRef> tables_of(const std::string& text) {
    std::vector<evidence::TableRef> tables;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        if (line.size() < 66)
            throw database_error(database_error::Kind::corrupt, "the spool holds a table that is none");
        tables.push_back({line.substr(65), Digest::from_hex(std::string_view{line}.substr(0, 64))});
        at = end + 1;
    }
    return tables;
}

SealedStatement read_statement(const Query& query) {
    SealedStatement statement;
    statement.sequence = static_cast<std::uint64_t>(query.integer(0));
    statement.envelope.payload = query.text(1);
    statement.envelope.keyid = Digest::from_bytes(query.text(2));
    statement.envelope.signature = evidence::Signature::from_bytes(query.text(3));
    return statement;
}

}  // namespace

Spool::Spool(std::filesystem::path file, std::int64_t max_bytes, const evidence::Clock& clock)
    : file_{std::move(file)}, max_bytes_{max_bytes}, clock_{clock} {
    try {
        open();
    } catch (const database_error& problem) {
        if (problem.kind() != database_error::Kind::corrupt) throw;
        set_aside();
    }
}

void Spool::open() {
    database_.emplace(file_);
    database_->execute("PRAGMA journal_mode=PERSIST");
    database_->execute("PRAGMA synchronous=FULL");
    database_->execute("PRAGMA foreign_keys=OFF");
    Query check = database_->query("PRAGMA quick_check(1)");
    if (!check.step() || check.text(0) != "ok")
        throw database_error(database_error::Kind::corrupt, "the spool is damaged: " + check.text(0));
    database_->execute(schema);
    bound(max_bytes_);
    keep_reserve();
}

void Spool::bound(std::int64_t max_bytes) {
    max_bytes_ = max_bytes;
    Query pages = database_->query("PRAGMA max_page_count=" +
                                   std::to_string(std::max<std::int64_t>(max_bytes_ / page_bytes, 32)));
    pages.run();
}

void Spool::set_aside() {
    database_.reset();
    const std::filesystem::path aside = file_.string() + ".corrupt";
    std::error_code ignored;
    std::filesystem::remove(file_.string() + "-journal", ignored);
    std::filesystem::rename(file_, aside, ignored);
    if (std::filesystem::exists(file_)) std::filesystem::remove(file_, ignored);
    open();
    Transaction transaction{*database_};
    Query add = database_->query("INSERT INTO dropped(collector, reason) VALUES('*', 'spool_corrupt')");
    add.run();
    transaction.commit();
    trouble_ = "spool_corrupt";
}

void Spool::keep_reserve() {
    const std::string path = file_.string() + ".reserve";
    const Descriptor reserve{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (reserve && posix_fallocate(reserve.get(), 0, reserve_bytes) != 0)
        unlink(path.c_str());  // tried again at the next start
}

bool Spool::at_bound() {
    Query used = database_->query("PRAGMA page_count");
    used.step();
    return used.integer(0) * page_bytes + 64 * page_bytes >= max_bytes_;
}

void Spool::insert(const EvidenceResult& result) {
    Transaction transaction{*database_};
    Query row = database_->query(
        "INSERT INTO result(collector, version, status, reason, collected_at, duration_ms) VALUES(?,?,?,?,?,?)");
    row.bind(result.result.collector)
        .bind(std::int64_t{result.result.version})
        .bind(evidence::status_name(result.result.status));
    bind_text(row, reason_text(result.result));
    row.bind(milliseconds(result.result.collected_at)).bind(static_cast<std::int64_t>(result.result.duration_ms)).run();
    Query id = database_->query("SELECT last_insert_rowid()");
    id.step();
    std::int64_t position = 0;
    for (const CanonicalTable& table : result.tables) {
        Query names = database_->query("INSERT INTO result_table VALUES(?,?,?,?)");
        names.bind(id.integer(0)).bind(position++).bind(table.name).bind_blob(table.digest.view()).run();
        Query known = database_->query("SELECT 1 FROM content WHERE sha256=?");
        if (known.bind_blob(table.digest.view()).step()) continue;
        Query content = database_->query("INSERT INTO content(sha256, frame) VALUES(?,?)");
        content.bind_blob(table.digest.view()).bind_blob(compress(table.bytes)).run();
    }
    Query here = database_->query("DELETE FROM due WHERE collector=? AND sequence IS NULL");
    here.bind(result.result.collector).run();
    transaction.commit();
}

void Spool::add(const EvidenceResult& result) {
    for (;;) {
        try {
            return insert(result);
        } catch (const database_error& problem) {
            if (problem.kind() != database_error::Kind::full) throw;
        }
        const std::string reason = at_bound() ? "spool_full" : "disk_full";
        if (reason == "disk_full")
            unlink((file_.string() + ".reserve").c_str());  // room for the transaction that makes room
        trouble_ = reason;
        if (make_room()) continue;
        Transaction transaction{*database_};
        say_dropped(result.result.collector, result.result.collected_at, reason, 1);
        transaction.commit();
        return;
    }
}

/// Takes away what matters least: the oldest acknowledged statement, else the oldest result that waits. False: nothing
/// is left.
bool Spool::make_room() {
    Transaction transaction{*database_};
    Query oldest = database_->query("SELECT min(sequence) FROM statement WHERE acknowledged_at IS NOT NULL");
    oldest.step();
    if (!oldest.is_null(0)) {
        for (const char* sql :
             {"DELETE FROM statement_table WHERE sequence=?", "DELETE FROM statement WHERE sequence=?"})
            database_->query(sql).bind(oldest.integer(0)).run();
    } else {
        Query result = database_->query("SELECT min(id) FROM result WHERE sequence IS NULL");
        result.step();
        if (result.is_null(0)) return false;
        drop_rows("id=?", result.integer(0), trouble_.value_or("spool_full"));
    }
    remove_orphans();
    transaction.commit();
    return true;
}

void Spool::remove_orphans() {
    database_->execute(
        "DELETE FROM content WHERE sha256 NOT IN (SELECT sha256 FROM result_table) "
        "AND sha256 NOT IN (SELECT sha256 FROM statement_table)");
}

void Spool::say_dropped(const std::string& collector, std::optional<Instant> at, const std::string& reason,
                        std::int64_t count) {
    const std::optional<std::int64_t> time = at ? std::optional{milliseconds(*at)} : std::nullopt;
    Query known = database_->query(
        "UPDATE dropped SET count=count+?, first_at=min(first_at,?), last_at=max(last_at,?) "
        "WHERE collector=? AND reason=? AND sequence IS NULL RETURNING 1");
    const bool found = known.bind(count).bind(time).bind(time).bind(collector).bind(reason).step();
    if (found) return known.run();
    Query fresh =
        database_->query("INSERT INTO dropped(collector, reason, count, first_at, last_at) VALUES(?,?,?,?,?)");
    fresh.bind(collector).bind(reason).bind(count).bind(time).bind(time).run();
}

/// Within a transaction: takes these waiting results away and says so.
void Spool::drop_rows(const std::string& where_id, std::int64_t id, const std::string& reason) {
    Query rows = database_->query("SELECT id, collector, collected_at FROM result WHERE " + where_id);
    rows.bind(id);
    while (rows.step()) {
        say_dropped(rows.text(1), instant(rows.integer(2)), reason, 1);
        database_->query("DELETE FROM result_table WHERE result=?").bind(rows.integer(0)).run();
    }
    database_->query("DELETE FROM result WHERE " + where_id).bind(id).run();
}

void Spool::mark_due(std::span<const std::string> collectors) {
    Transaction transaction{*database_};
    for (const std::string& collector : collectors) {
        Query known = database_->query("SELECT 1 FROM due WHERE collector=? AND sequence IS NULL");
        if (!known.bind(collector).step())
            database_->query("INSERT INTO due(collector) VALUES(?)").bind(collector).run();
    }
    transaction.commit();
}

std::map<std::string, Instant> Spool::last_runs() {
    std::map<std::string, Instant> runs;
    Query rows = database_->query("SELECT collector, at FROM run");
    while (rows.step()) runs[rows.text(0)] = instant(rows.integer(1));
    return runs;
}

void Spool::note_runs(std::span<const std::string> collectors, Instant at) {
    Transaction transaction{*database_};
    for (const std::string& collector : collectors)
        database_->query("INSERT OR REPLACE INTO run VALUES(?,?)").bind(collector).bind(milliseconds(at)).run();
    transaction.commit();
}

std::vector<WaitingResult> Spool::waiting(std::size_t most) {
    std::vector<WaitingResult> results;
    Query rows = database_->query(
        "SELECT id, collector, version, status, reason, collected_at, duration_ms FROM result "
        "WHERE sequence IS NULL ORDER BY id LIMIT ?");
    rows.bind(static_cast<std::int64_t>(most));
    while (rows.step()) {
        WaitingResult& one = results.emplace_back();
        one.id = rows.integer(0);
        one.result.collector = rows.text(1);
        one.result.version = static_cast<int>(rows.integer(2));
        one.result.status = status_of(rows.text(3));
        one.result.reason = reason_of(rows, 4);
        one.result.collected_at = instant(rows.integer(5));
        one.result.duration_ms = static_cast<std::uint64_t>(rows.integer(6));
        Query tables = database_->query("SELECT name, sha256 FROM result_table WHERE result=? ORDER BY position");
        tables.bind(one.id);
        while (tables.step()) one.result.tables.push_back({tables.text(0), Digest::from_bytes(tables.text(1))});
    }
    return results;
}

std::vector<evidence::Dropped> Spool::dropped() {
    std::vector<evidence::Dropped> all;
    Query rows = database_->query(
        "SELECT collector, reason, count, first_at, last_at FROM dropped WHERE sequence IS NULL ORDER BY collector, "
        "reason");
    while (rows.step()) {
        evidence::Dropped& one = all.emplace_back();
        one.collector = rows.text(0);
        one.reason = rows.text(1);
        if (!rows.is_null(2)) one.count = static_cast<std::uint64_t>(rows.integer(2));
        if (!rows.is_null(3)) one.from = instant(rows.integer(3));
        if (!rows.is_null(4)) one.to = instant(rows.integer(4));
    }
    return all;
}

std::vector<std::string> Spool::due() {
    std::vector<std::string> all;
    Query rows = database_->query("SELECT DISTINCT collector FROM due WHERE sequence IS NULL ORDER BY collector");
    while (rows.step()) all.push_back(rows.text(0));
    return all;
}

std::map<std::string, WrittenOut> Spool::written_out() {
    std::map<std::string, WrittenOut> all;
    Query rows = database_->query("SELECT collector, sequence, made_at, version, status, reason, tables FROM written");
    while (rows.step()) {
        WrittenOut& one = all[rows.text(0)];
        one.sequence = static_cast<std::uint64_t>(rows.integer(1));
        one.made_at = instant(rows.integer(2));
        one.result.collector = rows.text(0);
        one.result.version = static_cast<int>(rows.integer(3));
        one.result.status = status_of(rows.text(4));
        one.result.reason = reason_of(rows, 5);
        one.result.tables = tables_of(rows.text(6));
    }
    return all;
}

void Spool::seal(std::uint64_t sequence, const evidence::Envelope& envelope, std::span<const std::int64_t> results) {
    const auto number = static_cast<std::int64_t>(sequence);
    Transaction transaction{*database_};
    Query statement =
        database_->query("INSERT INTO statement(sequence, payload, keyid, signature, made_at) VALUES(?,?,?,?,?)");
    statement.bind(number).bind_blob(envelope.payload).bind_blob(envelope.keyid.view());
    statement.bind_blob(envelope.signature.view()).bind(milliseconds(clock_.now())).run();
    for (const std::int64_t id : results) {
        database_->query("UPDATE result SET sequence=? WHERE id=?").bind(number).bind(id).run();
        database_
            ->query("INSERT OR IGNORE INTO statement_table SELECT ?, sha256, name FROM result_table WHERE result=?")
            .bind(number)
            .bind(id)
            .run();
    }
    database_->query("UPDATE dropped SET sequence=? WHERE sequence IS NULL").bind(number).run();
    database_->query("UPDATE due SET sequence=? WHERE sequence IS NULL").bind(number).run();
    transaction.commit();
}

std::vector<SealedStatement> Spool::pending() {
    std::vector<SealedStatement> all;
    Query rows = database_->query(
        "SELECT sequence, payload, keyid, signature FROM statement WHERE acknowledged_at IS NULL ORDER BY sequence");
    while (rows.step()) all.push_back(read_statement(rows));
    return all;
}

std::optional<SealedStatement> Spool::newest_statement() {
    Query rows =
        database_->query("SELECT sequence, payload, keyid, signature FROM statement ORDER BY sequence DESC LIMIT 1");
    return rows.step() ? std::optional{read_statement(rows)} : std::nullopt;
}

std::vector<TableUpload> Spool::tables_to_upload() {
    std::vector<TableUpload> uploads;
    Query rows = database_->query(
        "SELECT min(name), t.sha256, frame FROM statement_table t JOIN statement s USING(sequence) "
        "JOIN content c ON c.sha256=t.sha256 WHERE s.acknowledged_at IS NULL AND c.held=0 GROUP BY t.sha256");
    while (rows.step()) uploads.push_back({rows.text(0), Digest::from_bytes(rows.text(1)), rows.text(2)});
    return uploads;
}

void Spool::mark_held(const Digest& table) {
    database_->query("UPDATE content SET held=1 WHERE sha256=?").bind_blob(table.view()).run();
}

bool Spool::mark_missing(std::span<const Digest> tables) {
    bool all_here = true;
    Transaction transaction{*database_};
    for (const Digest& table : tables) {
        Query known = database_->query("UPDATE content SET held=0 WHERE sha256=? RETURNING 1");
        const bool here = known.bind_blob(table.view()).step();
        known.run();
        all_here = all_here && here;
    }
    transaction.commit();
    return all_here;
}

void Spool::acknowledge(std::uint64_t sequence) {
    const auto number = static_cast<std::int64_t>(sequence);
    Transaction transaction{*database_};
    Query statement =
        database_->query("SELECT payload, made_at FROM statement WHERE sequence=? AND acknowledged_at IS NULL");
    if (!statement.bind(number).step()) return;
    for (const evidence::Result& result : evidence::parse_statement(statement.text(0)).results) {
        if (result.same_as) continue;
        Query written = database_->query("INSERT OR REPLACE INTO written VALUES(?,?,?,?,?,?,?)");
        written.bind(result.collector)
            .bind(number)
            .bind(statement.integer(1))
            .bind(std::int64_t{result.version})
            .bind(evidence::status_name(result.status));
        bind_text(written, reason_text(result));
        written.bind(tables_text(result.tables)).run();
    }
    database_->query("UPDATE content SET held=1 WHERE sha256 IN (SELECT sha256 FROM statement_table WHERE sequence=?)")
        .bind(number)
        .run();
    database_->query("DELETE FROM result_table WHERE result IN (SELECT id FROM result WHERE sequence=?)")
        .bind(number)
        .run();
    for (const char* sql : {"DELETE FROM result WHERE sequence=?", "DELETE FROM dropped WHERE sequence=?",
                            "DELETE FROM due WHERE sequence=?"})
        database_->query(sql).bind(number).run();
    database_->query("UPDATE statement SET acknowledged_at=? WHERE sequence=?")
        .bind(milliseconds(clock_.now()))
        .bind(number)
        .run();
    transaction.commit();
}

void Spool::detach(std::uint64_t sequence) {
    const auto number = static_cast<std::int64_t>(sequence);
    Transaction transaction{*database_};
    for (const char* sql :
         {"UPDATE result SET sequence=NULL WHERE sequence=?", "UPDATE dropped SET sequence=NULL WHERE sequence=?",
          "UPDATE due SET sequence=NULL WHERE sequence=?", "DELETE FROM statement_table WHERE sequence=?",
          "DELETE FROM statement WHERE sequence=?"})
        database_->query(sql).bind(number).run();
    transaction.commit();
}

void Spool::drop_table(const Digest& table, const std::string& reason) {
    Transaction transaction{*database_};
    std::vector<std::int64_t> ids;
    Query rows = database_->query(
        "SELECT DISTINCT id FROM result JOIN result_table ON result=id WHERE sequence IS NULL AND sha256=?");
    rows.bind_blob(table.view());
    while (rows.step()) ids.push_back(rows.integer(0));
    for (const std::int64_t id : ids) drop_rows("id=?", id, reason);
    remove_orphans();
    transaction.commit();
}

void Spool::drop_result(std::int64_t id, const std::string& reason) {
    Transaction transaction{*database_};
    drop_rows("sequence IS NULL AND id=?", id, reason);
    remove_orphans();
    transaction.commit();
}

void Spool::prune() {
    const std::int64_t before = milliseconds(clock_.now() - keep_acknowledged);
    Transaction transaction{*database_};
    database_
        ->query(
            "DELETE FROM statement_table WHERE sequence IN (SELECT sequence FROM statement WHERE acknowledged_at < ?)")
        .bind(before)
        .run();
    database_->query("DELETE FROM statement WHERE acknowledged_at < ?").bind(before).run();
    remove_orphans();
    transaction.commit();
}

SpoolFigures Spool::figures() {
    SpoolFigures figures;
    Query waiting = database_->query("SELECT count(*), min(collected_at) FROM result");
    waiting.step();
    figures.waiting = waiting.integer(0);
    if (!waiting.is_null(1)) figures.oldest = instant(waiting.integer(1));
    Query pending = database_->query("SELECT count(*) FROM statement WHERE acknowledged_at IS NULL");
    pending.step();
    figures.pending = pending.integer(0);
    Query dropped = database_->query("SELECT coalesce(sum(coalesce(count,1)),0) FROM dropped");
    dropped.step();
    figures.dropped = dropped.integer(0);
    Query pages = database_->query(
        "SELECT (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count)");
    pages.step();
    figures.bytes = pages.integer(0) * page_bytes;
    return figures;
}

}  // namespace annexa::agent
