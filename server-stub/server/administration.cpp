#include "server-stub/server/administration.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "server-stub/journal.hpp"
#include "server-stub/server/server.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

const AdminCommand* find(std::string_view name) {
    for (const std::span<const AdminCommand> list : {token_commands(), host_commands()})
        for (const AdminCommand& command : list)
            if (command.name == name) return &command;
    return nullptr;
}

std::string failure(std::string_view sentence) {
    return evidence::canonical_json({{"error", evidence::is_plain_text(sentence) ? sentence : "failed; see the server's journal"}});
}

}  // namespace

std::string administer(Server& server, std::string_view request) noexcept {
    try {
        const nlohmann::json asked = evidence::parse_json(request, {.bytes = 65536, .depth = 8});
        const std::string name = asked.at("command").get<std::string>();
        const AdminCommand* command = find(name);
        if (command == nullptr) return failure("this server has no command '" + name + "': is it of another version?");
        server.journal.info("administration: " + name);
        return evidence::canonical_json({{"result", command->run(server, asked.at("arguments"))}});
    } catch (const nlohmann::json::exception& error) {
        return failure(std::string{"the request is not one of ours: "} + error.what());
    } catch (const std::exception& error) {
        return failure(error.what());
    }
}

}  // namespace annexa::store
