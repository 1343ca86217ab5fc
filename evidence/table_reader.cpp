#include "evidence/table_reader.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "evidence/json_input.hpp"
#include "evidence/members.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

namespace annexa::evidence {
namespace {

using nlohmann::json;

constexpr const char* wide_integer = "an integer within +-(2^53-1); larger ones are strings of digits";
constexpr const char* canonical_form =
    "the canonical form: members in order, rows sorted, numbers as ECMAScript prints them";

/// Reads a table from JSON events. Head, each row and tail are written again as they should be and compared with the
/// bytes at once, so that neither spelling nor order can differ and nothing but the row at hand need be kept.
class TableReader {
  public:
    /// Rows go to `keep` where it is given.
    TableReader(std::string_view bytes, const TableLimits& limits, std::vector<Row>* keep)
        : bytes_{bytes}, limits_{limits}, keep_{keep} {}

    bool null() { return cell(std::monostate{}); }
    bool boolean(bool value) { return cell(value); }
    bool number_integer(json::number_integer_t value) { return integer(value, static_cast<double>(value)); }
    bool number_unsigned(json::number_unsigned_t value) {
        const bool fits = value <= static_cast<std::uint64_t>(largest_json_integer);
        return integer(fits ? std::optional{static_cast<std::int64_t>(value)} : std::nullopt,
                       static_cast<double>(value));
    }
    bool number_float(json::number_float_t value, const std::string& text) {
        // 1e20 is a double too, though ECMAScript prints it as digits alone.
        return text.find_first_of(".eE") == std::string::npos ? integer(std::nullopt, value) : cell(value);
    }
    bool string(std::string& value) {
        if (!is_plain_text(value)) return refuse("text without NUL and noncharacters, else {\"base64\"}");
        switch (place_) {
            case Place::column:
                return column_part(std::move(value));
            case Place::cells:
                return text_cell(std::move(value));
            case Place::base64:
                return base64_cell(value);
            case Place::top:
                if (member_ != "salt") return refuse("columns, rows and salt");
                salt_ = std::move(value);
                return true;
            default:
                return refuse("a table");
        }
    }
    bool binary(json::binary_t&) { return refuse("JSON"); }
    bool start_object(std::size_t) {
        if (place_ == Place::start) return go(Place::top);
        if (place_ == Place::cells) return go(Place::base64);
        return refuse("a table");
    }
    bool key(std::string& name) {
        if (place_ == Place::base64) return name == "base64" || refuse("\"base64\"");
        if (name != "columns" && name != "rows" && name != "salt") return refuse("columns, rows and salt");
        member_ = name;
        return true;
    }
    bool end_object() {
        if (place_ == Place::base64) return go(Place::cells);
        return go(Place::end) && expect(table_tail(salt_)) && (at_ == bytes_.size() || refuse(canonical_form));
    }
    bool start_array(std::size_t) {
        switch (place_) {
            case Place::top:
                if (member_ == "columns" && at_ == 0) return go(Place::columns);
                return member_ == "rows" && at_ != 0 ? go(Place::rows) : refuse(canonical_form);
            case Place::columns:
                if (shape_.columns.size() >= limits_.columns)
                    return refuse("at most " + std::to_string(limits_.columns) + " columns");
                column_.clear();
                return go(Place::column);
            case Place::rows:
                row_.clear();
                return go(Place::cells);
            default:
                return refuse("a table");
        }
    }
    bool end_array() {
        switch (place_) {
            case Place::columns:
                if (shape_.columns.empty()) return refuse("at least one column");
                return go(Place::top) && expect(table_head(shape_.columns));
            case Place::rows:
                return go(Place::top);
            case Place::column:
                return end_column();
            case Place::cells:
                return go(Place::rows) && end_row();
            default:
                return refuse("a table");
        }
    }
    bool parse_error(std::size_t, const std::string&, const json::exception&) { return refuse("JSON"); }

    [[nodiscard]] const std::string& expected() const { return expected_; }
    TableShape take_shape() { return std::move(shape_); }
    std::string take_salt() { return std::move(salt_); }

  private:
    enum class Place { start, top, columns, column, rows, cells, base64, end };

    bool refuse(std::string expected) {
        expected_ = std::move(expected);
        return false;
    }
    bool go(Place place) {
        place_ = place;
        return true;
    }
    bool expect(std::string_view text) {
        if (bytes_.substr(at_, text.size()) != text) return refuse(canonical_form);
        at_ += text.size();
        return true;
    }
    bool column_part(std::string value) {
        if (column_.size() == 2) return refuse("[name, type]");
        column_.push_back(std::move(value));
        return true;
    }
    bool end_column() {
        if (column_.size() != 2) return refuse("[name, type]");
        const auto type = parse_type(column_[1]);
        if (!type) return refuse("a type: text, integer, double or boolean");
        if (!is_identifier(column_[0])) return refuse("a column's name of lower-case letters, digits and underscores");
        if (!seen_.insert(column_[0]).second) return refuse("each column once, found \"" + column_[0] + "\" again");
        shape_.columns.push_back({column_[0], *type});
        return go(Place::columns);
    }
    bool end_row() {
        if (row_.size() != shape_.columns.size()) return refuse("a cell for each column");
        if (shape_.rows != 0 && !expect(",")) return false;
        const std::size_t begin = at_;
        if (!expect(canonical_row(row_))) return false;
        const std::string_view text = bytes_.substr(begin, at_ - begin);
        if (text < previous_) return refuse("rows sorted bytewise");
        previous_ = text;
        ++shape_.rows;
        if (keep_ != nullptr) keep_->push_back(std::move(row_));
        return true;
    }
    /// The type of the cell that comes next, or nothing (and a refusal) where none may come.
    std::optional<Type> next_type() {
        if (place_ != Place::cells) {
            refuse("a table");
            return std::nullopt;
        }
        if (row_.size() >= shape_.columns.size()) {
            refuse("a cell for each column");
            return std::nullopt;
        }
        return shape_.columns[row_.size()].type;
    }
    bool cell(Value value) {
        const auto type = next_type();
        if (!type) return false;
        if (!fits_type(value, *type)) return refuse("a cell of type " + std::string{type_name(*type)});
        row_.push_back(std::move(value));
        return true;
    }
    /// A number without point and exponent: as a 64-bit integer where that can be, and as a double.
    bool integer(std::optional<std::int64_t> value, double as_double) {
        const auto type = next_type();
        if (!type) return false;
        if (*type == Type::real) return cell(as_double);
        return value && !is_wide_integer(*value) ? cell(*value) : refuse(wide_integer);
    }
    bool text_cell(std::string value) {
        const auto type = next_type();
        if (!type) return false;
        if (value.size() > limits_.cell_bytes) return refuse(cell_limit());
        if (*type != Type::integer) return cell(std::move(value));
        std::int64_t number = 0;
        const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (problem != std::errc{} || end != value.data() + value.size() || !is_wide_integer(number))
            return refuse("a cell of type integer (a string only beyond 2^53-1)");
        return cell(number);
    }
    bool base64_cell(std::string_view text) {
        std::string bytes;
        try {
            bytes = from_base64(text);
        } catch (const format_error&) {
            return refuse("standard base64");
        }
        if (bytes.size() > limits_.cell_bytes) return refuse(cell_limit());
        if (is_plain_text(bytes)) return refuse("plain text as a string, not as base64");
        place_ = Place::cells;
        return cell(std::move(bytes)) && go(Place::base64);
    }
    [[nodiscard]] std::string cell_limit() const {
        return "a cell of at most " + std::to_string(limits_.cell_bytes) + " bytes";
    }

    std::string_view bytes_;
    const TableLimits& limits_;
    std::vector<Row>* keep_;
    std::size_t at_ = 0;  // bytes that have been compared
    Place place_ = Place::start;
    std::string member_;
    std::vector<std::string> column_;
    std::set<std::string> seen_;
    Row row_;
    std::string_view previous_;
    TableShape shape_;
    std::string salt_;
    std::string expected_;
};

TableReader read_table(std::string_view bytes, const TableLimits& limits, std::vector<Row>* keep) {
    JsonInput input{bytes, limits.bytes};
    TableReader reader{bytes, limits, keep};
    if (!json::sax_parse(input.begin(), input.end(), &reader)) throw format_error(input.position(), reader.expected());
    return reader;
}

}  // namespace

SaltedTable parse_table(std::string_view name, std::string_view bytes, const TableLimits& limits) {
    SaltedTable result;
    TableReader reader = read_table(bytes, limits, &result.table.rows);
    result.table.name = name;
    result.table.columns = reader.take_shape().columns;
    result.salt = reader.take_salt();
    return result;
}

TableShape check_table(std::string_view bytes, const TableLimits& limits) {
    return read_table(bytes, limits, nullptr).take_shape();
}

}  // namespace annexa::evidence
