#include "policies/parameter.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace annexa::policies {
namespace {

using evidence::Type;
using evidence::Value;

bool is_of(const Value& value, Type type) {
    switch (type) {
        case Type::text:
            return std::holds_alternative<std::string>(value);
        case Type::integer:
            return std::holds_alternative<std::int64_t>(value);
        case Type::real:
            return std::holds_alternative<double>(value) || std::holds_alternative<std::int64_t>(value);
        case Type::boolean:
            return std::holds_alternative<bool>(value);
    }
    return false;
}

std::string_view type_words(Type type) {
    switch (type) {
        case Type::text:
            return "text";
        case Type::integer:
            return "a whole number";
        case Type::real:
            return "a number";
        case Type::boolean:
            return "true or false";
    }
    return "";
}

std::optional<double> number(const Value& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&value)) return *real;
    return std::nullopt;
}

std::string scalar_text(const Value& value) {
    struct Writer {
        std::string operator()(std::monostate) const { return "nothing"; }
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(std::int64_t whole) const { return std::to_string(whole); }
        std::string operator()(double real) const { return evidence::ecmascript_number(real); }
        std::string operator()(const std::string& text) const { return text; }
    };
    return std::visit(Writer{}, value);
}

Value parse_scalar(const Parameter& parameter, std::string_view text) {
    const auto fail = [&]() -> Value {
        throw evidence::error(parameter.name + ": expected " + std::string{type_words(parameter.type)} + ", got " +
                              std::string{text});
    };
    const char* const end = text.data() + text.size();
    switch (parameter.type) {
        case Type::text:
            return std::string{text};
        case Type::boolean:
            return text == "true" ? Value{true} : text == "false" ? Value{false} : fail();
        case Type::integer: {
            std::int64_t whole = 0;
            const auto [rest, code] = std::from_chars(text.data(), end, whole);
            return code == std::errc{} && rest == end ? Value{whole} : fail();
        }
        case Type::real: {
            double real = 0;
            const auto [rest, code] = std::from_chars(text.data(), end, real);
            return code == std::errc{} && rest == end && std::isfinite(real) ? Value{real} : fail();
        }
    }
    return fail();
}

std::vector<Value> parse_json_list(const Parameter& parameter, std::string_view text) {
    std::vector<Value> values;
    try {
        for (const nlohmann::json& item : evidence::parse_json(text)) {
            if (item.is_boolean())
                values.emplace_back(item.get<bool>());
            else if (item.is_number_integer())
                values.emplace_back(item.get<std::int64_t>());
            else if (item.is_number())
                values.emplace_back(item.get<double>());
            else if (item.is_string())
                values.emplace_back(item.get<std::string>());
            else
                throw evidence::error(parameter.name + ": expected items of " +
                                      std::string{type_words(parameter.type)});
        }
    } catch (const evidence::format_error& problem) {
        throw evidence::error(parameter.name + ": expected a JSON array: " + problem.what());
    }
    return values;
}

/// The name in braces at `open`, empty where what stands there is none: `${HOME}` and `{{ item }}` are not ours.
std::string_view placeholder_at(std::string_view text, std::size_t open) {
    if (open > 0 && (text[open - 1] == '$' || text[open - 1] == '{')) return {};
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) return {};
    const std::string_view inside = text.substr(open + 1, close - open - 1);
    const auto is_name_character = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    const bool good = !inside.empty() && inside.front() >= 'a' && inside.front() <= 'z' &&
                      std::all_of(inside.begin(), inside.end(), is_name_character);
    return good ? inside : std::string_view{};
}

}  // namespace

std::optional<std::string> parameter_problem(const Parameter& parameter, const ParameterValue& value) {
    if (value.list != parameter.value.list)
        return parameter.value.list ? "expected a list"
                                    : "expected " + std::string{type_words(parameter.type)} + ", not a list";
    if (!value.list && value.values.size() != 1) return "expected one value";
    for (const Value& item : value.values) {
        if (!is_of(item, parameter.type))
            return "expected " + std::string{type_words(parameter.type)} + ", got " + scalar_text(item);
        if (const auto* text = std::get_if<std::string>(&item); text != nullptr && !evidence::is_plain_text(*text))
            return "expected UTF-8 without NUL";
        const std::optional<double> amount = number(item);
        if (amount && parameter.minimum && *amount < *parameter.minimum)
            return "expected at least " + evidence::ecmascript_number(*parameter.minimum) + ", got " +
                   scalar_text(item);
        if (amount && parameter.maximum && *amount > *parameter.maximum)
            return "expected at most " + evidence::ecmascript_number(*parameter.maximum) + ", got " + scalar_text(item);
    }
    return std::nullopt;
}

ParameterValue parse_parameter(const Parameter& parameter, std::string_view text) {
    ParameterValue value;
    value.list = parameter.value.list;
    if (!value.list) {
        value.values.push_back(parse_scalar(parameter, text));
    } else if (text.starts_with('[')) {
        value.values = parse_json_list(parameter, text);
    } else {
        while (!text.empty()) {
            const std::size_t comma = text.find(',');
            std::string_view item = text.substr(0, comma);
            while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
            while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
            if (!item.empty()) value.values.push_back(parse_scalar(parameter, item));
            text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
        }
    }
    if (const auto problem = parameter_problem(parameter, value))
        throw evidence::error(parameter.name + ": " + *problem);
    return value;
}

evidence::Value bound_value(const ParameterValue& value) {
    if (!value.list) return value.values.empty() ? Value{} : value.values.front();
    // A row's canonical JSON is a JSON array; integers beyond 2^53 are text in it, as everywhere.
    return evidence::canonical_row(value.values);
}

std::string parameter_text(const ParameterValue& value) {
    std::string text;
    for (const Value& item : value.values) {
        if (!text.empty()) text += ", ";
        text += scalar_text(item);
    }
    return value.list && text.empty() ? "none" : text;
}

std::string fill_in(std::string_view text, const Parameters& parameters) {
    std::string filled;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view name = text[i] == '{' ? placeholder_at(text, i) : std::string_view{};
        const auto parameter = name.empty() ? parameters.end() : parameters.find(name);
        if (parameter == parameters.end()) {
            filled.push_back(text[i]);
        } else {
            filled += parameter_text(parameter->second);
            i += name.size() + 1;
        }
    }
    return filled;
}

std::vector<std::string> placeholders(std::string_view text) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (const std::string_view name = text[i] == '{' ? placeholder_at(text, i) : std::string_view{}; !name.empty())
            names.emplace_back(name);
    return names;
}

}  // namespace annexa::policies
