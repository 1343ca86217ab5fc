// Which hosts are in scope, by what the store holds of them.
#pragma once

#include "policies/scope.hpp"
#include "server-stub/evaluation/host_view.hpp"

#include <vector>

namespace annexa::store {

/// By the rule: with what people tagged, and all that the host ever said of itself by then (names, tags, addresses).
/// A host that never told its addresses is taken out by no network. Reads no more of the host's past than it takes to
/// tell.
bool is_in_scope(const Store& store, const policies::Scope& scope, const Host& host, const AsOf& as_of,
                 TableReader& tables);

/// Of the hosts that were enrolled by then and not retired, those in scope.
std::vector<Host> hosts_in_scope(const Store& store, const Blobs& blobs, const policies::Scope& scope,
                                 const AsOf& as_of);

}  // namespace annexa::store
