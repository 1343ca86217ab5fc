// One conversation: a request frame in, a frame for each collector and a last one out. The format is in
// collectors/README.md.
#pragma once

#include "collectors/request.hpp"

#include <sys/types.h>

namespace annexa::collectors {

enum class Peer {
    user,     // the user who started this program: may name an image or a case folder, which it reads with the user's
              // rights
    service,  // another user, over a socket of the service manager: the running machine alone, else it would read for
              // it
};

/// Serves one connected stream socket. False where the request was refused (it is told why) or the peer hung up.
bool serve(int socket, Peer peer, std::span<const Collector* const> known, const evidence::Clock& clock);

/// Accepts and serves one connection after the other until none came for a while. Who asks must be one of `users` by
/// what the kernel says of the connection (SO_PEERCRED), else it is told so and nothing is read. Throws evidence::error
/// where the socket fails.
void serve_listener(int socket, std::span<const uid_t> users, std::span<const Collector* const> known,
                    const evidence::Clock& clock, std::chrono::milliseconds idle);

}  // namespace annexa::collectors
