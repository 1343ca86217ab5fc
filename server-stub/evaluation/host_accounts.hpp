// Which accounts the hosts show: who left the organization is compared with them.
#pragma once

#include "server-stub/evaluation/host_view.hpp"

#include <map>
#include <set>
#include <span>
#include <string>

namespace annexa::store {

/// Login name → names of the hosts whose newest list of accounts holds it. A host without such a list says nothing.
using AccountsOnHosts = std::map<std::string, std::set<std::string>, std::less<>>;

AccountsOnHosts accounts_on_hosts(const Store& store, const Blobs& blobs, std::span<const Host> hosts,
                                  const AsOf& as_of);

}  // namespace annexa::store
