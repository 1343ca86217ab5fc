// Programs and libraries that run although their files were replaced: executable mappings in /proc/PID/maps that the
// kernel calls deleted. Memory files, shared memory and what lies in /tmp, /var/tmp, /dev and /run are no libraries.
#include "collectors/collector.hpp"
#include "collectors/support/processes.hpp"
#include "collectors/support/text.hpp"

#include <set>

namespace annexa::collectors {
namespace {

constexpr Column running_columns[] = {
    {"program", Type::text, "File of a program that runs"},
};
constexpr Column deleted_columns[] = {
    {"program", Type::text, "File of the program that still uses it"},
    {"path", Type::text, "File as it was called before it was replaced"},
};
constexpr TableDefinition tables[] = {
    {"running_code", "Programs whose processes were looked at, one row a program", running_columns},
    {"deleted_libraries", "Replaced programs and libraries that are still in use, one row a program and file", deleted_columns},
};

constexpr std::string_view deleted = " (deleted)";
constexpr std::size_t most_maps_bytes = std::size_t{32} << 20;

bool is_library(std::string_view path) {
    for (const std::string_view other : {"/memfd:", "/tmp/", "/var/tmp/", "/dev/", "/run/", "/SYSV", "/[aio]", "/anon_hugepage", "/drm", "/i915"})
        if (path.starts_with(other)) return false;
    return path.starts_with('/');
}

// "7f… r-xp 00000000 fd:01 1234   /usr/lib/libssl.so.3 (deleted)"
void look_at(std::string_view maps, const std::string& program, std::set<std::pair<std::string, std::string>>& found) {
    for (const text::Line& line : text::lines(maps)) {
        if (!line.text.ends_with(deleted)) continue;
        const std::size_t path = line.text.find('/');
        const auto words = text::words(line.text.substr(0, path == std::string_view::npos ? 0 : path));
        if (words.size() != 5 || words[1].size() < 3 || words[1][2] != 'x') continue;
        const std::string_view name = line.text.substr(path, line.text.size() - path - deleted.size());
        if (is_library(name)) found.emplace(program, name);
    }
}

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    std::set<std::string> programs;
    std::set<std::pair<std::string, std::string>> found;
    for (const std::string& number : process_numbers(kernel)) {
        try {
            auto program = kernel.read_link("/proc/" + number + "/exe");
            if (!program || program->empty()) continue;  // a thread of the kernel
            if (program->ends_with(deleted)) program->resize(program->size() - deleted.size());
            const auto maps = kernel.read("/proc/" + number + "/maps", most_maps_bytes);
            if (!maps) continue;
            programs.insert(*program);
            look_at(*maps, *program, found);
        } catch (const host_error& failure) {
            if (failure.reason() == Reason::permission_denied) throw;  // what was not looked at may be old
        }
    }
    Table running = make_table(tables[0]);
    for (const std::string& program : programs) running.rows.push_back({program});
    Table old = make_table(tables[1]);
    for (const auto& [program, path] : found) old.rows.push_back({program, path});
    return {running, old};
}

}  // namespace

extern constexpr Collector deleted_libraries{.name = "deleted_libraries",
                                             .version = 1,
                                             .tables = tables,
                                             .needs = Capability::sys_ptrace | Capability::dac_read_search,
                                             .cost = Cost::fast,
                                             .reads_images = false,
                                             .runs_programs = false,
                                             .sources = "/proc/*/maps, /proc/*/exe",
                                             .collect = collect};

}  // namespace annexa::collectors
