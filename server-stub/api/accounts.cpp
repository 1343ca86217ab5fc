// GET and POST /api/v1/accounts, and what an administrator does with one: POST …/invitation, PUT …/role, PUT …/state.
#include "server-stub/people/accounts.hpp"

#include "evidence/errors.hpp"
#include "server-stub/api/arguments.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

using evidence::coded_error;
using nlohmann::json;

json account_json(const Server& server, const Account& account) {
    return {{"id", account.id},
            {"login", account.login ? json(*account.login) : json()},
            {"made_at", evidence::to_string(account.made_at)},
            {"name", account.name},
            {"role", account.role},
            {"state", account_state(server, account)}};
}

json invited_json(const Server& server, const Invited& invited) {
    json body = account_json(server, invited.account);
    body["invitation"] = {{"expires", evidence::to_string(invited.expires)}, {"token", invited.invitation}};
    return body;
}

}  // namespace

Roles body_roles(const json& body) {
    const auto roles = parse_roles(body_text(body, "role"));
    if (!roles)
        throw coded_error("schema",
                          "role: expected reader, auditor, editor, approver, admin, or admin with one more right: "
                          "admin,editor or admin,approver");
    return *roles;
}

Response get_accounts(Server& server, const Request& request) {
    // An auditor reviews who holds which right (A.5.18).
    const Roles role = request.session.value().role;
    if (!may(role, Permission::administer) && !may(role, Permission::audit))
        throw coded_error("forbidden", "accounts are for administrators and auditors");
    json accounts = json::array();
    for (const Account& account : server.store.accounts())
        if (account.id != server.identity.local_account) accounts.push_back(account_json(server, account));
    return json_answer({{"accounts", std::move(accounts)}});
}

Response post_account(Server& server, const Request& request) {
    const json body = read_body(request, {"login", "name", "role"});
    const std::string login = body_text(body, "login");
    const std::string name = body_optional_text(body, "name").value_or(login);
    return json_answer(invited_json(server, invite_new(server, request.session.value(), login, name, body_roles(body))),
                       201);
}

Response post_account_invitation(Server& server, const Request& request) {
    const Account account = find_account(server, request.parameters.at(0));
    return json_answer(invited_json(server, invite_again(server, request.session.value(), account)), 201);
}

Response put_account_role(Server& server, const Request& request) {
    const Account account = find_account(server, request.parameters.at(0));
    const Roles roles = body_roles(read_body(request, {"role"}));
    return json_answer(account_json(server, set_roles(server, request.session.value(), account, roles)));
}

Response put_account_state(Server& server, const Request& request) {
    const Account account = find_account(server, request.parameters.at(0));
    const std::string state = body_text(read_body(request, {"state"}), "state");
    if (state != "active" && state != "disabled") throw coded_error("schema", "state: expected active or disabled");
    const Session& by = request.session.value();
    return json_answer(
        account_json(server, state == "disabled" ? disable(server, by, account) : enable(server, by, account)));
}

}  // namespace annexa::store
