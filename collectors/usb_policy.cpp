// What decides about a USB device that is plugged in, beside the modules of the kernel (module_policy): USBGuard, and
// the kernel's own authorized_default of each host controller (Documentation/usb/authorization.rst).
//
// usbguard-daemon.conf(5): a device that no rule names gets ImplicitPolicyTarget, block unless said otherwise. Its
// rules are not read.
#include "collectors/collector.hpp"
#include "collectors/support/service.hpp"
#include "collectors/support/text.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"method", Type::text, "usbguard, or a host controller: usb1"},
    {"state", Type::text,
     "usbguard: running, stopped, of an image enabled, disabled; a controller: authorized_default as it stands (1, 0, "
     "2, -1)"},
    {"blocks", Type::boolean, "Whether a storage device that nobody allowed is kept out by it"},
    {"source", Type::text, "File and line"},
};
constexpr TableDefinition tables[] = {
    {"usb_policy", "What decides about USB devices, one row USBGuard and a row a host controller", columns},
};

constexpr ServiceDescription usbguard{"usbguard", "/usr/sbin/usbguard-daemon", "usbguard-daemon", "usbguard.service"};

std::vector<Table> collect(Host& host) {
    Table table = make_table(tables[0]);
    const Services services{host};
    std::string state = "absent", target = "block", source = "/etc/usbguard/usbguard-daemon.conf";
    if (services.installed(usbguard)) {
        state = services.state(usbguard);
        if (const auto file = host.files.read(source))
            for (const text::Line& line : text::lines(file->text, text::whole_line_comments))
                if (const auto pair = text::split_at(line.text, '='); pair && pair->first == "ImplicitPolicyTarget") {
                    target = pair->second;
                    source = file->path + ":" + std::to_string(line.number);
                }
    }
    table.rows.push_back({std::string{"usbguard"}, state,
                          (state == "running" || state == "enabled") && (target == "block" || target == "reject"),
                          source});
    if (host.kernel != nullptr)
        for (const std::string& name : host.kernel->list("/sys/bus/usb/devices").value_or(std::vector<std::string>{})) {
            if (!name.starts_with("usb")) continue;
            const std::string path = "/sys/bus/usb/devices/" + name + "/authorized_default";
            if (const auto value = host.kernel->read(path)) {
                const std::string word{text::trimmed(*value)};
                table.rows.push_back({name, word, word == "0", path});
            }
        }
    return {table};
}

}  // namespace

extern constexpr Collector usb_policy{
    .name = "usb_policy",
    .tables = tables,
    .needs = Capability::dac_read_search,
    .sources =
        "/etc/usbguard/usbguard-daemon.conf, /proc/*/comm, units of systemd, /sys/bus/usb/devices/*/authorized_default",
    .collect = collect};

}  // namespace annexa::collectors
