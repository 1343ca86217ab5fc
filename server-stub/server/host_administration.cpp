#include "evidence/envelope.hpp"
#include "evidence/errors.hpp"
#include "evidence/record.hpp"
#include "server-stub/log/log.hpp"
#include "server-stub/server/administration.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/server/server.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

using nlohmann::json;

/// By id, or by a name that only one host has.
Host find_host(const Server& server, const std::string& wanted) {
    std::vector<Host> found;
    for (Host& host : server.store.hosts()) {
        if (host.id == wanted) return host;
        if (host.name == wanted) found.push_back(std::move(host));
    }
    if (found.size() == 1) return found.front();
    if (found.empty()) throw evidence::error("there is no host '" + wanted + "'; annexa-server host list shows them");
    std::string ids;
    for (const Host& host : found) ids += " " + host.id;
    throw evidence::error(std::to_string(found.size()) + " hosts are called '" + wanted + "'; name one by its id:" + ids);
}

Enrolment current_enrolment(const Server& server, const Host& host) {
    auto enrolment = server.store.enrolment(host.enrolment);
    if (!enrolment) throw evidence::error("the store has lost the enrolment of " + host.name + ": run annexa-server check");
    return *std::move(enrolment);
}

evidence::Actor actor(const Server& server) { return {.account = server.identity.local_account, .session = evidence::random_uuid()}; }

/// Logs the record and closes the enrolment with it; the record's index.
std::uint64_t log_closing(Server& server, const std::string& payload, const EnrolmentClosed& closed) {
    const evidence::Envelope envelope = evidence::seal(payload, server.record_key);
    return server.log.append({LogEntry{.bytes = evidence::entry(envelope), .change = closed}}).at(0);
}

json list(Server& server, const json&) {
    json shown = json::array();
    for (const Host& host : server.store.hosts()) {
        const Enrolment enrolment = current_enrolment(server, host);
        shown.push_back({{"compromised_since", enrolment.compromised_since ? json(*enrolment.compromised_since) : json()},
                         {"enrolled", evidence::to_string(enrolment.made_at)},
                         {"enrolment", enrolment.id.hex()},
                         {"id", host.id},
                         {"index", enrolment.index},
                         {"key", enrolment.key_id.hex()},
                         {"last_seen", host.last_seen ? json(evidence::to_string(*host.last_seen)) : json()},
                         {"name", host.name},
                         {"sequence", enrolment.head.sequence},
                         {"state", enrolment_state_name(enrolment.state)},
                         {"tags", host.tags}});
    }
    return shown;
}

json retire(Server& server, const json& arguments) {
    const Host host = find_host(server, arguments.at("host").get<std::string>());
    if (host.retired) throw evidence::error(host.name + " is retired already");
    const Enrolment enrolment = current_enrolment(server, host);
    const evidence::Instant now = server.clock.now();
    const evidence::RetirementRecord record{.enrolment = enrolment.id, .host_id = host.id, .actor = actor(server), .made_at = now};
    const std::uint64_t index =
        log_closing(server, evidence::serialise(record),
                    {.enrolment = enrolment.id, .state = EnrolmentState::retired, .compromised_since = enrolment.compromised_since, .at = now});
    return {{"host", host.id}, {"index", index}, {"name", host.name}, {"state", "retired"}};
}

json revoke(Server& server, const json& arguments) {
    const Host host = find_host(server, arguments.at("host").get<std::string>());
    const Enrolment enrolment = current_enrolment(server, host);
    if (enrolment.state == EnrolmentState::revoked) throw evidence::error("the key of " + host.name + " is revoked already");
    std::optional<std::uint64_t> since;
    if (arguments.contains("compromised_since")) since = arguments.at("compromised_since").get<std::uint64_t>();
    const std::uint64_t size = server.log.head().tree.size;
    if (since && *since >= size)
        throw evidence::error("--compromised-since: the log has " + std::to_string(size) + " entries; expected the index of one of them");
    const evidence::Instant now = server.clock.now();
    const evidence::RevocationRecord record{.enrolment = enrolment.id,
                                            .host_id = host.id,
                                            .key_id = enrolment.key_id,
                                            .compromised_since = since,
                                            .actor = actor(server),
                                            .made_at = now};
    const std::uint64_t index = log_closing(server, evidence::serialise(record),
                                            {.enrolment = enrolment.id, .state = EnrolmentState::revoked, .compromised_since = since, .at = now});
    return {{"compromised_since", since ? json(*since) : json()}, {"host", host.id}, {"index", index}, {"name", host.name}, {"state", "revoked"}};
}

constexpr AdminCommand commands[] = {{"host_list", list}, {"host_retire", retire}, {"host_revoke", revoke}};

}  // namespace

std::span<const AdminCommand> host_commands() { return commands; }

}  // namespace annexa::store
