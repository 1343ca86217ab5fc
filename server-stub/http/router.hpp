// Routes: one line a route says who may call it, by which listener, and how long its body may be.
//
//     {"GET", "/api/v1/controls/{id}", Listener::people, Access::read, 0, get_control},
//
// Adding one is adding a line to a list of routes; a list is named once, in server/routes.cpp. A handler is a plain
// function, called on a thread of the pool; it may block. It refuses by throwing evidence::coded_error (problem.hpp).
#pragma once

#include "server-stub/http/message.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace annexa::store {

struct Server;

using Handler = Response (*)(Server&, const Request&);

/// Who may call a route.
enum class Access {
    open,        // anybody
    credential,  // who proves himself by what he sends: enroll, renew. The handler checks it
    agent,       // a host with a valid certificate, neither revoked nor retired nor marked two_machines
    local,       // loopback, or a person's token
    read,        // a person: Permission of the same name
    edit,
    approve,
    audit,
    administer,
};

struct Route {
    std::string_view method;
    std::string_view path;  // segments: text, {name} (one segment), or as the last one {name...} (all that follow)
    Listener listener = Listener::people;
    Access access = Access::administer;
    std::size_t body_bytes = 0;  // 0: a body is refused
    Handler handler = nullptr;
};

struct Match {
    const Route* route = nullptr;
    std::vector<std::string> parameters;
};

/// Immutable once made; safe from any thread. The lists must outlive it.
class Router {
  public:
    Router(std::initializer_list<std::span<const Route>> lists);

    /// Throws coded_error `not_found` where no path of this listener fits, `bad_method` where another method would.
    [[nodiscard]] Match find(Listener listener, std::string_view method, std::string_view path) const;

    /// The methods that a path takes: for the header Allow.
    [[nodiscard]] std::vector<std::string_view> methods(Listener listener, std::string_view path) const;

    [[nodiscard]] const std::vector<const Route*>& routes() const { return routes_; }

  private:
    std::vector<const Route*> routes_;
};

/// The path and query of a request target in origin form (RFC 9112 section 3.2.1), percent-decoded.
struct Target {
    std::string path;
    std::vector<std::pair<std::string, std::string>> query;
};

/// Nothing where the target is not in origin form, not UTF-8, longer than 4096 bytes, or where its path has an empty,
/// "." or ".." segment, or an encoded slash or control character.
std::optional<Target> parse_target(std::string_view target);

}  // namespace annexa::store
