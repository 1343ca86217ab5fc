// Programs and libraries that run although their files were replaced: executable mappings in /proc/PID/maps that the
// kernel calls deleted. Memory files, shared memory and what lies in /tmp, /var/tmp, /dev and /run are no libraries.
#include "collectors/collector.hpp"
#include "collectors/support/processes.hpp"
#include "collectors/support/text.hpp"

#include <charconv>
#include <cstdint>
#include <set>

namespace annexa::collectors {
namespace {

constexpr Column running_columns[] = {
    {"program", Type::text, "File of a program that runs; its bare name where the kernel refuses to show it"},
    {"looked_at", Type::boolean, "False where the kernel refuses to show what it runs on, in spite of the privilege for it"},
};
constexpr Column deleted_columns[] = {
    {"program", Type::text, "File of the program that still uses it"},
    {"path", Type::text, "File as it was called before it was replaced"},
};
constexpr TableDefinition tables[] = {
    {"running_code", "Programs that run, one row a program", running_columns},
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

/// Whether this process may look into every other (CAP_SYS_PTRACE, bit 19 of capabilities(7)): a refusal is then the kernel's
/// last word on one process, a sandbox's or a hardened one, and nothing that root could change.
bool may_look_into_all(Kernel& kernel) {
    constexpr std::string_view field = "CapEff:";
    constexpr unsigned ptrace_bit = 19;
    const auto status = kernel.read("/proc/self/status");
    if (!status) return false;
    for (const text::Line& line : text::lines(*status)) {
        if (!line.text.starts_with(field)) continue;
        const std::string_view digits = text::trimmed(line.text.substr(field.size()));
        std::uint64_t capabilities = 0;
        const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), capabilities, 16);
        return code == std::errc{} && ((capabilities >> ptrace_bit) & 1U) != 0;
    }
    return false;
}

std::string bare_name(Kernel& kernel, const std::string& number) {
    const auto name = kernel.read("/proc/" + number + "/comm");
    return name ? std::string{text::trimmed(*name)} : std::string{};
}

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    const bool privileged = may_look_into_all(kernel);
    std::set<std::string> programs, refused;
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
            if (failure.reason() != Reason::permission_denied) continue;  // it ended meanwhile
            if (!privileged) throw;  // what was not looked at may be old
            refused.insert(bare_name(kernel, number));
        }
    }
    Table running = make_table(tables[0]);
    for (const std::string& program : programs) running.rows.push_back({program, true});
    for (const std::string& program : refused) running.rows.push_back({program, false});
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
                                             .sources = "/proc/*/maps, /proc/*/exe, /proc/*/comm, /proc/self/status",
                                             .collect = collect};

}  // namespace annexa::collectors
