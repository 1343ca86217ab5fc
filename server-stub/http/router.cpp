#include "server-stub/http/router.hpp"

#include "evidence/errors.hpp"

#include <algorithm>

namespace annexa::store {
namespace {

std::optional<std::string_view> next_segment(std::string_view& rest) {
    if (rest.empty()) return std::nullopt;
    rest.remove_prefix(1);  // the slash
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, end);
    rest.remove_prefix(end);
    return segment;
}

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
    std::vector<std::string> parameters;
    while (const auto wanted = next_segment(pattern)) {
        const std::string_view before = path;
        const auto found = next_segment(path);
        if (!found) return std::nullopt;
        if (wanted->starts_with('{') && wanted->ends_with("...}")) {
            parameters.emplace_back(before.substr(1));
            return parameters;
        }
        if (wanted->starts_with('{'))
            parameters.emplace_back(*found);
        else if (*wanted != *found)
            return std::nullopt;
    }
    if (!path.empty()) return std::nullopt;
    return parameters;
}

}  // namespace

Router::Router(std::initializer_list<std::span<const Route>> lists) {
    for (const std::span<const Route> list : lists)
        for (const Route& route : list) routes_.push_back(&route);
}

Match Router::find(Listener listener, std::string_view method, std::string_view path) const {
    bool known = false;
    for (const Route* route : routes_) {
        if (route->listener != listener) continue;
        auto parameters = match(route->path, path);
        if (!parameters) continue;
        if (route->method == method) return {.route = route, .parameters = std::move(*parameters)};
        known = true;
    }
    if (known) throw evidence::coded_error("bad_method", "this address does not take this method; see the header Allow");
    throw evidence::coded_error("not_found", "no such address");
}

std::vector<std::string_view> Router::methods(Listener listener, std::string_view path) const {
    std::vector<std::string_view> found;
    for (const Route* route : routes_)
        if (route->listener == listener && match(route->path, path)) found.push_back(route->method);
    return found;
}

}  // namespace annexa::store
