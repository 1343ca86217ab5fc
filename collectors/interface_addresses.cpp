// Addresses of the network interfaces of this network namespace (getifaddrs(3)): what the scope of a management system
// can be told by, where it is told by network. How an address came there the kernel does not say: type is unknown.
#include "collectors/collector.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"interface", Type::text, "Network interface: eth0"},
    {"address", Type::text, "IPv4 or IPv6 address: 192.0.2.7, 2001:db8::7"},
    {"mask", Type::text, "Its network mask, written as an address"},
    {"broadcast", Type::text, "Broadcast address; empty where there is none"},
    {"point_to_point", Type::text, "The other end; empty where it is no point-to-point interface"},
    {"type", Type::text, "How it was set: unknown, always, as the kernel does not keep it"},
};
constexpr TableDefinition tables[] = {
    {"interface_addresses", "Addresses of network interfaces, one row an address", columns},
};

std::vector<Table> collect(Host& host) {
    Table table = make_table(tables[0]);
    for (const KernelAddress& each : running_kernel(host).addresses())
        table.rows.push_back(
            {each.interface, each.address, each.mask, each.broadcast, each.point_to_point, std::string{"unknown"}});
    return {table};
}

}  // namespace

extern constexpr Collector interface_addresses{.name = "interface_addresses",
                                               .tables = tables,
                                               .reads_images = false,
                                               .sources = "getifaddrs(3)",
                                               .collect = collect};

}  // namespace annexa::collectors
