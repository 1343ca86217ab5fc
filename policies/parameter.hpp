// Parameters of a pack: the numbers, words and lists that an organization sets, and that checks bind as `:name`.
//
// A list is bound as the text of a JSON array, for json_each: `username IN (SELECT value FROM json_each(:approved))`.
#pragma once

#include "evidence/table.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::policies {

struct ParameterValue {
    bool list = false;
    std::vector<evidence::Value> values;  // exactly one where it is no list

    static ParameterValue of(evidence::Value value) { return {false, {std::move(value)}}; }
    bool operator==(const ParameterValue&) const = default;
};

using Parameters = std::map<std::string, ParameterValue, std::less<>>;

struct Parameter {
    std::string name;
    std::string title;
    std::string unit;                            // empty where there is none
    ParameterValue value;                        // the pack's default
    evidence::Type type = evidence::Type::text;  // of the value, or of each item of a list
    std::optional<double> minimum, maximum;      // of numbers, both inclusive
};

/// What is wrong with a value for this parameter; nothing where it fits.
std::optional<std::string> parameter_problem(const Parameter& parameter, const ParameterValue& value);

/// Reads a value as it stands on a command line; the items of a list are separated by commas, or stand in a JSON array where
/// they hold commas themselves. Throws evidence::error.
ParameterValue parse_parameter(const Parameter& parameter, std::string_view text);

/// What SQLite is given: a list as the text of a JSON array.
evidence::Value bound_value(const ParameterValue& value);

/// For people: "365", "sha512, yescrypt".
std::string parameter_text(const ParameterValue& value);

/// The text with each {name} replaced by the parameter's value.
std::string fill_in(std::string_view text, const Parameters& parameters);

/// The names that stand in braces in a text.
std::vector<std::string> placeholders(std::string_view text);

}  // namespace annexa::policies
