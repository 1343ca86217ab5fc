// Mandatory access control: whether AppArmor or SELinux is active and enforces, now and with the next boot.
//
// AppArmor: /sys/module/apparmor/parameters/enabled, and the profiles that are loaded (securityfs). SELinux:
// /sys/fs/selinux/enforce and /etc/selinux/config (selinux(8)). A kernel's command line may switch either off
// (apparmor=0, selinux=0, enforcing=0).
#include "collectors/collector.hpp"
#include "collectors/support/text.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"system", Type::text, "apparmor, selinux"},
    {"active", Type::boolean, "Whether the running kernel uses it"},
    {"mode", Type::text,
     "selinux: enforcing, permissive; apparmor: enforcing where a profile enforces, else complaining or empty; empty "
     "where it is not active"},
    {"configured", Type::text, "selinux: SELINUX= in its configuration; else empty"},
    {"profiles", Type::integer, "AppArmor's profiles that are loaded; 0 for SELinux"},
    {"enforcing", Type::integer, "Those of them that enforce"},
    {"source", Type::text, "What says so"},
};
constexpr Column profile_columns[] = {
    {"name", Type::text, "Profile"},
    {"mode", Type::text, "enforce, complain, kill, unconfined"},
};
constexpr TableDefinition tables[] = {
    {"mandatory_access", "Systems of mandatory access control, one row each", columns},
    {"mandatory_access_profiles", "Profiles of AppArmor that are loaded, one row each", profile_columns},
};

constexpr const char* profiles_path = "/sys/kernel/security/apparmor/profiles";

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    Table systems = make_table(tables[0]);
    Table profiles = make_table(tables[1]);

    const bool apparmor = text::trimmed(kernel.read("/sys/module/apparmor/parameters/enabled").value_or("")) == "Y";
    std::int64_t count = 0, enforcing = 0;
    if (apparmor) {
        const auto loaded = kernel.read(profiles_path, std::size_t{16} << 20);
        if (!loaded)
            throw host_error(
                Reason::unreadable_source,
                std::string{profiles_path} + ": is not there though AppArmor is active (is securityfs mounted?)");
        for (const text::Line& line : text::lines(*loaded)) {
            const std::size_t open = line.text.rfind(" (");
            if (open == std::string_view::npos || !line.text.ends_with(')'))
                throw host_error(Reason::malformed_source, std::string{profiles_path} + ":" +
                                                               std::to_string(line.number) +
                                                               ": expected a profile and its mode");
            const std::string mode{line.text.substr(open + 2, line.text.size() - open - 3)};
            ++count;
            if (mode == "enforce" || mode == "kill") ++enforcing;
            profiles.rows.push_back({std::string{line.text.substr(0, open)}, mode});
        }
    }
    systems.rows.push_back({std::string{"apparmor"}, apparmor,
                            std::string{enforcing > 0 ? "enforcing"
                                        : count > 0   ? "complaining"
                                                      : ""},
                            std::string{}, count, enforcing, std::string{profiles_path}});

    const auto enforce = kernel.read("/sys/fs/selinux/enforce");
    std::string configured, source = "/etc/selinux/config";
    if (const auto config = host.files.read("/etc/selinux/config"))
        for (const text::Line& line : text::lines(config->text, text::whole_line_comments))
            if (const auto pair = text::split_at(line.text, '='); pair && pair->first == "SELINUX") {
                configured = text::lower(pair->second);
                source = config->path + ":" + std::to_string(line.number);
            }
    systems.rows.push_back({std::string{"selinux"}, enforce.has_value(),
                            std::string{!enforce                         ? ""
                                        : text::trimmed(*enforce) == "1" ? "enforcing"
                                                                         : "permissive"},
                            configured, std::int64_t{0}, std::int64_t{0}, source});
    return {systems, profiles};
}

}  // namespace

extern constexpr Collector mandatory_access{
    .name = "mandatory_access",
    .tables = tables,
    .needs = Capability::dac_read_search,
    .reads_images = false,
    .sources =
        "/sys/module/apparmor, /sys/kernel/security/apparmor/profiles, /sys/fs/selinux/enforce, /etc/selinux/config",
    .collect = collect};

}  // namespace annexa::collectors
