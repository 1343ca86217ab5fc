// Whether a package asked for a reboot: /run/reboot-required and the packages that asked. The flag is set by hooks of some
// packages only; without one of them its absence says nothing, so the table says whether there is one.
#include "collectors/collector.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"required", Type::boolean, "Whether a reboot was asked for since the last one"},
    {"packages", Type::text, "Packages that asked, sorted; empty where they did not say"},
    {"since", Type::integer, "When it was first asked, Unix seconds; null where it was not", Trait::nullable},
    {"mechanism", Type::text, "The hook that would set the flag; empty where there is none and the flag means nothing"},
};
constexpr TableDefinition tables[] = {
    {"reboot_required", "Whether a package asked for a reboot, one row", columns},
};

std::vector<Table> collect(Host& host) {
    (void)running_kernel(host);  // /run is a running system's
    Files& files = host.files;
    const auto flag = files.status("/run/reboot-required");
    std::vector<std::string> packages;
    if (const auto file = files.read("/run/reboot-required.pkgs"))
        for (const text::Line& line : text::lines(file->text)) packages.emplace_back(line.text);
    std::sort(packages.begin(), packages.end());
    packages.erase(std::unique(packages.begin(), packages.end()), packages.end());
    std::string names;
    for (const std::string& package : packages) names += (names.empty() ? "" : " ") + package;
    std::string mechanism;
    for (const char* hook : {"/usr/share/update-notifier/notify-reboot-required", "/etc/kernel/postinst.d/update-notifier",
                             "/etc/kernel/postinst.d/unattended-upgrades", "/etc/kernel/postinst.d/reboot-notifier"})
        if (mechanism.empty() && files.status(hook)) mechanism = hook;
    if (!flag && mechanism.empty() && !files.status("/var/lib/dpkg/status"))
        throw not_applicable(Reason::not_installed, "nothing on this host would set /run/reboot-required");
    Table table = make_table(tables[0]);
    table.rows.push_back({flag.has_value(), names, flag ? Value{flag->modified} : Value{}, mechanism});
    return {table};
}

}  // namespace

extern constexpr Collector reboot_required{.name = "reboot_required",
                                           .version = 1,
                                           .tables = tables,
                                           .needs = Capability::none,
                                           .cost = Cost::fast,
                                           .reads_images = false,
                                           .runs_programs = false,
                                           .sources = "/run/reboot-required, /run/reboot-required.pkgs",
                                           .collect = collect};

}  // namespace annexa::collectors
