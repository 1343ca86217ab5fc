#include "server-stub/api/routes.hpp"

namespace annexa::store {
namespace {

constexpr std::size_t small_body = std::size_t{64} << 10;

constexpr Route routes[] = {
    {"GET", "/api/v1/status", Listener::people, Access::read, 0, get_status},
    {"GET", "/api/v1/hosts", Listener::people, Access::read, 0, get_hosts},
    {"POST", "/api/v1/hosts/{host}/acknowledgement", Listener::people, Access::approve, small_body, post_acknowledgement},
    {"GET", "/api/v1/checks", Listener::people, Access::read, 0, get_checks},
    {"GET", "/api/v1/findings", Listener::people, Access::read, 0, get_findings},
    {"GET", "/api/v1/evidence", Listener::people, Access::read, 0, get_evidence},
    {"GET", "/api/v1/evidence/{index}", Listener::people, Access::read, 0, get_evidence_entry},
    {"GET", "/api/v1/blobs/{digest}", Listener::people, Access::read, 0, get_blob},
    {"GET", "/api/v1/policies", Listener::people, Access::read, 0, get_policies},
    {"GET", "/api/v1/policies/{pack}", Listener::people, Access::read, 0, get_policy},
    {"PUT", "/api/v1/policies/{pack}/adoption", Listener::people, Access::approve, small_body, put_adoption},
    {"GET", "/api/v1/waivers", Listener::people, Access::read, 0, get_waivers},
    {"POST", "/api/v1/waivers", Listener::people, Access::edit, small_body, post_waiver},
    {"POST", "/api/v1/waivers/{id}/decision", Listener::people, Access::edit, small_body, post_waiver_decision},
};

}  // namespace

std::span<const Route> api_routes() { return routes; }

}  // namespace annexa::store
