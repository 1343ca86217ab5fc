#include "server-stub/evaluation/host_accounts.hpp"

#include "evidence/table.hpp"
#include "server-stub/evaluation/host_collectors.hpp"

#include <algorithm>

namespace annexa::store {

AccountsOnHosts accounts_on_hosts(const Store& store, const Blobs& blobs, std::span<const Host> hosts,
                                  const AsOf& as_of) {
    AccountsOnHosts accounts;
    TableReader tables{blobs};
    for (const Host& host : hosts) {
        const HostCollectors collectors = read_collectors(store, host.id, as_of.at, as_of.known_at);
        const auto users = collectors.states.find("users");
        if (users == collectors.states.end() || !users->second.last_ok) continue;
        for (const evidence::TableRef& ref : users->second.last_ok->result.tables) {
            if (ref.name != "users") continue;
            const std::shared_ptr<const evidence::Table> table = tables.read(ref);
            if (table == nullptr) continue;
            const auto column = std::find_if(table->columns.begin(), table->columns.end(),
                                             [](const evidence::ColumnType& each) { return each.name == "username"; });
            if (column == table->columns.end()) continue;
            const auto at = static_cast<std::size_t>(column - table->columns.begin());
            for (const evidence::Row& row : table->rows)
                if (const auto* name = std::get_if<std::string>(&row.at(at))) accounts[*name].insert(host.name);
        }
    }
    return accounts;
}

}  // namespace annexa::store
