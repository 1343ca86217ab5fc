// For those who run the server: loopback, or a token.
#include "evidence/canonical_json.hpp"
#include "server-stub/conditions/conditions.hpp"
#include "server-stub/log/log.hpp"
#include "server-stub/metrics/metrics.hpp"
#include "server-stub/server/routes.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

/// The process lives and answers. That it can do its work is /readyz.
Response healthz(Server&, const Request&) { return json_response(R"({"status":"ok"})"); }

Response readyz(Server& server, const Request&) {
    const std::vector<Condition> conditions = judge(look_at(server));
    const bool ready = std::all_of(conditions.begin(), conditions.end(), [](const Condition& c) { return c.kind->ready; });
    nlohmann::json shown = nlohmann::json::array();
    for (const Condition& condition : conditions)
        shown.push_back({{"advice", condition.kind->advice},
                         {"code", condition.kind->code},
                         {"detail", evidence::is_plain_text(condition.detail) ? condition.detail : ""},
                         {"sentence", condition.kind->sentence},
                         {"severity", severity_name(condition.kind->severity)}});
    return json_response(evidence::canonical_json({{"conditions", shown}, {"ready", ready}}), ready ? 200 : 503);
}

Response metrics(Server& server, const Request&) {
    const std::vector<Host> hosts = server.store.hosts();
    const auto in_service = std::count_if(hosts.begin(), hosts.end(), [](const Host& host) { return !host.retired; });
    const std::vector<Condition> conditions = judge(look_at(server));
    return {.status = 200,
            .content_type = "text/plain; version=0.0.4; charset=utf-8",
            .body = server.metrics.text({.log_entries = server.log.head().tree.size, .hosts = static_cast<std::uint64_t>(in_service), .conditions = conditions}),
            .headers = {}};
}

constexpr Route list[] = {
    {"GET", "/healthz", Listener::people, Access::local, 0, healthz},
    {"GET", "/readyz", Listener::people, Access::local, 0, readyz},
    {"GET", "/metrics", Listener::people, Access::local, 0, metrics},
};

}  // namespace

std::span<const Route> operation_routes() { return list; }

}  // namespace annexa::store
