#include "evidence/canonical_json.hpp"

#include "evidence/errors.hpp"
#include "evidence/json_input.hpp"
#include "evidence/utf8.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace annexa::evidence {
namespace {

using nlohmann::json;

/// The order of RFC 8785 section 3.2.3: by UTF-16 code units. UTF-8 bytes order the same but for code points beyond
/// the basic plane, whose surrogates sort before U+E000.
bool utf16_less(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
        const std::uint32_t x = take_code_point(a);
        const std::uint32_t y = take_code_point(b);
        if (x == y) continue;
        const auto lead_unit = [](std::uint32_t p) { return p >= 0x10000 ? 0xd800 + ((p - 0x10000) >> 10) : p; };
        if (lead_unit(x) != lead_unit(y)) return lead_unit(x) < lead_unit(y);
        return x < y;
    }
    return a.empty() && !b.empty();
}

void append(std::string& out, const json& value);

void append_object(std::string& out, const json::object_t& object) {
    std::vector<const json::object_t::value_type*> members;
    members.reserve(object.size());
    for (const auto& member : object) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return utf16_less(a->first, b->first); });
    out.push_back('{');
    for (const auto* member : members) {
        if (member != members.front()) out.push_back(',');
        append_json_string(out, member->first);
        out.push_back(':');
        append(out, member->second);
    }
    out.push_back('}');
}

void append_integer(std::string& out, const json& value) {
    const bool wide = value.is_number_unsigned() ? value.get<std::uint64_t>() > std::uint64_t{largest_json_integer}
                                                 : value.get<std::int64_t>() > largest_json_integer ||
                                                       value.get<std::int64_t>() < -largest_json_integer;
    // As a double it would become another number without a word.
    if (wide) throw error("canonical JSON holds no integer outside +-(2^53-1); such a one is a string of digits");
    out += std::to_string(value.get<std::int64_t>());
}

void append(std::string& out, const json& value) {
    switch (value.type()) {
        case json::value_t::null:
            out += "null";
            break;
        case json::value_t::boolean:
            out += value.get<bool>() ? "true" : "false";
            break;
        case json::value_t::number_integer:
        case json::value_t::number_unsigned:
            append_integer(out, value);
            break;
        case json::value_t::number_float:
            out += ecmascript_number(value.get<double>());
            break;
        case json::value_t::string:
            append_json_string(out, value.get_ref<const std::string&>());
            break;
        case json::value_t::object:
            append_object(out, value);
            break;
        case json::value_t::array: {
            out.push_back('[');
            bool first = true;
            for (const json& element : value) {
                if (!first) out.push_back(',');
                first = false;
                append(out, element);
            }
            out.push_back(']');
            break;
        }
        default:
            throw error("canonical JSON cannot hold a value of this kind");
    }
}

/// Builds a value from nlohmann's events, refusing what our profile forbids.
class StrictReader {
  public:
    explicit StrictReader(unsigned depth) : depth_{depth} {}

    bool null() { return add(nullptr); }
    bool boolean(bool value) { return add(value); }
    bool number_integer(json::number_integer_t value) {
        return value >= -largest_json_integer ? add(value)
                                              : refuse("an integer within +-(2^53-1); larger ones are strings");
    }
    bool number_unsigned(json::number_unsigned_t value) {
        return value <= static_cast<std::uint64_t>(largest_json_integer)
                   ? add(value)
                   : refuse("an integer within +-(2^53-1); larger ones are strings");
    }
    bool number_float(json::number_float_t value, const std::string& text) {
        if (text.find_first_of(".eE") == std::string::npos)
            return refuse("an integer within +-(2^53-1); larger ones are strings");
        return add(value);
    }
    bool string(std::string& value) {
        return is_plain_text(value) ? add(std::move(value)) : refuse("text without NUL and noncharacters");
    }
    bool binary(json::binary_t&) { return refuse("JSON"); }
    bool start_object(std::size_t) { return open(json::object()); }
    bool start_array(std::size_t) { return open(json::array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string& name) {
        if (!is_plain_text(name)) return refuse("a member name without NUL and noncharacters");
        if (stack_.back()->contains(name)) return refuse("each member once, found \"" + name + "\" again");
        key_ = std::move(name);
        return true;
    }
    bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const json::exception&) {
        return refuse("JSON");
    }

    [[nodiscard]] const std::string& expected() const { return expected_; }
    json take() { return std::move(root_); }

  private:
    bool refuse(std::string expected) {
        expected_ = std::move(expected);
        return false;
    }
    json* put(json value) {
        if (stack_.empty()) {
            root_ = std::move(value);
            return &root_;
        }
        json& parent = *stack_.back();
        if (parent.is_array()) {
            parent.push_back(std::move(value));
            return &parent.back();
        }
        return &(parent[std::move(key_)] = std::move(value));
    }
    bool add(json value) {
        put(std::move(value));
        return true;
    }
    bool open(json value) {
        if (stack_.size() >= depth_) return refuse("at most " + std::to_string(depth_) + " levels of nesting");
        stack_.push_back(put(std::move(value)));
        return true;
    }
    bool close() {
        stack_.pop_back();
        return true;
    }

    unsigned depth_;
    json root_;
    std::vector<json*> stack_;
    std::string key_;
    std::string expected_;
};

}  // namespace

std::string ecmascript_number(double value) {
    if (!std::isfinite(value)) throw error("canonical JSON cannot hold NaN or infinity");
    if (value == 0) return "0";
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific).ptr;
    const std::string_view text{buffer, static_cast<std::size_t>(end - buffer)};
    const std::size_t e = text.find('e');
    std::string digits{text.substr(0, 1)};
    if (e > 2) digits += text.substr(2, e - 2);
    int exponent = 0;
    const std::size_t sign = text[e + 1] == '+' ? e + 2 : e + 1;
    std::from_chars(buffer + sign, end, exponent);

    // ECMAScript's k (digits) and n (position of the decimal point), Number::toString steps 6 to 10.
    const int k = static_cast<int>(digits.size());
    const int n = exponent + 1;
    std::string out = value < 0 ? "-" : "";
    const auto zeros = [](int count) { return std::string(static_cast<std::size_t>(count), '0'); };
    const auto first = [&](int count) { return digits.substr(0, static_cast<std::size_t>(count)); };
    const auto rest = [&](int from) { return digits.substr(static_cast<std::size_t>(from)); };
    if (k <= n && n <= 21) return out + digits + zeros(n - k);
    if (0 < n && n <= 21) return out + first(n) + "." + rest(n);
    if (-6 < n && n <= 0) return out + "0." + zeros(-n) + digits;
    out += first(1);
    if (k > 1) out += "." + rest(1);
    return out + "e" + (n - 1 < 0 ? "-" : "+") + std::to_string(std::abs(n - 1));
}

void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    out.push_back('"');
    while (!text.empty()) {
        // Most text is a run of ASCII that stands as it is.
        const auto special = std::find_if(
            text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == '"' || c == '\\' || c >= 0x80; });
        const auto run = static_cast<std::size_t>(special - text.begin());
        out.append(text.substr(0, run));
        text.remove_prefix(run);
        if (text.empty()) break;
        const std::string_view before = text;
        const std::uint32_t point = take_code_point(text);
        switch (point) {
            case not_utf8:
                throw error("canonical JSON cannot hold text that is not UTF-8");
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (point < 0x20) {
                    out += "\\u00";
                    out.push_back(hex[point >> 4]);
                    out.push_back(hex[point & 15]);
                } else {
                    out += before.substr(0, before.size() - text.size());
                }
        }
    }
    out.push_back('"');
}

bool is_plain_text(std::string_view text) {
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text.front());
        if (byte != 0 && byte < 0x80) {
            text.remove_prefix(1);
            continue;
        }
        const std::uint32_t point = take_code_point(text);
        if (point == not_utf8 || point == 0 || is_noncharacter(point)) return false;
    }
    return true;
}

std::string canonical_json(const json& value) {
    std::string out;
    append(out, value);
    return out;
}

JsonInput::JsonInput(std::string_view bytes, std::size_t most_bytes) : bytes_{bytes}, reached_{bytes.data()} {
    if (bytes.size() > most_bytes) throw format_error(most_bytes, "at most " + std::to_string(most_bytes) + " bytes");
    if (const std::size_t nul = bytes.find('\0'); nul != std::string_view::npos)
        throw format_error(nul, "JSON, found a NUL byte");
    if (bytes.starts_with("\xef\xbb\xbf")) throw format_error(0, "JSON, found a byte order mark");
}

json parse_json(std::string_view bytes, const JsonLimits& limits) {
    JsonInput input{bytes, limits.bytes};
    StrictReader reader{limits.depth};
    if (!json::sax_parse(input.begin(), input.end(), &reader)) throw format_error(input.position(), reader.expected());
    return reader.take();
}

}  // namespace annexa::evidence
