#include "server-stub/api/arguments.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "server-stub/server/server.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace annexa::store {

using evidence::coded_error;
using nlohmann::json;

namespace {

std::optional<Instant> read_time(const Request& request, std::string_view name, Instant now) {
    const auto text = request.argument(name);
    if (!text) return std::nullopt;
    Instant instant;
    try {
        instant = evidence::parse_instant(*text);
    } catch (const evidence::format_error& problem) {
        throw coded_error("bad_request", std::string{name} + ": expected a time such as 2026-11-24T09:30:00Z; " + problem.what());
    }
    if (instant > now) throw coded_error("bad_request", std::string{name} + " is still to come: " + std::string{*text});
    return instant;
}

}  // namespace

AsOf read_as_of(const Server& server, const Request& request) {
    const Instant now = server.clock.now();
    return {read_time(request, "at", now).value_or(now), read_known_at(server, request)};
}

std::optional<std::uint64_t> read_known_at(const Server& server, const Request& request) {
    const auto known = read_time(request, "known_at", server.clock.now());
    return known ? std::optional{server.store.known_at(*known)} : std::nullopt;
}

policies::Period read_period(const Server& server, const Request& request) {
    const Instant now = server.clock.now();
    if (request.argument("at")) throw coded_error("bad_request", "at: a status is asked for at a time or from and to, not both");
    const auto from = read_time(request, "from", now);
    if (!from) throw coded_error("bad_request", "from: missing; a period is asked for by from and to");
    const policies::Period period{*from, read_time(request, "to", now).value_or(now)};
    if (period.from >= period.to) throw coded_error("bad_request", "from: expected a time before " + evidence::to_string(period.to));
    return period;
}

std::uint64_t read_number(const Request& request, std::string_view name, std::uint64_t otherwise, std::uint64_t low, std::uint64_t high) {
    const auto text = request.argument(name);
    if (!text) return otherwise;
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (problem != std::errc{} || end != text->data() + text->size() || number < low || number > high)
        throw coded_error("bad_request", std::string{name} + ": expected a number from " + std::to_string(low) + " to " + std::to_string(high));
    return number;
}

std::optional<std::string> read_text(const Request& request, std::string_view name) {
    const auto text = request.argument(name);
    return text ? std::optional{std::string{*text}} : std::nullopt;
}

json read_object(const Request& request) {
    json body;
    try {
        body = evidence::parse_json(request.body);
    } catch (const evidence::format_error& problem) {
        throw coded_error("bad_json", problem.what());
    }
    if (!body.is_object()) throw coded_error("schema", "expected an object");
    return body;
}

json read_body(const Request& request, std::initializer_list<std::string_view> known) {
    json body = read_object(request);
    for (const auto& [name, value] : body.items())
        if (std::find(known.begin(), known.end(), name) == known.end()) throw coded_error("schema", "unknown member \"" + name + "\"");
    return body;
}

std::string body_text(const json& body, std::string_view member) {
    auto text = body_optional_text(body, member);
    if (!text) throw coded_error("schema", "member \"" + std::string{member} + "\" is missing");
    return *text;
}

std::optional<std::string> body_optional_text(const json& body, std::string_view member) {
    const auto found = body.find(member);
    if (found == body.end() || found->is_null()) return std::nullopt;
    if (!found->is_string()) throw coded_error("schema", "member \"" + std::string{member} + "\" is no text");
    return found->get<std::string>();
}

json time_json(const std::optional<Instant>& instant) { return instant ? json(evidence::to_string(*instant)) : json(nullptr); }

Response json_answer(const json& body, unsigned status) {
    // Texts come from hosts: what is no UTF-8 in them was kept as {"base64"}, so nothing is replaced here in practice.
    return json_response(body.dump(-1, ' ', false, json::error_handler_t::replace), status);
}

Host find_host(const Server& server, std::string_view id_or_name) {
    std::vector<Host> found;
    for (Host& host : server.store.hosts())
        if (host.id == id_or_name || host.name == id_or_name) found.push_back(std::move(host));
    if (found.empty()) throw coded_error("not_found", "no host is called " + std::string{id_or_name});
    if (found.size() > 1)
        throw coded_error("conflict", std::to_string(found.size()) + " hosts are called " + std::string{id_or_name} + "; use the id of one");
    return found.front();
}

}  // namespace annexa::store
