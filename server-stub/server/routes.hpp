// Every list of routes there is. A new list is declared here and named in routes().
#pragma once

#include "server-stub/http/router.hpp"

namespace annexa::store {

std::span<const Route> agent_routes();      // /agent/v1/…
std::span<const Route> log_routes();        // /log/…
std::span<const Route> session_routes();    // /api/v1/session
std::span<const Route> operation_routes();  // /healthz, /readyz, /metrics

const Router& routes();

}  // namespace annexa::store
