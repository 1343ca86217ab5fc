#include "server-stub/ingest/table_upload.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "server-stub/storage/zstd_frame.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

using evidence::coded_error;

bool is_table_name(std::string_view name) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    return !name.empty() && name.size() <= 128 && name.front() >= 'a' && name.front() <= 'z' &&
           std::all_of(name.begin(), name.end(), fits);
}

/// What is JSON of our profile and yet no table is told apart from what is no JSON.
[[noreturn]] void refuse(std::string_view name, std::string_view bytes, const evidence::format_error& why) {
    try {
        evidence::parse_json(bytes);
    } catch (const evidence::format_error& syntax) {
        throw coded_error("bad_json", "table " + std::string{name} + ": " + syntax.what());
    }
    throw coded_error("table_refused", "table " + std::string{name} + " is not in its canonical form: " + why.what());
}

}  // namespace

void demand_schema(const evidence::Table& table, const policies::TableSchema& schema) {
    const auto refuse_column = [&](const std::string& what) -> void {
        throw coded_error("schema", "table " + table.name + ": " + what);
    };
    std::vector<const policies::ColumnSchema*> expected;
    for (const policies::ColumnSchema& column : schema.columns) {
        if (!column.is_volatile) {
            expected.push_back(&column);
            continue;
        }
        for (const evidence::ColumnType& there : table.columns)
            if (there.name == column.name)
                refuse_column("column " + column.name + " is volatile and never in evidence");
    }
    const std::size_t common = std::min(expected.size(), table.columns.size());
    for (std::size_t i = 0; i < common; ++i) {
        const evidence::ColumnType& there = table.columns[i];
        if (there.name != expected[i]->name)
            refuse_column("column " + there.name + " stands where " + expected[i]->name + " belongs");
        if (there.type != expected[i]->type)
            refuse_column("column " + there.name + " is " + std::string{type_name(there.type)} + ", not " +
                          std::string{type_name(expected[i]->type)});
        if (expected[i]->nullable) continue;
        for (const evidence::Row& row : table.rows)
            if (std::holds_alternative<std::monostate>(row[i]))
                refuse_column("column " + there.name + " is null in a row and may not be");
    }
}

std::string decode_table(std::string_view frame, const evidence::Digest& digest, std::string_view name,
                         const policies::Schemas& schemas, const IngestLimits& limits) {
    if (!is_table_name(name)) throw coded_error("schema", "name: expected a table's name");
    FrameLimits frame_limits;
    frame_limits.output_bytes = limits.table_bytes;
    frame_limits.window_bytes = limits.zstd_window_bytes;
    DecodedFrame decoded = decode_frame(frame, frame_limits);
    if (decoded.digest != digest)
        throw coded_error("digest_mismatch", "the decoded bytes have the digest " + decoded.digest.hex());
    const auto schema = schemas.tables.find(name);
    try {
        // What has no schema is only looked through, in memory that does not grow with it.
        if (schema == schemas.tables.end())
            evidence::check_table(decoded.bytes);
        else
            demand_schema(evidence::parse_table(name, decoded.bytes).table, schema->second);
    } catch (const evidence::format_error& why) {
        refuse(name, decoded.bytes, why);
    }
    return std::move(decoded.bytes);
}

}  // namespace annexa::store
