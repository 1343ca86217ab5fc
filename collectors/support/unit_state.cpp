#include "collectors/support/unit_state.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

constexpr std::array<std::string_view, 5> folders{"/etc/systemd/system", "/run/systemd/system",
                                                  "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
                                                  "/lib/systemd/system"};

enum class OnDisk { absent, masked, there };

OnDisk on_disk(Files& files, std::string_view unit) {
    for (const std::string_view folder : folders) {
        const std::string path = std::string{folder} + "/" + std::string{unit};
        const auto status = files.status_of_link(path);
        if (!status) continue;
        if (status->kind == FileKind::regular && status->size_bytes == 0) return OnDisk::masked;
        const auto target = files.read_link(path);
        return target && target->ends_with("/dev/null") ? OnDisk::masked : OnDisk::there;
    }
    return OnDisk::absent;
}

bool is_wanted(Files& files, std::string_view unit) {
    for (const std::string_view folder : folders)
        for (const std::string& name : files.list(folder).value_or(std::vector<std::string>{}))
            if ((name.ends_with(".wants") || name.ends_with(".requires")) &&
                files.status_of_link(std::string{folder} + "/" + name + "/" + std::string{unit}))
                return true;
    return false;
}

}  // namespace

std::optional<std::vector<SystemdUnit>> running_units(Host& host) {
    if (host.kernel == nullptr) return std::nullopt;
    try {
        return host.kernel->units();
    } catch (const not_applicable&) {
        return std::nullopt;  // a container without systemd
    }
}

bool is_masked(Files& files, std::string_view unit) { return on_disk(files, unit) == OnDisk::masked; }

bool has_unit(Files& files, std::string_view unit) { return on_disk(files, unit) == OnDisk::there; }

bool is_enabled(Files& files, std::string_view unit) {
    return on_disk(files, unit) == OnDisk::there && is_wanted(files, unit);
}

std::string unit_state(Host& host, const std::optional<std::vector<SystemdUnit>>& units, std::string_view unit) {
    if (units) {
        const auto found =
            std::find_if(units->begin(), units->end(), [&](const SystemdUnit& each) { return each.id == unit; });
        if (found == units->end()) return on_disk(host.files, unit) == OnDisk::masked ? "masked" : "absent";
        if (found->load_state == "masked" || found->unit_file_state == "masked") return "masked";
        if (found->load_state == "not-found") return "absent";
        return found->active_state.empty() ? "inactive" : found->active_state;
    }
    const OnDisk there = on_disk(host.files, unit);
    if (there == OnDisk::absent) return "absent";
    if (host.kernel != nullptr) return "no_systemd";
    if (there == OnDisk::masked) return "masked";
    return is_wanted(host.files, unit) ? "enabled" : "disabled";
}

}  // namespace annexa::collectors
