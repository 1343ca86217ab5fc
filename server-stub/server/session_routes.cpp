// Signing in and out, and who one is.
#include "evidence/canonical_json.hpp"
#include "server-stub/configuration/configuration.hpp"
#include "server-stub/enrolment/tokens.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/server/routes.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

nlohmann::json shown(const Server& server, const Session& session) {
    return {{"account", session.account},
            {"expires", evidence::to_string(session.expires)},
            {"id", session.id},
            {"name", session.name},
            {"organization", server.configuration.organization.value_or(server.identity.organization)},
            {"origin", server.identity.origin},
            {"role", role_name(session.role.main)},
            {"roles", roles_text(session.role)}};
}

Response begin(Server& server, const Request& request) {
    const SignedIn signed_in = sign_in(server, request.bearer());
    nlohmann::json body = shown(server, signed_in.session);
    body["secret"] = signed_in.bearer;
    return json_response(evidence::canonical_json(body), 201);
}

Response current(Server& server, const Request& request) { return json_response(evidence::canonical_json(shown(server, request.session.value()))); }

Response end(Server& server, const Request& request) {
    server.store.revoke_token(request.session.value().id);
    return json_response("{}");
}

constexpr Route list[] = {
    {"POST", "/api/v1/session", Listener::people, Access::credential, 1024, begin},  // of the body nothing is read
    {"GET", "/api/v1/session", Listener::people, Access::read, 0, current},
    {"DELETE", "/api/v1/session", Listener::people, Access::read, 0, end},
};

}  // namespace

std::span<const Route> session_routes() { return list; }

}  // namespace annexa::store
