#include "server-stub/server/routes.hpp"

#include "server-stub/api/routes.hpp"

namespace annexa::store {

const Router& routes() {
    static const Router router{agent_routes(), log_routes(), session_routes(), operation_routes(), api_routes()};
    return router;
}

}  // namespace annexa::store
