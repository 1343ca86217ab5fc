// What a collector is: a name, tables with their schema, what it needs, and one function from a host to tables.
//
// A collector reads the machine through Host alone. It returns tables or throws; it need not catch: the runner makes an
// `error` with a reason of whatever is thrown (host_error names its own reason, anything else is `internal`), and a
// `not_applicable` of not_applicable. Add one in an hour: collectors/README.md.
#pragma once

#include "collectors/host.hpp"
#include "evidence/reason.hpp"
#include "evidence/table.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace annexa::collectors {

using evidence::Column;
using evidence::make_table;
using evidence::Row;
using evidence::Table;
using evidence::TableDefinition;
using evidence::Trait;
using evidence::Type;
using evidence::Value;

/// Capabilities that a collector's child keeps, the least of capabilities(7) that serve.
enum class Capability : unsigned { none = 0, dac_read_search = 1, sys_ptrace = 2, net_admin = 4, audit_control = 8 };
constexpr Capability operator|(Capability a, Capability b) {
    return static_cast<Capability>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool has(Capability all, Capability one) { return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0; }

enum class Cost { fast, deep };  // deep: daily, at idle I/O priority, counted apart

struct Collector {
    std::string_view name;
    int version = 1;                           // rises whenever the same machine would yield another table
    std::span<const TableDefinition> tables{};  // all that it returns, in this order
    Capability needs = Capability::none;
    Cost cost = Cost::fast;
    bool reads_images = true;                  // false: under --root it is not_applicable, needs_running_system
    bool runs_programs = false;                // true: its child may exec what Programs permits; others may exec nothing
    std::string_view sources{};                // for people: "/etc/login.defs, on SUSE also /usr/etc/login.defs"
    std::vector<Table> (*collect)(Host&) = nullptr;
};

/// The one list of all collectors, in the order in which they run (collectors/all.cpp).
std::span<const Collector* const> all_collectors();

}  // namespace annexa::collectors
