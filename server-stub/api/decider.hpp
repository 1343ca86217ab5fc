// Whoever asked, as the one who decides.
#pragma once

#include "evidence/errors.hpp"
#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/http/message.hpp"
#include "server-stub/server/server.hpp"

namespace annexa::store {

/// Routes that need a person's role have a session; what is left is a defect.
inline Decider decider(Server& server, const Request& request) {
    if (!request.session) throw evidence::coded_error("token_missing", "a decision needs a person's token");
    return {server.store, server.blobs, server.log, server.record_key, server.clock, *request.session};
}

}  // namespace annexa::store
