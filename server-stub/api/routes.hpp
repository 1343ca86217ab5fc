// The routes below /api/v1: everything that people and the `annexa` command use. One file a subject; this lists them.
#pragma once

#include "server-stub/http/router.hpp"

#include <nlohmann/json_fwd.hpp>

#include <span>

namespace annexa::store {

std::span<const Route> api_routes();

// controls.cpp
Response get_status(Server& server, const Request& request);
Response get_period_status(Server& server, const Request& request);  // get_status() with from= and to=
// hosts.cpp
Response get_hosts(Server& server, const Request& request);
Response post_acknowledgement(Server& server, const Request& request);
// checks.cpp
Response get_checks(Server& server, const Request& request);
Response get_findings(Server& server, const Request& request);
// evidence.cpp
Response get_evidence(Server& server, const Request& request);
Response get_evidence_entry(Server& server, const Request& request);
Response get_blob(Server& server, const Request& request);
// policies.cpp
Response get_policies(Server& server, const Request& request);
Response get_policy(Server& server, const Request& request);
Response put_policy(Server& server, const Request& request);
Response put_adoption(Server& server, const Request& request);
// isms.cpp
Response get_isms_kinds(Server& server, const Request& request);
Response get_isms_records(Server& server, const Request& request);
Response get_isms_record(Server& server, const Request& request);
Response post_isms_changes(Server& server, const Request& request);
Response post_isms_approval(Server& server, const Request& request);
Response post_isms_erasure(Server& server, const Request& request);
Response post_isms_action(Server& server, const Request& request);
Response get_isms_gaps(Server& server, const Request& request);
Response get_isms_due(Server& server, const Request& request);
// soa.cpp
Response get_soa(Server& server, const Request& request);
Response get_soa_differences(Server& server, const Request& request);
// files.cpp
Response put_file(Server& server, const Request& request);
Response get_file(Server& server, const Request& request);
// waivers.cpp
Response get_waivers(Server& server, const Request& request);
Response post_waiver(Server& server, const Request& request);
Response post_waiver_decision(Server& server, const Request& request);
// accounts.cpp
Response get_accounts(Server& server, const Request& request);
Response post_account(Server& server, const Request& request);
Response post_account_invitation(Server& server, const Request& request);
Response put_account_role(Server& server, const Request& request);
Response put_account_state(Server& server, const Request& request);
/// The member `role` of a body. Throws coded_error `schema`.
Roles body_roles(const nlohmann::json& body);
// own_tokens.cpp
Response get_own_tokens(Server& server, const Request& request);
Response post_own_token(Server& server, const Request& request);
Response delete_own_token(Server& server, const Request& request);

}  // namespace annexa::store
