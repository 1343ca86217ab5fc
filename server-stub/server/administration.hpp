// What administers a store on its own machine: one list of commands, run by the server for its admin socket and, where no
// server runs, by the command itself under the store's exclusive lock. Requests and answers are JSON.
//
//     {"command":"token_create","arguments":{…}}   →   {"result":…}   or   {"error":"a sentence"}
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>
#include <string_view>

namespace annexa::store {

struct Server;

struct AdminCommand {
    std::string_view name;
    nlohmann::json (*run)(Server&, const nlohmann::json& arguments);  // throws evidence::error in words for the administrator
};

std::span<const AdminCommand> token_commands();  // token_create, token_list, token_revoke
std::span<const AdminCommand> host_commands();   // host_list, host_retire, host_revoke

/// Runs one request. Throws nothing: what goes wrong is in the answer.
std::string administer(Server& server, std::string_view request) noexcept;

}  // namespace annexa::store
