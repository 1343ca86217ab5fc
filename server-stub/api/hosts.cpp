// GET /api/v1/hosts, POST /api/v1/hosts/{host}/acknowledgement.
#include "server-stub/api/arguments.hpp"
#include "server-stub/api/decider.hpp"
#include "server-stub/api/results_json.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/evaluation/status_report.hpp"
#include "server-stub/server/server.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {

using nlohmann::json;

Response get_hosts(Server& server, const Request& request) {
    server.evaluation.catch_up();
    const AsOf as_of = read_as_of(server, request);
    const StatusReport report = status_report(server.store, server.blobs, server.evaluation.rule_books(), as_of);
    std::map<std::string, json> alarms;
    for (const Alarm& alarm : report.alarms) alarms[alarm.host].push_back(alarm_json(alarm));
    json hosts = json::array();
    for (const HostView& view : report.hosts) {
        json states = json::object();
        policies::for_each_state([&](policies::State state) { states[std::string{policies::name(state)}] = 0; });
        for (const CheckView& check : view.checks) {
            json& count = states[std::string{policies::name(check.result.state)}];
            count = count.get<std::size_t>() + 1;
        }
        const auto found = alarms.find(view.host.name);
        hosts.push_back({{"id", view.host.id}, {"name", view.host.name}, {"tags", view.host.tags}, {"enrolment", enrolment_state_name(view.enrolment)},
                         {"enrolled", evidence::to_string(view.host.first_seen)}, {"last_seen", time_json(view.host.last_seen)},
                         {"states", std::move(states)}, {"alarms", found == alarms.end() ? json::array() : found->second}});
    }
    return json_answer({{"at", evidence::to_string(as_of.at)}, {"hosts", std::move(hosts)}});
}

Response post_acknowledgement(Server& server, const Request& request) {
    const json body = read_body(request, {});
    const Host host = find_host(server, request.parameters.at(0));
    const std::uint64_t up_to = server.store.log_head().tree.size - 1;
    acknowledge_host(decider(server, request), host, up_to);
    return json_answer({{"host", host.id}, {"up_to", up_to}}, 201);
}

}  // namespace annexa::store
