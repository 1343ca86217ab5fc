// The service: collects on schedule, spools, ships. One thread waits for signals and the local socket, one works.
//
// The worker owns spool, chain and connection; what others see of it is a copied picture (status.hpp). A signal or the
// end of either thread wakes the other by a descriptor, and a collection or transfer under way ends at once.
#pragma once

#include "agent/configuration.hpp"
#include "agent/log.hpp"
#include "evidence/instant.hpp"

#include <functional>

namespace annexa::agent {

/// Runs until SIGTERM or SIGINT; blocks these signals in the calling thread. On SIGHUP it takes over what `reload`
/// reads; where that throws it says so and goes on as before. Tells systemd when it is ready, what it does, and that it
/// lives. Throws error where it cannot run at all: not enrolled, cloned, the state folder in use, the socket taken.
void run_service(const Configuration& configuration, const std::function<Configuration()>& reload, Log& log,
                 const evidence::Clock& clock);

}  // namespace annexa::agent
