#include "evidence/errors.hpp"
#include "server-stub/enrolment/tokens.hpp"
#include "server-stub/people/accounts.hpp"
#include "server-stub/people/own_tokens.hpp"
#include "server-stub/server/administration.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

using nlohmann::json;

json create(Server& server, const json& arguments) {
    TokenOrder order;
    const std::string role = arguments.at("role").get<std::string>();
    const auto parsed = parse_role(role);
    if (!parsed) throw evidence::error("--role: expected agent, reader, auditor, editor, approver or admin, found '" + role + "'");
    order.role = *parsed;
    if (arguments.contains("ttl_s")) order.lifetime = std::chrono::seconds{arguments.at("ttl_s").get<std::int64_t>()};
    if (arguments.contains("uses")) order.uses = arguments.at("uses").get<std::uint64_t>();
    if (arguments.contains("host")) order.host = arguments.at("host").get<std::string>();
    if (arguments.contains("name")) order.name = arguments.at("name").get<std::string>();
    const MadeToken made = create_token(server, order);
    return {{"expires", evidence::to_string(made.expires)}, {"id", made.id}, {"role", role_name(made.role)}, {"token", made.text}};
}

std::string state_of(const Token& token, evidence::Instant now) {
    if (token.revoked) return "revoked";
    if (token.expires && now >= *token.expires) return "expired";
    if (token.uses_allowed != 0 && token.uses >= token.uses_allowed) return "used";
    return "valid";
}

json list(Server& server, const json&) {
    json shown = json::array();
    for (const Token& token : server.store.tokens())
        shown.push_back({{"account", token.account},
                         {"expires", token.expires ? json(evidence::to_string(*token.expires)) : json()},
                         {"host", token.host ? json(*token.host) : json()},
                         {"id", token.id},
                         {"made_at", evidence::to_string(token.made_at)},
                         {"name", token.name},
                         {"role", token.role},
                         {"state", state_of(token, server.clock.now())},
                         {"uses", token.uses},
                         {"uses_allowed", token.uses_allowed == 0 ? json() : json(token.uses_allowed)}});
    return shown;
}

json revoke(Server& server, const json& arguments) {
    const std::string id = arguments.at("id").get<std::string>();
    for (const Token& token : server.store.tokens()) {
        if (token.id != id) continue;
        if (server.store.setting("restored")) server.store.revoke_token(id);  // it logs nothing, and must end what should not be
        else end_token(server, local_session(server), id);
        return {{"id", id}, {"state", "revoked"}};
    }
    throw evidence::error("there is no token " + id + "; annexa-server token list shows them");
}

constexpr AdminCommand commands[] = {{"token_create", create}, {"token_list", list}, {"token_revoke", revoke}};

}  // namespace

std::span<const AdminCommand> token_commands() { return commands; }

}  // namespace annexa::store
