// A request and its answer as handlers see them: plain values, nothing of Beast.
#pragma once

#include "evidence/instant.hpp"
#include "server-stub/http/session.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annexa::store {

/// Which of the two listeners a request came in by.
enum class Listener { agents, people };

/// Name (of a request: lower case) and value.
using Header = std::pair<std::string, std::string>;

/// What the TLS session says of the client, never a header. `valid` is decided anew for each request.
struct ClientIdentity {
    enum class State {
        missing,  // no certificate was shown
        foreign,  // not issued by our authority, or not for a host
        expired,  // ours, and past its time (or before it)
        valid,
    };
    State state = State::missing;
    std::string host_id;     // UUID; empty unless expired or valid
    std::string tls_key_id;  // SHA-256 of the certificate's SubjectPublicKeyInfo, hex; empty unless expired or valid
    evidence::Instant not_before{};
    evidence::Instant not_after{};
};

struct Request {
    std::string method;  // upper case
    std::string path;    // decoded; begins with '/', without empty, "." or ".." segments
    std::vector<std::pair<std::string, std::string>> query;  // decoded, in the order of the target
    std::vector<std::string> parameters;  // what the route's {names} matched, in their order
    std::vector<Header> headers;          // names in lower case
    std::string body;
    Listener listener = Listener::people;
    std::string address;  // the peer's, of the TCP connection; for the log and the limits only
    bool loopback = false;
    ClientIdentity client;           // agents' listener
    std::optional<Session> session;  // people's listener: set where the route needs one, or one was shown

    /// The first header of this (lower-case) name.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
    /// The first query parameter of this name.
    [[nodiscard]] std::optional<std::string_view> argument(std::string_view name) const;
    /// The token of "Authorization: Bearer …", empty without one.
    [[nodiscard]] std::string_view bearer() const;
};

struct Response {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<Header> headers;  // further ones; Cache-Control is no-store unless it is given here
};

/// 200 (or another status) with a JSON body that is already written.
Response json_response(std::string body, unsigned status = 200);

}  // namespace annexa::store
