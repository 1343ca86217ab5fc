// Modules that the running kernel has loaded: /proc/modules. Which ones could be loaded is in module_policy.
#include "collectors/collector.hpp"
#include "collectors/support/text.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"name", Type::text, "Module, with _ for -"},
    {"size", Type::integer, "Bytes of memory", Trait::changing},
    {"used_by", Type::text, "Modules that use it", Trait::changing},
    {"status", Type::text, "Live, Loading, Unloading", Trait::changing},
    {"address", Type::text, "Always 0x0: where the kernel lies is not told", Trait::changing},
};
constexpr TableDefinition tables[] = {
    {"kernel_modules", "Modules that are loaded, one row a module", columns},
};

std::vector<Table> collect(Host& host) {
    const auto modules = running_kernel(host).read("/proc/modules");
    if (!modules) throw not_applicable(Reason::not_present, "/proc/modules is not there: this kernel loads no modules");
    Table table = make_table(tables[0]);
    for (const text::Line& line : text::lines(*modules)) {
        const auto words = text::words(line.text);
        const auto size = words.size() < 6 ? std::nullopt : text::integer(words[1]);
        if (!size)
            throw host_error(Reason::malformed_source, "/proc/modules:" + std::to_string(line.number) +
                                                           ": expected name, size, users, state and address");
        // the address is where the kernel lies: what defeats its randomisation stays on the host
        table.rows.push_back({std::string{words[0]}, *size, std::string{words[3] == "-" ? "" : words[3]},
                              std::string{words[4]}, std::string{"0x0"}});
    }
    return {table};
}

}  // namespace

extern constexpr Collector kernel_modules{
    .name = "kernel_modules", .tables = tables, .reads_images = false, .sources = "/proc/modules", .collect = collect};

}  // namespace annexa::collectors
