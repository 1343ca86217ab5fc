// Small words that the commands' texts share.
#pragma once

#include "terminal/output.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace annexa::cli {

/// A member as harmless text: "" for null, numbers and booleans as JSON prints them, {"base64"} as it is.
std::string text_of(const nlohmann::json& value);
std::string text_of(const nlohmann::json& object, std::string_view member);

/// "2026-11-24 09:30" of an RFC 3339 time; "–" of null.
std::string short_time(const nlohmann::json& value);

/// A member of a person, by the name beside it (NAME_name) where the server knows one, else by the id.
std::string person(const nlohmann::json& object, const std::string& member);

/// Until when a waiver holds: "through 2027-03-31" where that is the end of a day, else "until 2027-03-31 12:00 UTC".
std::string until_text(const nlohmann::json& value);

/// The colour of a state of a check, or of a status or operation of a control.
terminal::Colour colour_of(std::string_view word);

/// "not_effective" → "not effective".
std::string spoken(std::string_view word);

/// "1 host", "3 hosts".
std::string counted(std::size_t count, std::string_view noun);

/// Checks that were tested and do not apply any more, one line each; nothing where there are none.
std::string changes_text(const nlohmann::json& changes, const terminal::Paint& paint);

/// "a=b" cut at the first equals sign. Throws evidence::error that names the option.
std::pair<std::string, std::string> assignment(std::string_view option, std::string_view text);

/// A line for each alarm of a status: what must be known before it is read. With no host it is of the store itself.
std::string alarms_text(const nlohmann::json& alarms, const terminal::Paint& paint);

}  // namespace annexa::cli
