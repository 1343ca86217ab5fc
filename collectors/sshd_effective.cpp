// What sshd does with a connection, setting by setting: outside any Match, and for each Match block on its own.
//
// Two voices. `sshd -T` is the authority for what stands outside Match, where it can be asked; it passes over Match
// blocks in silence, and as root it needs /run/sshd, which is not ours to make. Our own reading of the files
// (support/sshd_config.hpp) gives the Match blocks, images, and all of it where sshd cannot be asked. `origin` says
// which of them spoke.
//
// sshd may be started with options that come before the file, and more than once (support/sshd_commands.hpp): each way
// that sets something else has rows of its own.
#include "collectors/collector.hpp"
#include "collectors/support/sshd_commands.hpp"
#include "collectors/support/sshd_config.hpp"
#include "collectors/support/sshd_host.hpp"
#include "collectors/support/text.hpp"

#include <map>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"name", Type::text, "Setting in lower case: permitrootlogin"},
    {"value", Type::text,
     "Its value as sshd -T prints it: without-password for prohibit-password, seconds, whole lists"},
    {"match", Type::text,
     "Criteria of the Match block that it holds for, as written; empty outside any. Of an sshd that is started with "
     "other options than the service itself: the unit or command that starts it, and its Match blocks behind it"},
    {"origin", Type::text, "sshd: sshd -T said so; files: our reading of the files"},
    {"source", Type::text, "File and line that set it: /etc/ssh/sshd_config:32; default where none did"},
};
constexpr TableDefinition tables[] = {
    {"sshd_effective", "Effective settings of sshd, one set of rows outside Match and one a Match block", columns},
};

using sshd::program;

// The lines of sshd -T, or nothing where sshd cannot be asked: an image, options of the service that would have to be
// repeated, or a refusal that says nothing of the configuration (no /run/sshd, no host keys yet).
std::vector<std::pair<std::string, std::string>> ask_sshd(Host& host, const sshd::CommandLine& line) {
    if (host.programs == nullptr || !line.same_settings({""})) return {};
    try {
        const ProgramOutput output = host.programs->run(program, {"-T"});
        if (output.exit_status == 0) return sshd::parse_dump(output.output);
    } catch (const host_error&) {
        // Our own reading answers, and `origin` says so.
    }
    return {};
}

void add_rows(Table& table, const std::vector<sshd::Effective>& rows, const std::string& match) {
    for (const auto& row : rows) table.rows.push_back({row.name, row.value, match, std::string{"files"}, row.source});
}

void add_asked(Table& table, const std::vector<std::pair<std::string, std::string>>& asked, const sshd::Config& config,
               const std::vector<sshd::Effective>& read) {
    std::map<std::string, std::vector<std::string>, std::less<>> sources;
    for (const auto& row : read) sources[row.name].push_back(row.source);
    std::map<std::string, std::size_t, std::less<>> count;
    for (const auto& [name, value] : asked) {
        const auto found = sources.find(name);
        const std::size_t number = count[name]++;
        std::string source = "default";
        if (found != sources.end()) source = found->second[std::min(number, found->second.size() - 1)];
        for (const auto& setting : config.settings)
            if (found == sources.end() && setting.block == 0 && setting.keyword == name) source = setting.source;
        table.rows.push_back({name, value, std::string{}, std::string{"sshd"}, source});
    }
}

std::vector<Table> collect(Host& host) {
    sshd::demand_installed(host);
    const sshd::Release release = sshd::installed_release(host);
    Table table = make_table(tables[0]);
    const auto lines = sshd::command_lines(host);
    for (const sshd::CommandLine& line : lines) {
        const bool first = &line == &lines.front();
        const sshd::Config config = sshd::configuration_of(host, line, release);
        const auto read = sshd::effective(config, release);
        const auto asked = first ? ask_sshd(host, line) : std::vector<std::pair<std::string, std::string>>{};
        if (asked.empty())
            add_rows(table, read, first ? std::string{} : line.started_by);
        else
            add_asked(table, asked, config, read);
        for (std::size_t block = 1; block < config.blocks.size(); ++block)
            add_rows(table, sshd::effective(config, release, {block}),
                     (first ? std::string{} : line.started_by + ": ") + config.blocks[block].criteria);
    }
    return {table};
}

}  // namespace

extern constexpr Collector sshd_effective{
    .name = "sshd_effective",
    .version = 2,
    .tables = tables,
    .needs = Capability::dac_read_search,
    .runs_programs = true,
    .sources =
        "sshd -T; /etc/ssh/sshd_config with its includes; units of systemd that start sshd with their environment, "
        "else /etc/default/ssh and /etc/sysconfig/sshd; processes of that name; "
        "/var/lib/dpkg/status or the program itself for its release",
    .collect = collect};

}  // namespace annexa::collectors
