#include "server-stub/api/routes.hpp"

namespace annexa::store {
namespace {

constexpr std::size_t small_body = std::size_t{64} << 10;

constexpr std::size_t large_body = std::size_t{8} << 20;

constexpr std::size_t largest_file = std::size_t{100} << 20;

constexpr Route routes[] = {
    {"GET", "/api/v1/status", Listener::people, Access::read, 0, get_status},
    {"GET", "/api/v1/hosts", Listener::people, Access::read, 0, get_hosts},
    {"POST", "/api/v1/hosts/{host}/acknowledgement", Listener::people, Access::approve, small_body,
     post_acknowledgement},
    {"GET", "/api/v1/checks", Listener::people, Access::read, 0, get_checks},
    {"GET", "/api/v1/findings", Listener::people, Access::read, 0, get_findings},
    {"GET", "/api/v1/evidence", Listener::people, Access::read, 0, get_evidence},
    {"GET", "/api/v1/evidence/{index}", Listener::people, Access::read, 0, get_evidence_entry},
    {"GET", "/api/v1/blobs/{digest}", Listener::people, Access::read, 0, get_blob},
    {"GET", "/api/v1/policies", Listener::people, Access::read, 0, get_policies},
    {"GET", "/api/v1/policies/{pack}", Listener::people, Access::read, 0, get_policy},
    {"PUT", "/api/v1/policies/{pack}", Listener::people, Access::edit, large_body, put_policy},
    {"PUT", "/api/v1/policies/{pack}/adoption", Listener::people, Access::approve, small_body, put_adoption},
    {"GET", "/api/v1/isms/kinds", Listener::people, Access::read, 0, get_isms_kinds},
    {"GET", "/api/v1/isms/records", Listener::people, Access::read, 0, get_isms_records},
    {"GET", "/api/v1/isms/records/{id}", Listener::people, Access::read, 0, get_isms_record},
    {"POST", "/api/v1/isms/changes", Listener::people, Access::read, large_body,
     post_isms_changes},  // the kind says who may
    {"POST", "/api/v1/isms/records/{id}/approval", Listener::people, Access::approve, small_body, post_isms_approval},
    {"POST", "/api/v1/isms/records/{id}/erasure", Listener::people, Access::administer, small_body, post_isms_erasure},
    {"POST", "/api/v1/isms/records/{id}/actions/{action}", Listener::people, Access::read, small_body,
     post_isms_action},
    {"GET", "/api/v1/isms/gaps", Listener::people, Access::read, 0, get_isms_gaps},
    {"GET", "/api/v1/isms/due", Listener::people, Access::read, 0, get_isms_due},
    {"GET", "/api/v1/isms/soa", Listener::people, Access::read, 0, get_soa},
    {"GET", "/api/v1/isms/soa/differences", Listener::people, Access::read, 0, get_soa_differences},
    {"PUT", "/api/v1/files/{sha256}", Listener::people, Access::read, largest_file, put_file},  // who edits or audits
    {"GET", "/api/v1/files/{sha256}", Listener::people, Access::read, 0, get_file},
    {"GET", "/api/v1/waivers", Listener::people, Access::read, 0, get_waivers},
    {"POST", "/api/v1/waivers", Listener::people, Access::edit, small_body, post_waiver},
    {"POST", "/api/v1/waivers/{id}/decision", Listener::people, Access::edit, small_body, post_waiver_decision},
    {"GET", "/api/v1/accounts", Listener::people, Access::read, 0, get_accounts},
    {"POST", "/api/v1/accounts", Listener::people, Access::administer, small_body, post_account},
    {"POST", "/api/v1/accounts/{account}/invitation", Listener::people, Access::administer, small_body,
     post_account_invitation},
    {"PUT", "/api/v1/accounts/{account}/role", Listener::people, Access::administer, small_body, put_account_role},
    {"PUT", "/api/v1/accounts/{account}/state", Listener::people, Access::administer, small_body, put_account_state},
    {"GET", "/api/v1/tokens", Listener::people, Access::read, 0, get_own_tokens},
    {"POST", "/api/v1/tokens", Listener::people, Access::read, small_body, post_own_token},
    {"DELETE", "/api/v1/tokens/{id}", Listener::people, Access::read, 0, delete_own_token},
};

}  // namespace

std::span<const Route> api_routes() { return routes; }

}  // namespace annexa::store
