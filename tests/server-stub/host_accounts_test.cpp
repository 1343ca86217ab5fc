// Which accounts hosts show, as of a time.
#include "server-stub/evaluation/host_accounts.hpp"
#include "tests/server-stub/machine.hpp"

#include <catch2/catch.hpp>

namespace annexa::store::test {
namespace {

StoredResult accounts(Machine& machine, int second, const std::vector<std::string>& names) {
    evidence::Table table{"users", {{"uid", evidence::Type::integer}, {"username", evidence::Type::text}}, {}};
    for (const std::string& name : names) table.rows.push_back({std::int64_t{1000}, name});
    StoredResult collected = result("users", at(second));
    collected.tables = {machine.hold_table(table)};
    return collected;
}

}  // namespace

TEST_CASE("the accounts of a host are those of its newest list by then, also where a later run failed") {
    Machine machine;
    machine.send(10, {accounts(machine, 10, {"grace", "root"})}, {});
    machine.send(20, {accounts(machine, 20, {"root"})}, {});
    StoredResult failed = result("users", at(30));
    failed.status = evidence::Status::error;
    failed.reason = evidence::Reason::permission_denied;
    machine.send(30, {failed}, {});
    const auto names = [&](int second) {
        const AsOf as_of{at(second), std::nullopt};
        std::set<std::string> found;
        for (const auto& [name, hosts] :
             accounts_on_hosts(machine.store, machine.blobs, hosts_in_scope(machine.store, as_of), as_of)) {
            CHECK(hosts.size() == 1);
            found.insert(name);
        }
        return found;
    };
    CHECK(names(5).empty());
    CHECK(names(15) == std::set<std::string>{"grace", "root"});
    CHECK(names(40) == std::set<std::string>{"root"});
}

}  // namespace annexa::store::test
