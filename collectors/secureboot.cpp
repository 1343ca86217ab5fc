// Secure boot as the firmware says, and the kernel's lockdown that should follow from it (kernel_lockdown(7)).
//
// efivars: four bytes of attributes, then the variable's one byte (UEFI specification, 3.3 Globally Defined Variables).
#include "collectors/collector.hpp"
#include "collectors/support/text.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"secure_boot", Type::integer, "1 where the firmware boots only what is signed"},
    {"setup_mode", Type::integer, "1 where anybody may still enrol a platform key: nothing is protected"},
    {"lockdown", Type::text, "none, integrity, confidentiality; empty where the kernel does not say"},
};
constexpr TableDefinition tables[] = {
    {"secureboot", "Secure boot and lockdown, one row", columns},
};

std::int64_t variable(Kernel& kernel, const std::string& name) {
    const std::string path = "/sys/firmware/efi/efivars/" + name + "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    const auto bytes = kernel.read(path, 64);
    if (!bytes) return 0;  // a firmware without secure boot has no such variable
    if (bytes->size() != 5)
        throw host_error(Reason::malformed_source, path + ": expected four bytes of attributes and one of value");
    return (*bytes)[4] == 1 ? 1 : 0;
}

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    if (!kernel.list("/sys/firmware/efi"))
        throw not_applicable(Reason::not_present, "this host was not started by UEFI: there is no secure boot");
    if (!kernel.list("/sys/firmware/efi/efivars"))
        throw host_error(Reason::unreadable_source, "/sys/firmware/efi/efivars: is not there (is efivarfs mounted?)");
    std::string lockdown;
    const std::string modes = kernel.read("/sys/kernel/security/lockdown").value_or("");
    for (const std::string_view word : text::words(modes))
        if (word.starts_with('[') && word.ends_with(']')) lockdown = word.substr(1, word.size() - 2);
    Table table = make_table(tables[0]);
    table.rows.push_back({variable(kernel, "SecureBoot"), variable(kernel, "SetupMode"), lockdown});
    return {table};
}

}  // namespace

extern constexpr Collector secureboot{.name = "secureboot",
                                      .tables = tables,
                                      .needs = Capability::dac_read_search,
                                      .reads_images = false,
                                      .sources = "/sys/firmware/efi/efivars, /sys/kernel/security/lockdown",
                                      .collect = collect};

}  // namespace annexa::collectors
