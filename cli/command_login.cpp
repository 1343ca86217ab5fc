// annexa login: tries a token and keeps it.
#include "cli/commands.hpp"
#include "cli/configuration.hpp"
#include "cli/text.hpp"
#include "evidence/checkpoint.hpp"
#include "evidence/encoding.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <ostream>

namespace annexa::cli {
namespace {

/// The token to keep: the one given, or where that is only good for signing in, the session that it begins.
evidence::Token sign_in(evidence::Token token) {
    Client client{token};
    // A refusal here says that the token is not good before it is kept; the checkpoint, that the store has the log key it names.
    try {
        static_cast<void>(evidence::open_checkpoint(client.download("/log/checkpoint"), token.log));
        return token;
    } catch (const refused& refusal) {
        if (refusal.code() != "sign_in_needed") throw;
    }
    const nlohmann::json session = client.post("/api/v1/session", nlohmann::json::object());
    token.id = session.at("id").get<std::string>();
    token.secret = evidence::from_any_base64(session.at("secret").get<std::string>());
    static_cast<void>(evidence::open_checkpoint(Client{token}.download("/log/checkpoint"), token.log));
    return token;
}

}  // namespace

Exit command_login(const std::string& file, const Terminal& terminal) {
    const char* variable = std::getenv("ANNEXA_TOKEN");
    std::string text;
    if (!file.empty()) text = read_token_text(file);
    else if (variable != nullptr && *variable != '\0') text = variable;
    else throw evidence::error("login: give --token-file FILE, --token-file - for standard input, or set ANNEXA_TOKEN");
    const evidence::Token given = evidence::parse_token(text);
    demand_person(given);
    const evidence::Token token = sign_in(given);
    const std::filesystem::path path = configuration_path();
    write_token(path, token);
    terminal.out << "logged in to " << terminal::printable(token.url) << " as " << terminal::printable(token.role) << "; CA fingerprint " << token.ca_fingerprint().hex() << "; kept in " << path.string() << '\n';
    return Exit::fine;
}

}  // namespace annexa::cli
