// What the routes below /api/v1 have in common: reading arguments and bodies, paging, writing times.
#pragma once

#include "evidence/instant.hpp"
#include "policies/period_status.hpp"
#include "server-stub/evaluation/host_view.hpp"
#include "server-stub/http/message.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::store {

struct Server;

/// at and known_at, both RFC 3339; `at` is now where it is not given. Throws coded_error `bad_request` for another form or a
/// time that is still to come.
AsOf read_as_of(const Server& server, const Request& request);

/// The size of the log at known_at; nothing where it is not given.
std::optional<std::uint64_t> read_known_at(const Server& server, const Request& request);

/// from and to, both RFC 3339; `to` is now where it is not given. Throws coded_error `bad_request` where `from` is missing or not
/// earlier, where `at` is asked for too, and for what read_as_of() refuses.
policies::Period read_period(const Server& server, const Request& request);

/// A number from `low` to `high`; `otherwise` where it is not given. Throws coded_error `bad_request`.
std::uint64_t read_number(const Request& request, std::string_view name, std::uint64_t otherwise, std::uint64_t low, std::uint64_t high);

std::optional<std::string> read_text(const Request& request, std::string_view name);

/// The body as an object whose members are all among `known`. Throws coded_error `bad_json` or `schema`.
nlohmann::json read_body(const Request& request, std::initializer_list<std::string_view> known);

/// The body as an object of whatever members. Throws coded_error `bad_json` or `schema`.
nlohmann::json read_object(const Request& request);

/// A member of a body; throws coded_error `schema` where it is missing or of another type.
std::string body_text(const nlohmann::json& body, std::string_view member);
std::optional<std::string> body_optional_text(const nlohmann::json& body, std::string_view member);

nlohmann::json time_json(const std::optional<Instant>& instant);

Response json_answer(const nlohmann::json& body, unsigned status = 200);

/// The host of an id or a name. Throws coded_error `not_found`, or `conflict` where several bear the name.
Host find_host(const Server& server, std::string_view id_or_name);

}  // namespace annexa::store
