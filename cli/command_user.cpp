// annexa user: accounts, for administrators; one's own password, codes and tokens, for everybody.
#include "cli/commands.hpp"
#include "cli/configuration.hpp"
#include "cli/secret_input.hpp"
#include "cli/text.hpp"
#include "policies/duration.hpp"
#include "terminal/columns.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

std::string path_of(const std::string& login, const char* what) {
    return "/api/v1/accounts/" + path_segment(login) + "/" + what;
}

/// The invitation is all of standard output, so that it can be sent on by a pipe.
Exit print_invited(const json& invited, Format format, const Terminal& terminal) {
    if (format == Format::json) {
        terminal.out << invited.dump(2) << '\n';
        return Exit::fine;
    }
    const json& invitation = invited.at("invitation");
    terminal.out << invitation.at("token").get<std::string>() << '\n';
    terminal.err << "invitation of " << text_of(invited, "login") << " (" << text_of(invited, "role")
                 << "), good once until " << short_time(invitation["expires"])
                 << " UTC. It is shown once: whoever has it sets the password.\n"
                 << "There: annexa user password --invitation-file FILE\n";
    return Exit::fine;
}

Exit print_account(const json& account, const std::string& what, const Terminal& terminal) {
    terminal.err << text_of(account, "login") << " " << what << '\n';
    return Exit::fine;
}

/// The authenticator's URI is all of standard output: `| qrencode -t ansiutf8` shows it to a camera.
void print_set_up(const json& set_up, const Terminal& terminal) {
    terminal.out << set_up.at("uri").get<std::string>() << '\n';
    terminal.err << "This is shown once. Give it to your authenticator: each sign-in asks for a code of it.\n";
}

json own_proof(const SecretOptions& options) {
    json body{{"password", read_secret(options.password_file, "--password-file", "Password: ")}};
    body["code"] = read_code(options.code);
    return body;
}

}  // namespace

Exit command_user_list(Format format, Client& client, const Terminal& terminal) {
    const json answer = client.get("/api/v1/accounts");
    if (format == Format::json) {
        terminal.out << answer["accounts"].dump(2) << '\n';
        return Exit::fine;
    }
    terminal::Columns table;
    table.heads = {"LOGIN", "ROLE", "STATE", "SINCE", "NAME", "ID"};
    for (const json& account : answer["accounts"]) {
        const std::string state = text_of(account, "state");
        table.add({text_of(account, "login"), text_of(account, "role"), state, short_time(account["made_at"]),
                   text_of(account, "name"), text_of(account, "id")},
                  {Colour::none, Colour::none, state == "disabled" ? Colour::red : Colour::none, Colour::none,
                   Colour::none, Colour::dim});
    }
    terminal.out << table.text(terminal.paint);
    return Exit::fine;
}

Exit command_user_add(const UserOptions& options, Client& client, const Terminal& terminal) {
    json body{{"login", options.login}, {"role", options.role}};
    if (!options.name.empty()) body["name"] = options.name;
    return print_invited(client.post("/api/v1/accounts", body), options.format, terminal);
}

Exit command_user_reset(const UserOptions& options, Client& client, const Terminal& terminal) {
    return print_invited(client.post(path_of(options.login, "invitation"), json::object()), options.format, terminal);
}

Exit command_user_role(const UserOptions& options, Client& client, const Terminal& terminal) {
    const json account = client.put(path_of(options.login, "role"), {{"role", options.role}});
    return print_account(account, "is " + text_of(account, "role") + " from now on", terminal);
}

Exit command_user_state(const UserOptions& options, bool disabled, Client& client, const Terminal& terminal) {
    const json account = client.put(path_of(options.login, "state"), {{"state", disabled ? "disabled" : "active"}});
    return print_account(account, disabled ? "is disabled: its sessions and tokens ended" : "may sign in again",
                         terminal);
}

Exit command_user_accept(const SecretOptions& options, const Terminal& terminal) {
    const evidence::Token invitation =
        evidence::parse_token(read_secret(options.invitation_file, "--invitation-file", "Invitation: "));
    Client client{invitation};
    const json set_up =
        client.post("/api/v1/invitation",
                    {{"password", read_new_secret(options.password_file, "--password-file", "New password: ")}});
    print_set_up(set_up, terminal);
    // Used up it opens nothing, and says where the store is and what to trust.
    const std::filesystem::path path = configuration_path();
    if (!std::filesystem::exists(path)) write_token(path, invitation);
    terminal.err << "Then: annexa login --user " << text_of(set_up, "login") << '\n';
    return Exit::fine;
}

Exit command_user_password(const SecretOptions& options, Client& client, const Terminal& terminal) {
    json body = own_proof(options);
    body["new_password"] = read_new_secret(options.new_password_file, "--new-password-file", "New password: ");
    client.put("/api/v1/session/password", body);
    terminal.err << "your password is changed; your other sessions ended\n";
    return Exit::fine;
}

Exit command_user_totp(const SecretOptions& options, Client& client, const Terminal& terminal) {
    print_set_up(client.put("/api/v1/session/code", own_proof(options)), terminal);
    terminal.err << "What your authenticator had before is good no more.\n";
    return Exit::fine;
}

Exit command_user_token_list(const UserTokenOptions& options, Client& client, const Terminal& terminal) {
    const json answer = client.get("/api/v1/tokens", {{"account", options.account}});
    if (options.format == Format::json) {
        terminal.out << answer["tokens"].dump(2) << '\n';
        return Exit::fine;
    }
    terminal::Columns table;
    table.heads = {"ID", "KIND", "ROLE", "EXPIRES", "NAME", "PATHS"};
    for (const json& token : answer["tokens"]) {
        std::string paths;
        for (const json& path : token["paths"]) paths += (paths.empty() ? "" : " ") + text_of(path);
        table.add({text_of(token, "id"), text_of(token, "kind"), text_of(token, "role"), short_time(token["expires"]),
                   text_of(token, "name"), paths});
    }
    terminal.out << table.text(terminal.paint);
    return Exit::fine;
}

Exit command_user_token_make(const UserTokenOptions& options, Client& client, const Terminal& terminal) {
    const auto lifetime = policies::parse_duration(options.ttl);
    if (!lifetime) throw evidence::error("--ttl: expected a duration such as 12h or 90d, found '" + options.ttl + "'");
    const json body{{"name", options.name},
                    {"paths", options.paths},
                    {"role", options.role},
                    {"ttl_s", std::chrono::duration_cast<std::chrono::seconds>(*lifetime).count()}};
    const json made = client.post("/api/v1/tokens", body);
    if (options.format == Format::json) {
        terminal.out << made.dump(2) << '\n';
        return Exit::fine;
    }
    terminal.out << made.at("token").get<std::string>() << '\n';
    terminal.err << "role " << text_of(made, "role") << ", until " << short_time(made["expires"]) << " UTC, id "
                 << text_of(made, "id") << ". It is shown once: export it as ANNEXA_TOKEN where the program runs.\n";
    return Exit::fine;
}

Exit command_user_token_revoke(const UserTokenOptions& options, Client& client, const Terminal& terminal) {
    client.remove("/api/v1/tokens/" + path_segment(options.id));
    terminal.err << "the token has ended\n";
    return Exit::fine;
}

}  // namespace annexa::cli
