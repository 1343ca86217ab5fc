// Tables: what a collector returns, what is signed, what policies are evaluated over.
//
// The format is ours, on RFC 8785: {"columns":[["name","type"],...],"rows":[[...],...],"salt":"..."}, rows sorted
// bytewise by their canonical JSON, equal rows kept. A table's digest is the SHA-256 of exactly these bytes. Columns,
// at least one, have names of lower-case letters, digits and underscores, each another.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace annexa::evidence {

enum class Type { text, integer, real, boolean };

/// "text", "integer", "double", "boolean".
std::string_view type_name(Type type);
std::optional<Type> parse_type(std::string_view name);

/// A cell: null, boolean, 64-bit integer, double, or bytes. Bytes that are not plain text travel as {"base64"}.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

struct ColumnType {
    std::string name;
    Type type = Type::text;
    bool operator==(const ColumnType&) const = default;
};

using Row = std::vector<Value>;

/// Owns its column names and types: a store keeps tables whose definition it has never seen.
struct Table {
    std::string name;
    std::vector<ColumnType> columns;
    std::vector<Row> rows;
    bool operator==(const Table&) const = default;
};

/// What a schema says of a column beyond its type.
enum class Trait : unsigned {
    none = 0,
    nullable = 1,  // may be null; policies are probed with NULL there
    changing = 2,  // volatile: shown by query and collect, never in evidence
    nullable_changing = 3,
};

/// A column of a definition, constexpr beside its collector.
struct Column {
    std::string_view name;
    Type type;
    std::string_view description;  // with the unit where there is one
    Trait trait = Trait::none;
    [[nodiscard]] constexpr bool nullable() const { return (static_cast<unsigned>(trait) & 1U) != 0; }
    [[nodiscard]] constexpr bool is_volatile() const { return (static_cast<unsigned>(trait) & 2U) != 0; }
};

struct TableDefinition {
    std::string_view name;
    std::string_view description;
    std::span<const Column> columns;
};

struct TableLimits {
    std::size_t bytes = std::size_t{16} << 20;
    std::size_t columns = 256;
    std::size_t cell_bytes = std::size_t{1} << 20;
};

/// An empty table of a definition.
Table make_table(const TableDefinition& definition);

/// The canonical bytes. Throws error where a row does not fit the columns or a limit is exceeded.
std::string canonical(const Table& table, std::string_view salt, const TableLimits& limits = {});

/// One row as canonical JSON: what rows are sorted by, in tables as in findings.
std::string canonical_row(const Row& row);

struct SaltedTable {
    Table table;
    std::string salt;
};

/// Reads canonical bytes (the name is not in them). Throws format_error for whatever is not exactly the canonical form.
SaltedTable parse_table(std::string_view name, std::string_view bytes, const TableLimits& limits = {});

/// The same check without keeping a row, in memory that does not grow with the table: for whoever only has to accept
/// it.
struct TableShape {
    std::vector<ColumnType> columns;
    std::uint64_t rows = 0;
    bool operator==(const TableShape&) const = default;
};
TableShape check_table(std::string_view bytes, const TableLimits& limits = {});

/// The table without its volatile columns: the only form that is signed and evaluated. Columns that the definition does
/// not name stay.
Table evidence_form(Table table, const TableDefinition& definition);

/// The first 16 bytes, in hex, of HMAC-SHA-256 over name, columns and rows under the host's secret.
std::string table_salt(const Table& table, std::string_view secret);

}  // namespace annexa::evidence
