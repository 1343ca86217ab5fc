// What agents ask. The identity is that of the TLS session; the routes that have none check what they are sent.
#include "evidence/receipt.hpp"
#include "server-stub/enrolment/registrar.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/ingest/ingest.hpp"
#include "server-stub/server/routes.hpp"
#include "server-stub/server/server.hpp"

namespace annexa::store {
namespace {

// A table's limit is of its canonical bytes; zstd makes what cannot be compressed a little longer.
constexpr std::size_t largest_table_body = (std::size_t{16} << 20) + 65536;
constexpr std::size_t largest_envelope_body = 65535;

Response enrol(Server& server, const Request& request) {
    std::string answer = server.registrar.enrol(request.bearer(), request.body);
    server.evaluation.wake();
    return json_response(std::move(answer));
}

Response renew(Server& server, const Request& request) { return json_response(server.registrar.renew(request.body)); }

Response put_table(Server& server, const Request& request) {
    const std::string_view name = request.argument("name").value_or("");
    const Ingest::Put put = server.ingest.put_table(request.client.host_id, request.parameters.at(0), name, request.body);
    return json_response("{}", put == Ingest::Put::stored ? 201 : 200);
}

Response submit(Server& server, const Request& request) {
    Response receipt = json_response(server.ingest.submit(request.client.host_id, request.body));
    server.evaluation.wake();
    return receipt;
}

constexpr Route list[] = {
    {"POST", "/agent/v1/enroll", Listener::agents, Access::credential, largest_envelope_body, enrol},
    {"POST", "/agent/v1/renew", Listener::agents, Access::credential, largest_envelope_body, renew},
    {"PUT", "/agent/v1/tables/{sha256}", Listener::agents, Access::agent, largest_table_body, put_table},
    {"POST", "/agent/v1/statements", Listener::agents, Access::agent, evidence::largest_upload_bytes, submit},
};

}  // namespace

std::span<const Route> agent_routes() { return list; }

}  // namespace annexa::store
