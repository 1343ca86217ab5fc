#include "collectors/request.hpp"

#include "collectors/support/text.hpp"
#include "evidence/canonical_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace annexa::collectors {
namespace {

using nlohmann::json;

constexpr std::size_t most_names = 1000;
constexpr std::size_t most_name_bytes = 64;
constexpr std::size_t most_path_bytes = 4095;

[[noreturn]] void refuse(const std::string& sentence) { throw evidence::error("request: " + sentence); }

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= most_name_bytes && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

std::optional<std::string> text_or_null(const json& value, const std::string& member, std::size_t most_bytes) {
    if (value.is_null()) return std::nullopt;
    if (!value.is_string()) refuse(member + " is neither a text nor null");
    auto text = value.get<std::string>();
    if (text.empty() || text.size() > most_bytes)
        refuse(member + " is empty or longer than " + std::to_string(most_bytes) + " bytes");
    return text;
}

std::optional<std::string> folder_or_null(const json& value, const std::string& member) {
    std::optional<std::string> folder = text_or_null(value, member, most_path_bytes);
    if (folder && !folder->starts_with('/')) refuse(member + " is not an absolute path");
    return folder;
}

std::set<std::string> names(const json& value, const std::string& member) {
    if (!value.is_array() || value.size() > most_names)
        refuse(member + " is not a list of at most " + std::to_string(most_names) + " names");
    std::set<std::string> result;
    for (const json& name : value) {
        if (!name.is_string() || !is_name(name.get_ref<const std::string&>()))
            refuse(member + " holds what is no collector's name");
        result.insert(name.get<std::string>());
    }
    return result;
}

std::size_t number(const json& value, const std::string& member, std::int64_t least, std::int64_t most) {
    if (!value.is_number_integer()) refuse(member + " is not a whole number");
    const auto found = value.get<std::int64_t>();
    if (found < least || found > most)
        refuse(member + " is not between " + std::to_string(least) + " and " + std::to_string(most));
    return static_cast<std::size_t>(found);
}

struct Selection {
    std::optional<std::set<std::string>> collectors;  // nothing: all
    std::set<std::string> disabled;
    std::string cost = "all";
};

void read_member(const std::string& member, const json& value, Request& request, Selection& selection) {
    if (member == "collectors") {
        if (!value.is_null()) selection.collectors = names(value, member);
    } else if (member == "disabled") {
        selection.disabled = names(value, member);
    } else if (member == "cost") {
        selection.cost = text_or_null(value, member, 10).value_or("");
        if (selection.cost != "fast" && selection.cost != "deep" && selection.cost != "all")
            refuse("cost is neither fast, deep nor all");
    } else if (member == "root") {
        request.root = folder_or_null(value, member);
    } else if (member == "fixture") {
        request.fixture = folder_or_null(value, member);
    } else if (member == "fingerprint_for") {
        request.fingerprint_for = text_or_null(value, member, 255);
    } else if (member == "timeout_ms") {
        request.limits.child.timeout = std::chrono::milliseconds{number(value, member, 1, 3'600'000)};
    } else if (member == "memory_bytes") {
        request.limits.child.memory_bytes = number(value, member, std::int64_t{16} << 20, std::int64_t{1} << 40);
    } else if (member == "output_bytes") {
        request.limits.output_bytes = number(value, member, 1024, static_cast<std::int64_t>(most_answer_bytes));
    } else {
        refuse("unknown member " + text::printable(member));
    }
}

}  // namespace

Request parse_request(std::string_view bytes, std::span<const Collector* const> known) {
    Request request;
    Selection selection;
    json value;
    try {
        value = evidence::parse_json(bytes, {.bytes = most_request_bytes, .depth = 4});
    } catch (const evidence::format_error& failure) {
        refuse(failure.what());
    }
    if (!value.is_object()) refuse("not an object");
    for (const auto& [member, content] : value.items()) read_member(member, content, request, selection);
    if (request.root && request.fixture) refuse("root and fixture at once");

    for (const Collector* collector : known) {
        const std::string name{collector->name};
        const bool asked_for = selection.collectors ? selection.collectors->erase(name) != 0 : true;
        const bool costs = selection.cost == "all" || (selection.cost == "deep") == (collector->cost == Cost::deep);
        if (!asked_for || !costs) continue;
        (selection.disabled.contains(name) ? request.disabled : request.collectors).push_back(collector);
    }
    if (selection.collectors) request.unknown.assign(selection.collectors->begin(), selection.collectors->end());
    return request;
}

}  // namespace annexa::collectors
