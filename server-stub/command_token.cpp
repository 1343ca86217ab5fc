#include "evidence/errors.hpp"
#include "evidence/token.hpp"
#include "policies/duration.hpp"
#include "server-stub/commands.hpp"
#include "terminal/columns.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

namespace annexa::store {

using nlohmann::json;

void command_token_create(const Configuration& configuration, const TokenCreateOptions& options, Format format) {
    json arguments{{"role", options.role}, {"name", options.name}};
    if (options.ttl) {
        const auto lifetime = policies::parse_duration(*options.ttl);
        if (!lifetime) throw evidence::error("--ttl: expected a duration such as 30m, 1h or 7d, found '" + *options.ttl + "'");
        arguments["ttl_s"] = std::chrono::duration_cast<std::chrono::seconds>(*lifetime).count();
    }
    if (options.uses) arguments["uses"] = *options.uses;
    if (options.host) arguments["host"] = *options.host;
    const json made = administration(configuration, "token_create", arguments);
    if (format == Format::json) {
        std::cout << made.dump() << '\n';
        return;
    }
    const std::string text = made.at("token").get<std::string>();
    const evidence::Token token = evidence::parse_token(text);
    std::cout << text << '\n';
    std::cerr << "role " << token.role << ", for " << token.url << ", until " << made.at("expires").get<std::string>() << ", id " << token.id << '\n'
              << "certificate authority SHA-256 " << token.ca_fingerprint().hex() << '\n'
              << "It is shown once. "
              << (token.role == "agent" ? "On the host: annexa-agent enroll reads it from standard input or --token-file."
                                        : "annexa login reads it; or export it as ANNEXA_TOKEN.")
              << '\n';
}

void command_token_list(const Configuration& configuration, Format format) {
    const json tokens = administration(configuration, "token_list", json::object());
    if (format == Format::json) {
        std::cout << tokens.dump() << '\n';
        return;
    }
    terminal::Columns table;
    table.heads = {"ID", "ROLE", "STATE", "EXPIRES", "USES", "NAME"};
    for (const json& token : tokens) {
        const json& allowed = token.at("uses_allowed");
        const std::string of = allowed.is_null() ? std::string{} : "/" + std::to_string(allowed.get<std::uint64_t>());
        table.add({token.at("id").get<std::string>(), token.at("role").get<std::string>(), token.at("state").get<std::string>(),
                   token.at("expires").is_null() ? "never" : token.at("expires").get<std::string>(),
                   std::to_string(token.at("uses").get<std::uint64_t>()) + of, token.at("name").get<std::string>()});
    }
    std::cout << table.text();
}

void command_token_revoke(const Configuration& configuration, const std::string& id, Format format) {
    const json revoked = administration(configuration, "token_revoke", {{"id", id}});
    if (format == Format::json)
        std::cout << revoked.dump() << '\n';
    else
        std::cout << "Revoked token " << id << ".\n";
}

}  // namespace annexa::store
