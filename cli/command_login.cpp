// annexa login: tries a token and keeps it.
#include "cli/commands.hpp"
#include "cli/configuration.hpp"
#include "cli/text.hpp"
#include "evidence/checkpoint.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <ostream>

namespace annexa::cli {

Exit command_login(const std::string& file, const Terminal& terminal) {
    const char* variable = std::getenv("ANNEXA_TOKEN");
    std::string text;
    if (!file.empty()) text = read_token_text(file);
    else if (variable != nullptr && *variable != '\0') text = variable;
    else throw evidence::error("login: give --token-file FILE, --token-file - for standard input, or set ANNEXA_TOKEN");
    const evidence::Token token = evidence::parse_token(text);
    if (token.role == "agent") throw evidence::error("this token enrols an agent and opens nothing to people; ask for one of role reader or higher");
    Client client{token};
    // A refusal here says that the token is not good before it is kept; the checkpoint, that the store has the log key it names.
    static_cast<void>(evidence::open_checkpoint(client.download("/log/checkpoint"), token.log));
    const std::filesystem::path path = configuration_path();
    write_token(path, token);
    terminal.out << "logged in to " << terminal::printable(token.url) << " as " << terminal::printable(token.role) << "; CA fingerprint " << token.ca_fingerprint().hex() << "; kept in " << path.string() << '\n';
    return Exit::fine;
}

}  // namespace annexa::cli
