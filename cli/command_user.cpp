// annexa user: accounts, for administrators; one's own password, codes and tokens, for everybody.
#include "cli/command_line.hpp"
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

struct UserOptions {
    std::string login, name, role;
    Format format = Format::text;
};

/// Files whose first line is a secret; "-" is a line of standard input, empty asks on the terminal.
struct SecretOptions {
    std::string invitation_file, password_file, new_password_file;
    std::string code;  // empty: asked for
};

struct UserTokenOptions {
    std::string id, name, role, ttl, account;
    std::vector<std::string> paths;
    Format format = Format::text;
};

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

/// Adds what a person's own secrets go into.
void add_secrets(Command& command, const std::shared_ptr<SecretOptions>& o, const char* whose) {
    command
        .option("--password-file", o->password_file,
                std::string{whose} + " in the first line; - for a line of standard input; without it, asked for")
        .shown_as("FILE|-");
    command.option("--code", o->code, "What your authenticator shows; without it, asked for").shown_as("CODE");
}

constexpr const char* roles =
    "ROLE is reader (looks), auditor (looks, and writes audits), editor (writes), approver (writes and approves), "
    "admin (accounts,\n"
    "hosts, keys), or admin,editor or admin,approver (both).\n\n";

void add_accounts(Command& user) {
    auto o = std::make_shared<UserOptions>();
    const auto add = [&](const char* name, const char* description, const std::string& footer, Run run) {
        Command command = user.add(name, description, footer, std::move(run));
        command.option("LOGIN", o->login, "What the person signs in with").required();
        return command;
    };
    user.add("list", "The accounts that there are",
             "Examples:\n  annexa user list\n  annexa user list --format json | jq -r '.[] | select(.state == "
             "\"disabled\") | .login'",
             [o](Client& c, const Terminal& t) { return command_user_list(o->format, c, t); })
        .format(o->format);
    Command made = add("add", "Invite a person: prints a token, once, with which they set their password",
                       std::string{roles} +
                           "Examples:\n  annexa user add ada --role approver --name 'Ada Lovelace' > invitation\n  "
                           "annexa user add bob --role admin,editor",
                       [o](Client& c, const Terminal& t) { return command_user_add(*o, c, t); });
    made.option("--role", o->role, "What the person may do").required().shown_as("ROLE");
    made.option("--name", o->name, "For people's eyes; stands in no record").shown_as("TEXT");
    made.format(o->format);
    add("reset", "Invite anew who lost password or authenticator: both go, and sessions and tokens end",
        "Examples:\n  annexa user reset ada > invitation",
        [o](Client& c, const Terminal& t) { return command_user_reset(*o, c, t); })
        .format(o->format);
    add("role", "Change what a person may do, at once; nobody changes their own",
        std::string{roles} + "Examples:\n  annexa user role ada auditor",
        [o](Client& c, const Terminal& t) { return command_user_role(*o, c, t); })
        .option("ROLE", o->role, "What the person may do")
        .required();
    add("disable", "End a person's sessions and tokens now, and let them sign in no more",
        "Examples:\n  annexa user disable ada",
        [o](Client& c, const Terminal& t) { return command_user_state(*o, true, c, t); });
    add("enable", "Let a person sign in again: one who was disabled, or who must wait after failed attempts",
        "Examples:\n  annexa user enable ada",
        [o](Client& c, const Terminal& t) { return command_user_state(*o, false, c, t); });
}

void add_own_secrets(Command& user) {
    auto o = std::make_shared<SecretOptions>();
    Command password = user.add_alone(
        "password", "Set the password that you were invited to, or change your own",
        "A password has at least 12 characters; several words do well. The first one also makes your one-time codes: "
        "the otpauth\n"
        "address that is printed, once, goes into an authenticator.\n\n"
        "Examples:\n  annexa user password --invitation-file invitation\n  annexa user password --invitation-file "
        "invitation | qrencode -t ansiutf8\n  annexa user password",
        [o, change = with_client([o](Client& c, const Terminal& t) { return command_user_password(*o, c, t); })](
            const Terminal& t) { return o->invitation_file.empty() ? change(t) : command_user_accept(*o, t); });
    password
        .option("--invitation-file", o->invitation_file,
                "Holds what annexa user add printed; - for a line of standard input")
        .shown_as("FILE|-");
    add_secrets(password, o, "Your password (with an invitation, the new one)");
    password.option("--new-password-file", o->new_password_file, "The new one, likewise").shown_as("FILE|-");
    Command totp =
        user.add("totp", "Make your one-time codes anew: prints the otpauth address for an authenticator, once",
                 "Whoever lost the authenticator asks an administrator for annexa user reset.\n\nExamples:\n  annexa "
                 "user totp | qrencode -t ansiutf8",
                 [o](Client& c, const Terminal& t) { return command_user_totp(*o, c, t); });
    add_secrets(totp, o, "Your password");
}

void add_own_tokens(Command& user) {
    auto o = std::make_shared<UserTokenOptions>();
    Command token = user.group("token", "Your tokens, for programs that ask the store in your name");
    Command list = token.add("list", "Your tokens and sessions that are open", "Examples:\n  annexa user token list",
                             [o](Client& c, const Terminal& t) { return command_user_token_list(*o, c, t); });
    list.option("--user", o->account, "Another person's: for administrators").shown_as("LOGIN");
    list.format(o->format);
    Command make = token.add(
        "make", "Make a token and print it, once",
        "It never holds more than you do at that moment, and ends when your account is disabled.\n\n"
        "Examples:\n  annexa user token make --name 'nightly report' --role reader --ttl 90d --path /api/v1/status",
        [o](Client& c, const Terminal& t) { return command_user_token_make(*o, c, t); });
    make.option("--name", o->name, "What it is for").required().shown_as("TEXT");
    make.option("--role", o->role, "At most your own; reader is read-only").required().shown_as("ROLE");
    make.option("--ttl", o->ttl, "How long it is good for: 12h, 90d; at most 366d").required().shown_as("TIME");
    make.option("--path", o->paths, "It opens only what is below this path; may repeat").shown_as("PATH");
    make.format(o->format);
    token
        .add("revoke", "End a token or session now",
             "Examples:\n  annexa user token revoke 4d5a0e6c-6f0b-4b9d-9c57-0c1f6c2f8a31",
             [o](Client& c, const Terminal& t) { return command_user_token_revoke(*o, c, t); })
        .option("ID", o->id, "As token list shows it")
        .required();
}

}  // namespace

void add_user(Command& line) {
    Command user = line.group("user", "Accounts, for administrators; your own password, codes and tokens");
    add_accounts(user);
    add_own_secrets(user);
    add_own_tokens(user);
}

}  // namespace annexa::cli
