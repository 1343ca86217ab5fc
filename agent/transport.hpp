// The way to the store, as the agent's protocol needs it: one request, one answer.
#pragma once

#include "evidence/errors.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace annexa::agent {

struct StoreRequest {
    std::string method;  // GET, POST, PUT
    std::string target;  // "/agent/v1/statements"
    std::string body;
    std::string content_type;
    std::optional<std::string> bearer;  // a token's secret
    bool with_certificate = true;       // the TLS client certificate is shown
};

struct StoreAnswer {
    int status = 0;
    std::string body;  // at most 4 MiB
    std::optional<std::chrono::seconds> retry_after;
};

/// No answer was had: no name, no route, no TLS, no time. what() says which.
class transport_error : public evidence::error {
  public:
    using error::error;
};

class Transport {
  public:
    virtual ~Transport() = default;
    /// Throws transport_error.
    virtual StoreAnswer send(const StoreRequest& request) = 0;
    /// From now on this one is shown.
    virtual void use_certificate(const std::string& pem) = 0;
};

struct TlsSettings {
    std::string url;                       // https://HOST:PORT
    std::string ca_pem;                    // the only one that is trusted
    std::string certificate_pem, key_pem;  // empty: none is shown
    std::string user_agent;
};

/// Over TLS 1.3 by libcurl. A readable `stop` descriptor ends a request early.
std::unique_ptr<Transport> make_tls_transport(TlsSettings settings, int stop = -1);

}  // namespace annexa::agent
