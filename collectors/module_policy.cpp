// Which kernel modules could be loaded: those for file systems and protocols that few hosts use, and whatever
// modprobe.d speaks of.
//
// modprobe.d(5) and libkmod: - and _ are one; of several install commands for a module the first counts, and its name
// may be a pattern. `install NAME /bin/true` and `/bin/false` both keep it out; `blacklist` keeps out its aliases
// alone, modprobe NAME still loads it. module_blacklist= on the kernel's command line keeps it out altogether.
#include "collectors/collector.hpp"
#include "collectors/support/text.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <set>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"module", Type::text, "Name, with _ for -"},
    {"available", Type::text, "module (a file of it is there, for any installed kernel), builtin, or none"},
    {"loaded", Type::boolean, "Whether it is loaded; null in an image", Trait::nullable},
    {"blocked", Type::boolean,
     "Whether modprobe does not load it: install … /bin/true or /bin/false, or module_blacklist="},
    {"blacklisted", Type::boolean, "Whether blacklist keeps out its aliases; by its name it is loaded all the same"},
    {"install_command", Type::text, "Command that modprobe runs in its place; empty where there is none"},
    {"source", Type::text, "File and line of that command, else of the blacklist; empty where there is neither"},
};
constexpr TableDefinition tables[] = {
    {"module_policy", "Kernel modules that few hosts need and those that modprobe.d speaks of, one row a module",
     columns},
};

constexpr const char* uncommon[] = {
    "adfs",   "affs",        "afs",      "appletalk",     "atm",           "ax25",          "befs",
    "bfs",    "bluetooth",   "can",      "cifs",          "cramfs",        "dccp",          "decnet",
    "econet", "efs",         "exofs",    "firewire_core", "firewire_ohci", "firewire_sbp2", "freevxfs",
    "gfs2",   "hfs",         "hfsplus",  "hpfs",          "ipx",           "jffs2",         "jfs",
    "kafs",   "ksmbd",       "minix",    "n_hdlc",        "netrom",        "nilfs2",        "ntfs",
    "ntfs3",  "ocfs2",       "omfs",     "p8022",         "p8023",         "psnap",         "qnx4",
    "qnx6",   "rds",         "reiserfs", "romfs",         "rose",          "sctp",          "squashfs",
    "sysv",   "thunderbolt", "tipc",     "udf",           "ufs",           "uas",           "usb_storage",
    "vivid",  "x25"};

std::string plain(std::string_view name) {
    std::string result{name};
    std::replace(result.begin(), result.end(), '-', '_');
    return result;
}

struct Said {
    std::string command, install_source, blacklist_source;
};

struct Command {
    std::string pattern, command, source;
};

class Policy {
  public:
    explicit Policy(Files& files) {
        for (const File& file : files.read_systemd_folders("modprobe.d", ".conf")) read(file);
    }

    [[nodiscard]] Said of(const std::string& module) const {
        Said said;
        for (const Command& each : installs_)
            if (::fnmatch(each.pattern.c_str(), module.c_str(), 0) == 0) {
                said.command = each.command;
                said.install_source = each.source;
                break;
            }
        if (const auto found = blacklist_.find(module); found != blacklist_.end())
            said.blacklist_source = found->second;
        return said;
    }

    [[nodiscard]] std::set<std::string> named() const {
        std::set<std::string> names;
        for (const Command& each : installs_)
            if (each.pattern.find_first_of("*?[") == std::string::npos) names.insert(each.pattern);
        for (const auto& [name, source] : blacklist_) names.insert(name);
        return names;
    }

  private:
    void read(const File& file) {
        for (const text::JoinedLine& line : text::joined_lines(file.text))
            apply(line.text, file.path + ":" + std::to_string(line.number));
    }

    void apply(std::string_view line, const std::string& source) {
        line = text::trimmed(line);
        if (line.empty() || line.starts_with('#')) return;
        const auto [directive, rest] = text::split_at_blank(line);
        const auto [module, command] = text::split_at_blank(rest);
        if (module.empty()) return;
        if (directive == "install" && !command.empty())
            installs_.push_back({plain(module), std::string{command}, source});
        if (directive == "blacklist") blacklist_.try_emplace(plain(module), source);
    }

    std::vector<Command> installs_;
    std::map<std::string, std::string> blacklist_;
};

// A command that does nothing; whatever stands behind it but a comment may do something.
bool does_nothing(std::string_view command) {
    const auto [program, rest] = text::split_at_blank(command);
    if (!rest.empty() && !rest.starts_with('#')) return false;
    return program == "/bin/true" || program == "/bin/false" || program == "/usr/bin/true" ||
           program == "/usr/bin/false" || program == "true" || program == "false" || program == ":";
}

// "kernel/fs/cramfs/cramfs.ko.xz: …" → cramfs
std::string module_of(std::string_view line) {
    line = text::file_name(line.substr(0, line.find(':')));
    return plain(line.substr(0, line.find(".ko")));
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    const auto kernels = files.list("/lib/modules");
    if (!kernels || kernels->empty())
        throw not_applicable(Reason::not_present,
                             "/lib/modules holds nothing: this host has no modules of a kernel of its own");
    const Policy policy{files};
    std::set<std::string> wanted = policy.named();
    wanted.insert(std::begin(uncommon), std::end(uncommon));

    std::set<std::string> modules, builtin, loaded, barred;
    for (const std::string& kernel : *kernels) {
        if (const auto names = files.read("/lib/modules/" + kernel + "/modules.dep"))
            for (const text::Line& line : text::lines(names->text)) modules.insert(module_of(line.text));
        if (const auto names = files.read("/lib/modules/" + kernel + "/modules.builtin"))
            for (const text::Line& line : text::lines(names->text)) builtin.insert(module_of(line.text));
    }
    if (modules.empty() && builtin.empty())
        throw host_error(Reason::unreadable_source,
                         "/lib/modules: no kernel there has modules.dep, so what could be loaded cannot be told");
    if (host.kernel != nullptr) {
        const std::string now = host.kernel->read("/proc/modules").value_or("");
        const std::string command_line = host.kernel->read("/proc/cmdline").value_or("");
        for (const text::Line& line : text::lines(now)) loaded.insert(plain(text::words(line.text)[0]));
        for (const std::string_view word : text::words(command_line))
            if (word.starts_with("module_blacklist="))
                for (const std::string_view name : text::split(word.substr(17), ',')) barred.insert(plain(name));
    }
    Table table = make_table(tables[0]);
    for (const std::string& module : wanted) {
        const Said said = policy.of(module);
        const bool is_barred = barred.contains(module);
        const bool blocked = is_barred || (!said.command.empty() && does_nothing(said.command));
        const char* available = modules.contains(module) ? "module" : builtin.contains(module) ? "builtin" : "none";
        const std::string source = is_barred                     ? "/proc/cmdline"
                                   : said.install_source.empty() ? said.blacklist_source
                                                                 : said.install_source;
        table.rows.push_back({module, std::string{available},
                              host.kernel == nullptr ? Value{} : Value{loaded.contains(module)}, blocked,
                              !said.blacklist_source.empty(), text::printable(said.command, 200), source});
    }
    return {table};
}

}  // namespace

extern constexpr Collector module_policy{
    .name = "module_policy",
    .tables = tables,
    .needs = Capability::dac_read_search,
    .sources =
        "modprobe.d of /etc, /run, /usr/local/lib and /usr/lib, /lib/modules/*/modules.dep and modules.builtin, "
        "/proc/modules, /proc/cmdline",
    .collect = collect};

}  // namespace annexa::collectors
