// What a status rests on beside the evidence of hosts: what people recorded, and what the store's own records show.
#pragma once

#include "policies/status_inputs.hpp"
#include "server-stub/evaluation/status_report.hpp"

#include <vector>

namespace annexa::store {

/// What people recorded, as of then: facts from documents and records, the Statement of Applicability's exclusions,
/// conclusions and the scope. Where nothing is recorded every control lacks its records, none is excluded, and every
/// enrolled host that is not retired is in scope.
policies::StatusInputs status_inputs(const Store& store, const Blobs& blobs, const AsOf& as_of);

/// What the store itself can answer for controls that its own records serve (policies/expected_evidence.hpp). Of the
/// report the times, rules, hosts in scope and `log_doubted` must be there.
///
///   A.5.3          record  the newest waiver that one person asked for and another decided
///   A.5.9          record  the hosts as their agents report them; not approved: a person says that the list is whole
///   A.5.28 A.5.33  record  the newest statement in the log; not approved while a host saw a log that does not fit
///   A.8.9          rule    each pack that a person adopted
std::vector<policies::RecordFact> record_facts(const Store& store, const Blobs& blobs, const StatusReport& report);

}  // namespace annexa::store
