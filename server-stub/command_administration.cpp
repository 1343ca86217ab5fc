#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "server-stub/commands.hpp"
#include "server-stub/server/admin_socket.hpp"
#include "server-stub/server/administration.hpp"
#include "server-stub/server/open_store.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {

nlohmann::json administration(const Configuration& configuration, const std::string& command, const nlohmann::json& arguments) {
    const DataFolder folder{configuration.data};
    if (!std::filesystem::exists(folder.database()))
        throw evidence::error(configuration.data.string() + " is no store; annexa-server init makes one, --data or --config says where it is");
    const std::string request = evidence::canonical_json({{"command", command}, {"arguments", arguments}});
    std::optional<std::string> answer = ask_running(folder, request);
    if (!answer) {
        const evidence::SystemClock clock;
        Journal journal{Severity::warning};
        OpenStore store{configuration, journal, clock};
        answer = administer(store.server(), request);
    }
    const nlohmann::json said = evidence::parse_json(*answer, {.bytes = answer->size(), .depth = 32});
    if (said.contains("error")) throw evidence::error(said.at("error").get<std::string>());
    return said.at("result");
}

}  // namespace annexa::store
