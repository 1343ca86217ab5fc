#include "server-stub/commands.hpp"
#include "terminal/columns.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

namespace annexa::store {

using nlohmann::json;

void command_host_list(const Configuration& configuration, Format format) {
    const json hosts = administration(configuration, "host_list", json::object());
    if (format == Format::json) {
        std::cout << hosts.dump() << '\n';
        return;
    }
    terminal::Columns table;
    table.heads = {"NAME", "STATE", "STATEMENTS", "LAST SEEN", "ENROLLED", "ID"};
    for (const json& host : hosts) {
        const json& seen = host.at("last_seen");
        table.add({host.at("name").get<std::string>(), host.at("state").get<std::string>(), std::to_string(host.at("sequence").get<std::uint64_t>()),
                   seen.is_null() ? "never" : seen.get<std::string>(), host.at("enrolled").get<std::string>(), host.at("id").get<std::string>()});
    }
    std::cout << table.text();
    if (hosts.empty()) std::cerr << "No host is enrolled. annexa-server token create --role agent makes a token for one.\n";
}

void command_host_retire(const Configuration& configuration, const std::string& host, Format format) {
    const json retired = administration(configuration, "host_retire", {{"host", host}});
    if (format == Format::json)
        std::cout << retired.dump() << '\n';
    else
        std::cout << "Retired " << retired.at("name").get<std::string>() << " (log index " << retired.at("index").get<std::uint64_t>()
                  << "). Its evidence stays; nothing more is taken from it.\n";
}

void command_host_revoke(const Configuration& configuration, const std::string& host, std::optional<std::uint64_t> compromised_since, Format format) {
    json arguments{{"host", host}};
    if (compromised_since) arguments["compromised_since"] = *compromised_since;
    const json revoked = administration(configuration, "host_revoke", arguments);
    if (format == Format::json) {
        std::cout << revoked.dump() << '\n';
        return;
    }
    std::cout << "Revoked the key of " << revoked.at("name").get<std::string>() << " (log index " << revoked.at("index").get<std::uint64_t>() << "). ";
    if (compromised_since)
        std::cout << "Its results from log index " << *compromised_since << " on count as error. ";
    std::cout << "To enrol it anew: annexa-server token create --role agent --host " << revoked.at("host").get<std::string>() << '\n';
}

}  // namespace annexa::store
