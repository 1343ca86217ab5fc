// How long the machine has been up, and which boot this is: /proc/uptime and the kernel's boot id.
#include "collectors/collector.hpp"
#include "collectors/support/text.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"days", Type::integer, "Days of uptime", Trait::changing},
    {"hours", Type::integer, "Hours beyond the days", Trait::changing},
    {"minutes", Type::integer, "Minutes beyond the hours", Trait::changing},
    {"seconds", Type::integer, "Seconds beyond the minutes", Trait::changing},
    {"total_seconds", Type::integer, "Seconds of uptime", Trait::changing},
    {"boot_id", Type::text, "The kernel's id of this boot, another one after each"},
};
constexpr TableDefinition tables[] = {
    {"uptime", "Time since the last boot, one row; in evidence only which boot it is", columns},
};

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    const std::string text = kernel.read("/proc/uptime").value_or("");
    const auto total = text::integer(std::string_view{text}.substr(0, text.find('.')));
    if (!total || *total < 0) throw host_error(Reason::malformed_source, "/proc/uptime:1: expected seconds");
    const std::string boot = kernel.read("/proc/sys/kernel/random/boot_id").value_or("");
    Table table = make_table(tables[0]);
    table.rows.push_back(
        {*total / 86400, *total / 3600 % 24, *total / 60 % 60, *total % 60, *total, std::string{text::trimmed(boot)}});
    return {table};
}

}  // namespace

extern constexpr Collector uptime{.name = "uptime",
                                  .tables = tables,
                                  .reads_images = false,
                                  .sources = "/proc/uptime, /proc/sys/kernel/random/boot_id",
                                  .collect = collect};

}  // namespace annexa::collectors
