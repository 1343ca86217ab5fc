#include "collectors/host.hpp"

#include "collectors/support/text.hpp"

#include <array>

namespace annexa::collectors {
namespace {

/// Of several folders, the drop-ins in effect: file name → path, later folders hiding their namesakes in earlier ones.
using DropIns = std::map<std::string, std::string, std::less<>>;

void add_drop_ins(DropIns& drop_ins, Files& files, const std::string& folder, std::string_view suffix) {
    for (const std::string& name : files.list(folder).value_or(std::vector<std::string>{}))
        if (!name.starts_with('.') && name.ends_with(suffix) && name.size() > suffix.size())
            drop_ins.insert_or_assign(name, folder + "/" + name);
}

bool is_masked(Files& files, const std::string& path) {
    const std::optional<std::string> target = files.read_link(path);
    if (!target) return false;
    if (*target == "/dev/null" || target->ends_with("/../dev/null")) return true;
    const std::optional<FileStatus> status = files.status(path);
    return status && status->kind == FileKind::character;
}

void read_drop_ins(std::vector<File>& into, Files& files, const DropIns& drop_ins) {
    for (const auto& [name, path] : drop_ins) {
        if (is_masked(files, path)) continue;
        const std::optional<FileStatus> status = files.status(path);
        if (status && status->kind == FileKind::directory) continue;
        if (std::optional<File> file = files.read(path)) into.push_back(std::move(*file));
    }
}

// Of increasing weight.
constexpr std::array<std::string_view, 4> systemd_roots{"/usr/lib/", "/usr/local/lib/", "/run/", "/etc/"};

}  // namespace

std::vector<File> Files::read_layers(std::string_view name) {
    const std::string vendor = "/usr/etc/" + std::string{name};
    const std::string local = "/etc/" + std::string{name};
    std::vector<File> result;
    std::optional<File> main = read(local);
    if (!main) main = read(vendor);
    if (main) result.push_back(std::move(*main));

    const std::size_t dot = name.rfind('.');
    const std::string_view suffix = dot == std::string_view::npos ? std::string_view{} : name.substr(dot);
    DropIns drop_ins;
    add_drop_ins(drop_ins, *this, vendor + ".d", suffix);
    add_drop_ins(drop_ins, *this, local + ".d", suffix);
    read_drop_ins(result, *this, drop_ins);
    return result;
}

std::vector<File> Files::read_systemd_layers(std::string_view name, std::string_view suffix) {
    std::vector<File> result;
    for (auto root = systemd_roots.rbegin(); root != systemd_roots.rend(); ++root) {
        const std::string path = std::string{*root} + std::string{name};
        if (!status_of_link(path)) continue;
        if (std::optional<File> file = is_masked(*this, path) ? std::nullopt : read(path))
            result.push_back(std::move(*file));
        break;
    }
    for (File& file : read_systemd_folders(std::string{name} + ".d", suffix)) result.push_back(std::move(file));
    return result;
}

std::vector<File> Files::read_systemd_folders(std::string_view folder, std::string_view suffix) {
    DropIns drop_ins;
    for (const std::string_view root : systemd_roots)
        add_drop_ins(drop_ins, *this, std::string{root} + std::string{folder}, suffix);
    std::vector<File> result;
    read_drop_ins(result, *this, drop_ins);
    return result;
}

Kernel& running_kernel(Host& host) {
    if (host.kernel == nullptr)
        throw not_applicable(Reason::needs_running_system, "only a running system can tell; this is an image");
    return *host.kernel;
}

Programs& permitted_programs(Host& host) {
    if (host.programs == nullptr)
        throw not_applicable(Reason::needs_running_system, "only a running system can tell; this is an image");
    return *host.programs;
}

}  // namespace annexa::collectors
