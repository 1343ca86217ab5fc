#include "cli/isms/cells.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "evidence/instant.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

namespace annexa::cli {
namespace {

using nlohmann::json;
using sheets::Cell;

std::string quoted(std::string_view text) { return "\"" + sheets::excerpt(text, 60) + "\""; }

std::string one_text(const Field& field, const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (value.is_number_float()) return evidence::ecmascript_number(value.get<double>());
    if (value.is_null()) return {};
    return field.type == "group" ? evidence::canonical_json(value) : value.dump();
}

bool is_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const auto number = [&](std::size_t first, std::size_t count) {
        unsigned part = 0;
        const auto [end, error] = std::from_chars(text.data() + first, text.data() + first + count, part);
        return error == std::errc{} && end == text.data() + first + count ? part : 0;
    };
    return std::chrono::year_month_day{std::chrono::year{static_cast<int>(number(0, 4))},
                                       std::chrono::month{number(5, 2)}, std::chrono::day{number(8, 2)}}
        .ok();
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string joined(std::span<const std::string> words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string read_record(const Field& field, std::string_view text, const RecordTitles& titles, json& value) {
    if (is_record_id(text)) {
        value = text;
        return {};
    }
    const std::set<std::string> found = titles.find(text, field.choices);
    if (found.size() == 1) {
        value = *found.begin();
        return {};
    }
    const std::string kinds = field.choices.empty() ? "record" : joined(field.choices);
    if (found.empty())
        return "expected the id of a record such as R-0042, or the title of one that is there (" + kinds + "); found " +
               quoted(text);
    return "more than one is called " + quoted(text) + " (" +
           joined(std::vector<std::string>(found.begin(), found.end())) + "); say which by its id";
}

std::string read_choice(const Field& field, std::string_view text, json& value) {
    for (const std::string& choice : field.choices)
        if (folded(choice) == folded(text)) {
            value = choice;
            return {};
        }
    return "expected one of " + joined(field.choices) + "; found " + quoted(text);
}

std::string read_boolean(std::string_view text, json& value) {
    const std::string word = folded(text);
    if (word != "yes" && word != "true" && word != "no" && word != "false")
        return "expected yes or no; found " + quoted(text);
    value = word == "yes" || word == "true";
    return {};
}

std::string read_group(const Field& field, std::string_view text, json& value) {
    try {
        value = evidence::parse_json(text, {.bytes = sheets::most_cell_bytes, .depth = 8});
    } catch (const evidence::error&) {
        value = nullptr;
    }
    if (field.many ? value.is_array() : value.is_object()) return {};
    std::string members;
    for (const Field& member : field.members) members += (members.empty() ? "\"" : ", \"") + member.name + "\": …";
    return std::string{"expected JSON, "} + (field.many ? "[{" + members + "}, …]" : "{" + members + "}") + "; found " +
           quoted(text);
}

/// One value that is not empty.
std::string read_one(const Field& field, std::string_view text, const RecordTitles& titles, json& value) {
    const std::string& type = field.type;
    if (type == "group") return read_group(field, text, value);
    if (type == "record") return read_record(field, text, titles, value);
    if (type == "choice") return read_choice(field, text, value);
    if (type == "boolean") return read_boolean(text, value);
    if (type == "date" && !is_day(text)) return "expected a date YYYY-MM-DD; found " + quoted(text);
    if (type == "integer") {
        const auto number = parse_number<std::int64_t>(text);
        if (!number) return "expected a whole number; found " + quoted(text);
        value = *number;
        return {};
    }
    if (type == "number") {
        const auto number = parse_number<double>(text);
        if (!number || !std::isfinite(*number))
            return "expected a number such as 1200.50, without separators of thousands; found " + quoted(text);
        if (const auto whole = parse_number<std::int64_t>(text))
            value = *whole;
        else
            value = *number;
        return {};
    }
    if (type == "instant") {
        try {
            evidence::parse_instant(text);
        } catch (const evidence::error&) {
            return "expected a time YYYY-MM-DDTHH:MM:SSZ; found " + quoted(text);
        }
    }
    value = text;
    return {};
}

/// Entries of a list: one a line, and where no comma can be part of one, between commas and semicolons too.
std::vector<std::string_view> entries(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> found;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t cut = std::min(text.find_first_of(separators, at), text.size());
        if (const std::string_view entry = trimmed(text.substr(at, cut - at)); !entry.empty()) found.push_back(entry);
        at = cut + 1;
    }
    return found;
}

std::string read_many(const Field& field, std::string_view text, const RecordTitles& titles, json& value) {
    value = json::array();
    for (const std::string_view line : entries(text, "\n")) {
        json one;
        std::string problem = read_one(field, line, titles, one);
        if (problem.empty()) {
            value.push_back(std::move(one));
            continue;
        }
        const auto parts = entries(line, ",;");
        if (field.is_text() || parts.size() < 2) return problem;
        for (const std::string_view part : parts) {
            if (problem = read_one(field, part, titles, one); !problem.empty()) return problem;
            value.push_back(one);
        }
    }
    return {};
}

}  // namespace

RecordTitles::RecordTitles(const json& records) {
    for (const json& record : records) {
        if (record.at("state") != "current" || !record.at("members").is_object()) continue;
        const auto title = record.at("members").find("title");
        if (title != record.at("members").end() && title->is_string())
            titles_.emplace(title->get<std::string>(),
                            Titled{record.at("id").get<std::string>(), record.at("kind").get<std::string>()});
    }
}

std::set<std::string> RecordTitles::find(std::string_view title, std::span<const std::string> kinds) const {
    std::set<std::string> ids;
    const auto [first, last] = titles_.equal_range(title);
    for (auto at = first; at != last; ++at)
        if (kinds.empty() || std::find(kinds.begin(), kinds.end(), at->second.kind) != kinds.end())
            ids.insert(at->second.id);
    return ids;
}

std::string cell_text(const Field& field, const json& value) {
    if (!field.many || !value.is_array()) return one_text(field, value);
    std::string text;
    for (const json& one : value)
        text += (text.empty() ? "" : field.type == "group" ? ",\n " : "\n") + one_text(field, one);
    return field.type == "group" && !text.empty() ? "[" + text + "]" : text;
}

std::string read_cell(const Field& field, const Cell& cell, const RecordTitles& titles, json& value) {
    value = nullptr;
    const std::string_view text = trimmed(cell.text);
    if (text.empty()) return {};
    if (!evidence::is_plain_text(cell.text)) return "holds a NUL or another character that no text may hold";
    if (field.many && field.type != "group") return read_many(field, text, titles, value);
    if (field.type == "text") {
        value = cell.text;
        return {};
    }
    return read_one(field, text, titles, value);
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string folded(std::string_view text) {
    std::string name;
    for (const char each : trimmed(text)) {
        const bool gap = each == ' ' || each == '-' || each == '_' || each == '\n' || each == '\r' || each == '\t';
        if (gap && name.ends_with('_')) continue;
        name.push_back(gap ? '_' : each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each);
    }
    return name;
}

std::string heading(std::string_view name) {
    std::string text{name};
    std::replace(text.begin(), text.end(), '_', ' ');
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

}  // namespace annexa::cli
