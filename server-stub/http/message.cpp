#include "server-stub/http/message.hpp"

namespace annexa::store {

std::optional<std::string_view> Request::header(std::string_view name) const {
    for (const Header& header : headers)
        if (header.first == name) return header.second;
    return std::nullopt;
}

std::optional<std::string_view> Request::argument(std::string_view name) const {
    for (const auto& [key, value] : query)
        if (key == name) return value;
    return std::nullopt;
}

std::string_view Request::bearer() const {
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view value = header("authorization").value_or("");
    return value.starts_with(scheme) ? value.substr(scheme.size()) : std::string_view{};
}

Response json_response(std::string body, unsigned status) {
    return {.status = status, .content_type = "application/json", .body = std::move(body), .headers = {}};
}

}  // namespace annexa::store
