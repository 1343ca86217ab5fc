// annexa login: tries a token, or a name with password and code, and keeps what they open. annexa logout ends it.
#include "cli/command_line.hpp"
#include "cli/configuration.hpp"
#include "cli/secret_input.hpp"
#include "cli/text.hpp"
#include "evidence/checkpoint.hpp"
#include "evidence/encoding.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <ostream>

namespace annexa::cli {
namespace {

struct LoginOptions {
    std::string token_file;  // - for standard input; empty: ANNEXA_TOKEN
    std::string user;        // signs in by password and code; the token then says where
    std::string password_file, code;
};
/// A refusal says that the token is not good before it is kept; the checkpoint, that the store has the log key it
/// names.
void try_token(const evidence::Token& token) {
    static_cast<void>(evidence::open_checkpoint(Client{token}.download("/log/checkpoint"), token.log));
}

evidence::Token session_token(evidence::Token token, const nlohmann::json& session) {
    token.id = session.at("id").get<std::string>();
    token.role = session.at("role").get<std::string>();
    token.secret = evidence::from_any_base64(session.at("secret").get<std::string>());
    try_token(token);
    return token;
}

/// The token to keep: the one given, or where that is only good for signing in, the session that it begins.
evidence::Token sign_in(evidence::Token token) {
    try {
        try_token(token);
        return token;
    } catch (const refused& refusal) {
        if (refusal.code() != "sign_in_needed") throw;
    }
    const nlohmann::json session = Client{token}.post("/api/v1/session", nlohmann::json::object());
    return session_token(std::move(token), session);
}

/// `store` says where the store is and what to trust; what it opens is not used.
evidence::Token sign_in(evidence::Token store, const LoginOptions& options) {
    store.secret.clear();
    nlohmann::json body{{"name", options.user},
                        {"password", read_secret(options.password_file, "--password-file", "Password: ")}};
    body["code"] = read_code(options.code);
    const nlohmann::json session = Client{store}.post("/api/v1/session", body);
    return session_token(std::move(store), session);
}

evidence::Token given_token(const LoginOptions& options) {
    if (!options.token_file.empty()) return evidence::parse_token(read_token_text(options.token_file));
    if (!options.user.empty()) return read_token();
    const char* variable = std::getenv("ANNEXA_TOKEN");
    if (variable == nullptr || *variable == '\0')
        throw evidence::error(
            "login: give --user NAME, --token-file FILE, --token-file - for standard input, or set ANNEXA_TOKEN");
    return evidence::parse_token(variable);
}

Exit command_login(const LoginOptions& options, const Terminal& terminal) {
    const evidence::Token given = given_token(options);
    demand_person(given);
    const evidence::Token token = options.user.empty() ? sign_in(given) : sign_in(given, options);
    const std::filesystem::path path = configuration_path();
    write_token(path, token);
    terminal.out << "logged in to " << terminal::printable(token.url) << " as " << terminal::printable(token.role)
                 << "; CA fingerprint " << token.ca_fingerprint().hex() << "; kept in " << path.string() << '\n';
    return Exit::fine;
}

Exit command_logout(Client& client, const Terminal& terminal) {
    client.remove("/api/v1/session");
    terminal.out << "logged out of " << terminal::printable(client.token().url)
                 << ": the session, or the token that was shown, has ended\n";
    return Exit::fine;
}

}  // namespace

void add_login(Command& line) {
    auto o = std::make_shared<LoginOptions>();
    Command login =
        line.add_alone("login", "Sign in, or keep a token, so that later commands need none",
                       "A session ends after half an hour without a command, and after twelve hours in any case.\n\n"
                       "Examples:\n  annexa login --user ada\n  annexa login --token-file token\n  annexa-server token "
                       "create --role reader | annexa login --token-file -",
                       [o](const Terminal& t) { return command_login(*o, t); });
    login
        .option("--user", o->user,
                "Sign in with password and code; the store is the token's, or that of the last login or invitation")
        .shown_as("LOGIN");
    login
        .option("--password-file", o->password_file,
                "The password in the first line; - for a line of standard input; without it, asked for")
        .shown_as("FILE|-");
    login.option("--code", o->code, "What your authenticator shows; without it, asked for").shown_as("CODE");
    login
        .option("--token-file", o->token_file,
                "A file that holds the token, - for standard input; without it ANNEXA_TOKEN")
        .shown_as("FILE|-");
    line.add("logout", "End the session that annexa login began, or the token that it kept",
             "Examples:\n  annexa logout", [](Client& c, const Terminal& t) { return command_logout(c, t); });
}

}  // namespace annexa::cli
