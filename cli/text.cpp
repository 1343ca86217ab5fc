#include "cli/text.hpp"

#include "evidence/errors.hpp"
#include "evidence/instant.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::cli {

using nlohmann::json;
using terminal::Colour;

std::string text_of(const json& value) {
    if (value.is_null()) return {};
    return terminal::printable(value.is_string() ? value.get_ref<const std::string&>() : value.dump());
}

std::string text_of(const json& object, std::string_view member) {
    const auto found = object.find(member);
    return found == object.end() ? std::string{} : text_of(*found);
}

std::string short_time(const json& value) {
    if (!value.is_string()) return "–";
    std::string text = value.get<std::string>().substr(0, 16);
    std::replace(text.begin(), text.end(), 'T', ' ');
    return terminal::printable(text);
}

std::string person(const json& object, const std::string& member) {
    const std::string name = text_of(object, member + "_name");
    return name.empty() ? text_of(object, member) : name;
}

std::string until_text(const json& value) {
    const evidence::Instant until = evidence::parse_instant(value.get<std::string>());
    const auto day = std::chrono::floor<std::chrono::days>(until);
    if (day != until) return "until " + short_time(value) + " UTC";
    return "through " + evidence::to_string(evidence::Instant{day - std::chrono::days{1}}).substr(0, 10);
}

Colour colour_of(std::string_view word) {
    if (word == "not_effective" || word == "overdue" || word == "fail" || word == "rejected" || word == "critical" ||
        word == "high")
        return Colour::red;
    if (word == "effective" || word == "pass" || word == "accepted" || word == "approved") return Colour::green;
    if (word == "not_assessed" || word == "not_monitored" || word == "not_applicable" || word == "excluded")
        return Colour::dim;
    return Colour::yellow;
}

std::string spoken(std::string_view word) {
    std::string text{word};
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

std::string counted(std::size_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string{noun} + (count == 1 ? "" : "s");
}

std::string changes_text(const json& changes, const terminal::Paint& paint) {
    constexpr std::size_t most = 10;
    std::string out;
    std::size_t count = 0;
    for (const json& change : changes) {
        if (++count > most) continue;
        out += paint(Colour::yellow, "? " + text_of(change, "host_name") + ": " + text_of(change, "check")) + " was " +
               spoken(text_of(change, "from")) + " and does not apply since " + short_time(change["at"]) + " UTC (" +
               spoken(text_of(change, "reason")) + "), entry " + text_of(change, "index") + '\n';
    }
    if (count > most) out += "  and " + std::to_string(count - most) + " more (`annexa checks --format json`)\n";
    if (count != 0) out += "  Look whether that is meant: what was taken away took its findings along.\n";
    return out;
}

std::pair<std::string, std::string> assignment(std::string_view option, std::string_view text) {
    const std::size_t at = text.find('=');
    if (at == std::string_view::npos || at == 0)
        throw evidence::error(std::string{option} + ": expected NAME=VALUE, found \"" + std::string{text} + "\"");
    return {std::string{text.substr(0, at)}, std::string{text.substr(at + 1)}};
}

std::string alarms_text(const json& alarms, const terminal::Paint& paint) {
    std::string text;
    for (const json& alarm : alarms) {
        const std::string entry = alarm["index"].is_null() ? "" : ", entry " + text_of(alarm, "index");
        const std::string who = alarm["host"].is_null() ? "this store" : text_of(alarm, "host");
        text += paint(terminal::Colour::red, "! " + who + ": " + spoken(text_of(alarm, "code")) + entry) + ": " +
                text_of(alarm, "text") + '\n';
    }
    return text;
}

}  // namespace annexa::cli
