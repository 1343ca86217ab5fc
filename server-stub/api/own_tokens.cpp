// GET and POST /api/v1/tokens, DELETE /api/v1/tokens/{id}: a person's own tokens and sessions.
#include "server-stub/people/own_tokens.hpp"

#include "evidence/errors.hpp"
#include "server-stub/api/arguments.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/people/accounts.hpp"
#include "server-stub/server/server.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

using evidence::coded_error;
using nlohmann::json;

json token_json(const Token& token) {
    return {{"expires", time_json(token.expires)},
            {"id", token.id},
            {"kind", token.kind},
            {"made_at", evidence::to_string(token.made_at)},
            {"name", token.name},
            {"paths", token.paths},
            {"role", token.role}};
}

}  // namespace

Response get_own_tokens(Server& server, const Request& request) {
    const Session& session = request.session.value();
    std::string account = session.account;
    if (const auto other = read_text(request, "account")) {
        account = find_account(server, *other).id;
        if (account != session.account && !may(session.role, Permission::administer))
            throw coded_error("forbidden", "other people's tokens are for administrators");
    }
    json tokens = json::array();
    for (const Token& token : open_tokens(server, account)) tokens.push_back(token_json(token));
    return json_answer({{"account", account}, {"tokens", std::move(tokens)}});
}

Response post_own_token(Server& server, const Request& request) {
    const json body = read_body(request, {"name", "paths", "role", "ttl_s"});
    OwnTokenOrder order;
    order.name = body_text(body, "name");
    order.roles = body_roles(body);
    if (const auto paths = body.find("paths"); paths != body.end()) {
        if (!paths->is_array()) throw coded_error("schema", "paths: expected an array of paths");
        for (const json& path : *paths) {
            if (!path.is_string()) throw coded_error("schema", "paths: expected paths such as /api/v1/status");
            order.paths.push_back(path.get<std::string>());
        }
    }
    const auto ttl = body.find("ttl_s");
    if (ttl == body.end() || !ttl->is_number_unsigned() || *ttl > 1'000'000'000U)
        throw coded_error("schema", "ttl_s: expected seconds");
    order.lifetime = std::chrono::seconds{ttl->get<std::int64_t>()};
    const MadeToken made = make_own_token(server, request.session.value(), order);
    return json_answer({{"expires", evidence::to_string(made.expires)},
                        {"id", made.id},
                        {"role", roles_text(order.roles)},
                        {"token", made.text}},
                       201);
}

Response delete_own_token(Server& server, const Request& request) {
    end_token(server, request.session.value(), request.parameters.at(0));
    return json_response("{}");
}

}  // namespace annexa::store
