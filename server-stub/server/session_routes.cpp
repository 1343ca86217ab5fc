// Signing in and out, and who one is.
#include "evidence/canonical_json.hpp"
#include "server-stub/api/arguments.hpp"
#include "server-stub/configuration/configuration.hpp"
#include "server-stub/enrolment/tokens.hpp"
#include "server-stub/people/own_tokens.hpp"
#include "server-stub/people/sign_in.hpp"
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

constexpr std::size_t largest_body = 16384;  // a password of 1,024 bytes, each written as \u00XX, and room

Proof read_proof(const Request& request, const nlohmann::json& body, std::string login) {
    return {.login = std::move(login), .password = body_text(body, "password"), .code = body_text(body, "code"), .address = request.address};
}

SignedIn sign_in_by(Server& server, const Request& request) {
    if (!request.bearer().empty() || request.body.empty()) return sign_in(server, request.bearer());
    const nlohmann::json body = read_body(request, {"code", "name", "password"});
    return sign_in(server, read_proof(request, body, body_text(body, "name")));
}

Response begin(Server& server, const Request& request) {
    const SignedIn signed_in = sign_in_by(server, request);
    nlohmann::json body = shown(server, signed_in.session);
    body["secret"] = signed_in.bearer;
    return json_response(evidence::canonical_json(body), 201);
}

Response current(Server& server, const Request& request) { return json_response(evidence::canonical_json(shown(server, request.session.value()))); }

Response end(Server& server, const Request& request) {
    const Session& session = request.session.value();
    // That a session ended is nobody's business; that a token did is logged, as its making was.
    if (session.signed_in) server.store.revoke_token(session.id);
    else end_token(server, session, session.id);
    return json_response("{}");
}

nlohmann::json shown(const CodeSetUp& set_up) { return {{"login", set_up.login}, {"uri", set_up.uri}}; }

Response accept(Server& server, const Request& request) {
    const std::string password = body_text(read_body(request, {"password"}), "password");
    return json_response(evidence::canonical_json(shown(accept_invitation(server, request.bearer(), password))), 201);
}

Response put_password(Server& server, const Request& request) {
    const nlohmann::json body = read_body(request, {"code", "new_password", "password"});
    change_password(server, request.session.value(), read_proof(request, body, {}), body_text(body, "new_password"));
    return json_response("{}");
}

Response put_code(Server& server, const Request& request) {
    const nlohmann::json body = read_body(request, {"code", "password"});
    return json_response(evidence::canonical_json(shown(renew_code(server, request.session.value(), read_proof(request, body, {})))));
}

constexpr Route list[] = {
    // By a token that signs in (the body is not read), or by {"name","password","code"}.
    {"POST", "/api/v1/session", Listener::people, Access::credential, largest_body, begin},
    {"GET", "/api/v1/session", Listener::people, Access::read, 0, current},
    {"DELETE", "/api/v1/session", Listener::people, Access::read, 0, end},
    {"PUT", "/api/v1/session/password", Listener::people, Access::read, largest_body, put_password},
    {"PUT", "/api/v1/session/code", Listener::people, Access::read, largest_body, put_code},
    {"POST", "/api/v1/invitation", Listener::people, Access::credential, largest_body, accept},
};

}  // namespace

std::span<const Route> session_routes() { return list; }

}  // namespace annexa::store
