#include "server-stub/isms/field.hpp"

#include "evidence/errors.hpp"
#include "evidence/instant.hpp"
#include "evidence/members.hpp"
#include "evidence/record.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::size_t most_line_bytes = 500;
constexpr std::size_t most_text_bytes = std::size_t{64} << 10;
constexpr std::size_t most_members = 10000;

bool is_number(std::string_view text, unsigned low, unsigned high) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return !text.empty() && text.front() != '0' && error == std::errc{} && end == text.data() + text.size() &&
           value >= low && value <= high;
}

bool has_control_character(std::string_view text, bool line_breaks_pass) {
    return std::any_of(text.begin(), text.end(), [&](char each) {
        const auto byte = static_cast<unsigned char>(each);
        return (byte < 0x20 && !(line_breaks_pass && (each == '\n' || each == '\t'))) || byte == 0x7f;
    });
}

std::string joined(std::span<const std::string_view> words) {
    std::string text;
    for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string{word};
    return text;
}

bool is_instant(const std::string& text) {
    try {
        evidence::parse_instant(text);
        return true;
    } catch (const evidence::error&) {
        return false;
    }
}

bool is_digest(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Empty where the value fits; else what was expected.
std::string misfit(const Field& field, const json& value) {
    const std::string text = value.is_string() ? value.get<std::string>() : std::string{};
    const auto text_that = [&](bool fits, std::string_view expected) {
        return value.is_string() && fits ? std::string{} : std::string{expected};
    };
    switch (field.type) {
        case FieldType::line:
            return text_that(text.size() <= most_line_bytes && !has_control_character(text, false),
                             "one line of at most 500 bytes");
        case FieldType::text:
            return text_that(text.size() <= most_text_bytes && !has_control_character(text, true),
                             "text of at most 64 KiB without control characters");
        case FieldType::date:
            return text_that(is_date(text), "a date such as 2027-03-31");
        case FieldType::instant:
            return text_that(is_instant(text), "a time such as 2027-03-31T12:00:00Z");
        case FieldType::integer:
            return value.is_number_integer() && std::abs(value.get<double>()) <= 9007199254740991.0 ? ""
                                                                                                    : "a whole number";
        case FieldType::number:
            return value.is_number() && std::isfinite(value.get<double>()) ? "" : "a number";
        case FieldType::boolean:
            return value.is_boolean() ? "" : "true or false";
        case FieldType::choice:
            return text_that(std::find(field.choices.begin(), field.choices.end(), text) != field.choices.end(),
                             "one of " + joined(field.choices));
        case FieldType::record:
            return text_that(evidence::is_record_id(text), "the id of a record, such as R-0042");
        case FieldType::control:
            return text_that(is_control_id(text), "a control of Annex A such as A.8.5");
        case FieldType::requirement:
            return text_that(is_control_id(text) || is_clause_id(text), "a control or a clause, such as A.8.5 or 9.2");
        case FieldType::check:
            return text_that(!text.empty() && text.size() <= 128 &&
                                 text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos,
                             "the id of a check");
        case FieldType::host:
            return text_that(evidence::is_uuid(text), "the id of a host");
        case FieldType::account:
            return text_that(evidence::is_uuid(text), "the id of an account");
        case FieldType::digest:
            return text_that(is_digest(text), "a SHA-256 in hex");
        case FieldType::group:
            return value.is_object() ? "" : "an object";
    }
    return "something else";
}

bool is_empty(const json& value) {
    return value.is_null() || ((value.is_string() || value.is_array()) && value.empty()) ||
           (value.is_string() && value.get_ref<const std::string&>().empty());
}

json type_schema(const Field& field) {
    switch (field.type) {
        case FieldType::line:
            return {{"type", "string"}, {"maxLength", most_line_bytes}, {"pattern", "^[^\\u0000-\\u001f\\u007f]*$"}};
        case FieldType::text:
            return {{"type", "string"}, {"maxLength", most_text_bytes}};
        case FieldType::date:
            return {{"type", "string"}, {"format", "date"}};
        case FieldType::instant:
            return {{"type", "string"}, {"format", "date-time"}};
        case FieldType::integer:
            return {{"type", "integer"}};
        case FieldType::number:
            return {{"type", "number"}};
        case FieldType::boolean:
            return {{"type", "boolean"}};
        case FieldType::choice:
            return {{"enum", std::vector<std::string>(field.choices.begin(), field.choices.end())}};
        case FieldType::record:
            return {{"type", "string"}, {"pattern", "^R-(0\\d{3}|[1-9]\\d{3,})$"}};
        case FieldType::control:
            return {{"type", "string"}, {"pattern", "^A\\.[5-8]\\.[1-9]\\d?$"}};
        case FieldType::requirement:
            return {{"type", "string"}, {"pattern", "^(A\\.[5-8]\\.[1-9]\\d?|([4-9]|10)(\\.\\d){0,2})$"}};
        case FieldType::check:
            return {{"type", "string"}, {"pattern", "^[a-z0-9-]{1,128}$"}};
        case FieldType::host:
        case FieldType::account:
            return {{"type", "string"}, {"format", "uuid"}};
        case FieldType::digest:
            return {{"type", "string"}, {"pattern", "^[0-9a-f]{64}$"}};
        case FieldType::group:
            return json_schema(field.members);
    }
    return json::object();
}

}  // namespace

std::string_view type_name(FieldType type) {
    switch (type) {
        case FieldType::line:
            return "line";
        case FieldType::text:
            return "text";
        case FieldType::date:
            return "date";
        case FieldType::instant:
            return "instant";
        case FieldType::integer:
            return "integer";
        case FieldType::number:
            return "number";
        case FieldType::boolean:
            return "boolean";
        case FieldType::choice:
            return "choice";
        case FieldType::record:
            return "record";
        case FieldType::control:
            return "control";
        case FieldType::requirement:
            return "requirement";
        case FieldType::check:
            return "check";
        case FieldType::host:
            return "host";
        case FieldType::account:
            return "account";
        case FieldType::digest:
            return "digest";
        case FieldType::group:
            return "group";
    }
    return "";
}

bool is_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const auto number = [&](std::size_t first, std::size_t count) {
        int value = -1;
        const auto [end, error] = std::from_chars(text.data() + first, text.data() + first + count, value);
        return error == std::errc{} && end == text.data() + first + count && text[first] != '-' ? value : -1;
    };
    const int year = number(0, 4);
    const int month = number(5, 2);
    const int day = number(8, 2);
    if (year < 1900 || month < 1 || day < 1) return false;
    return std::chrono::year_month_day{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                       std::chrono::day{static_cast<unsigned>(day)}}
        .ok();
}

bool is_control_id(std::string_view text) {
    return text.size() >= 5 && text.starts_with("A.") && text[2] >= '5' && text[2] <= '8' && text[3] == '.' &&
           is_number(text.substr(4), 1, 99);
}

bool is_clause_id(std::string_view text) {
    std::size_t parts = 0;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t dot = std::min(text.find('.', at), text.size());
        if (!is_number(text.substr(at, dot - at), parts == 0 ? 4 : 1, parts == 0 ? 10 : 9)) return false;
        at = dot + 1;
        ++parts;
    }
    return parts >= 1 && parts <= 3;
}

void check_fields(const json& object, std::span<const Field> fields, const std::string& record, const std::string& path,
                  std::vector<Problem>& problems) {
    const auto place = [&](std::string_view name) {
        return path.empty() ? std::string{name} : path + "." + std::string{name};
    };
    if (!object.is_object()) {
        problems.push_back({record, path, "expected an object"});
        return;
    }
    for (const auto& [name, value] : object.items())
        if (std::none_of(fields.begin(), fields.end(),
                         [&name = name](const Field& field) { return field.name == name; }))
            problems.push_back({record, place(name), "there is no such member"});
    for (const Field& field : fields) {
        const auto member = object.find(field.name);
        if (member == object.end() || is_empty(*member)) {
            if (field.is(flag::required))
                problems.push_back({record, place(field.name), "is missing: " + std::string{field.description}});
            // An empty text or list says nothing; null would have two meanings.
            if (member != object.end() && member->is_null())
                problems.push_back({record, place(field.name), "leave it out instead of null"});
            if (member == object.end() || !field.is(flag::many) || member->is_array()) continue;
        }
        const auto check_one = [&](const json& value, const std::string& where) {
            if (const std::string expected = misfit(field, value); !expected.empty())
                problems.push_back({record, where, "expected " + expected});
            else if (field.type == FieldType::group)
                check_fields(value, field.members, record, where, problems);
        };
        if (!field.is(flag::many)) {
            check_one(*member, place(field.name));
        } else if (!member->is_array() || member->size() > most_members) {
            problems.push_back({record, place(field.name), "expected a list of at most 10,000"});
        } else {
            for (std::size_t i = 0; i < member->size(); ++i)
                check_one((*member)[i], place(field.name) + "[" + std::to_string(i) + "]");
        }
    }
}

json json_schema(std::span<const Field> fields) {
    json properties = json::object();
    json required = json::array();
    for (const Field& field : fields) {
        json schema = type_schema(field);
        if (field.is(flag::many))
            schema = {{"type", "array"}, {"maxItems", most_members}, {"items", std::move(schema)}};
        schema["description"] = std::string{field.description};
        if (field.type == FieldType::record && !field.choices.empty())
            schema["description"] =
                std::string{field.description} + " (a record of kind " + joined(field.choices) + ")";
        if (field.is(flag::computed)) schema["readOnly"] = true;
        properties[std::string{field.name}] = std::move(schema);
        if (field.is(flag::required)) required.push_back(std::string{field.name});
    }
    json schema{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
}

}  // namespace annexa::store::isms
