#include "collectors/support/login_records.hpp"

#include <sqlite3.h>

#include <cstring>
#include <functional>
#include <memory>

namespace annexa::collectors {
namespace {

template <typename Number>
Number number_at(std::string_view bytes, std::size_t offset) {
    Number value{};
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

std::string text_at(std::string_view bytes, std::size_t offset, std::size_t size) {
    std::string_view field = bytes.substr(offset, size);
    return std::string{field.substr(0, field.find('\0'))};
}

void note(LoginRecord& record, const std::string& name, std::int64_t seconds) {
    if (seconds <= 0) return;
    if (!record.since || seconds < *record.since) record.since = seconds;
    if (name.empty()) return;
    auto& last = record.last_by_name[name];
    if (seconds > last) last = seconds;
}

struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinishStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// The database is opened in memory, from bytes that were read through Files: nothing is created beside it and no link
// of an image can lead elsewhere.
void query(const File& file, const char* sql, const std::function<void(sqlite3_stmt*)>& each) {
    const auto fail = [&](const std::string& what) {
        throw host_error(evidence::Reason::malformed_source, file.path + ": " + what);
    };
    if (file.text.size() < 100 || file.text.compare(0, 15, "SQLite format 3") != 0) fail("expected an SQLite database");
    std::string bytes = file.text;
    bytes[18] = bytes[19] = 1;  // a deserialized database cannot be in WAL mode
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, nullptr);
    const std::unique_ptr<sqlite3, CloseDatabase> database{opened};
    if (code != SQLITE_OK) fail("SQLite cannot be started");
    if (sqlite3_deserialize(opened, "main", reinterpret_cast<unsigned char*>(bytes.data()),
                            static_cast<sqlite3_int64>(bytes.size()), static_cast<sqlite3_int64>(bytes.size()),
                            SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
        fail(sqlite3_errmsg(opened));
    sqlite3_stmt* prepared = nullptr;
    const int prepare = sqlite3_prepare_v2(opened, sql, -1, &prepared, nullptr);
    const std::unique_ptr<sqlite3_stmt, FinishStatement> statement{prepared};
    if (prepare != SQLITE_OK) fail(sqlite3_errmsg(opened));
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(prepared)) == SQLITE_ROW) each(prepared);
    if (step != SQLITE_DONE) fail(sqlite3_errmsg(opened));
}

std::string text_column(sqlite3_stmt* statement, int column) {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    return bytes == nullptr ? std::string{}
                            : std::string{bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

}  // namespace

std::optional<std::int64_t> lastlog_time(std::string_view bytes, std::uint32_t uid) {
    constexpr std::size_t record = 292;
    const std::size_t offset = record * static_cast<std::size_t>(uid);
    if (offset + record > bytes.size()) return std::nullopt;
    // The field is 32 bits wide; unsigned it lasts until 2106, which is how newer programs read it.
    const auto seconds = number_at<std::uint32_t>(bytes, offset);
    if (seconds == 0) return std::nullopt;
    return static_cast<std::int64_t>(seconds);
}

LoginRecord parse_wtmp(const File& file) {
    LoginRecord record;
    const std::string_view bytes = file.text;
    if (bytes.empty()) return record;
    const bool narrow = bytes.size() % 384 == 0;
    if (!narrow && bytes.size() % 400 != 0)
        throw host_error(evidence::Reason::malformed_source, file.path + ": expected records of 384 or 400 bytes");
    const std::size_t size = narrow ? 384 : 400;
    for (std::size_t offset = 0; offset < bytes.size(); offset += size) {
        const std::string_view entry = bytes.substr(offset, size);
        const auto type = number_at<std::int16_t>(entry, 0);
        const std::int64_t seconds = narrow ? static_cast<std::int64_t>(number_at<std::uint32_t>(entry, 340))
                                            : number_at<std::int64_t>(entry, 344);
        constexpr std::int16_t user_process = 7;
        note(record, type == user_process ? text_at(entry, 44, 32) : std::string{}, seconds);
    }
    return record;
}

LoginRecord parse_lastlog2(const File& file) {
    LoginRecord record;
    query(file, "SELECT Name, Time FROM Lastlog2",
          [&](sqlite3_stmt* row) { note(record, text_column(row, 0), sqlite3_column_int64(row, 1)); });
    return record;
}

LoginRecord parse_wtmpdb(const File& file) {
    LoginRecord record;
    query(file, "SELECT User, Login, Type FROM wtmp", [&](sqlite3_stmt* row) {
        constexpr std::int64_t user_process = 3;
        note(record, sqlite3_column_int64(row, 2) == user_process ? text_column(row, 0) : std::string{},
             sqlite3_column_int64(row, 1) / 1000000);
    });
    return record;
}

}  // namespace annexa::collectors
