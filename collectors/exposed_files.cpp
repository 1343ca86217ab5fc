// Files and folders that everybody may write, those that belong to nobody, and programs that run with more rights than
// who starts them (setuid, setgid, file capabilities): one walk over the local file systems.
//
// Walked are / and every mount of a file system that lies on a disk of this machine; an image is walked whole. What is
// mounted over the network or made up by the kernel is not; what is in memory alone is looked through for programs with
// rights unless it is mounted nosuid, where they have no effect. Of a folder that is told of itself what lies in it is
// not told again. Symbolic links, sockets, pipes and devices have no contents of their own and are passed over. A file
// system that holds more than can be walked is an error. Which package a program belongs to is what the package manager
// says; dpkg keeps no modes, so that it cannot say whether the program was shipped with those rights, and rpm can.
#include "collectors/collector.hpp"
#include "collectors/support/account_files.hpp"
#include "collectors/support/file_capabilities.hpp"
#include "collectors/support/mountinfo.hpp"
#include "collectors/support/name_service.hpp"
#include "collectors/support/package_owners.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace annexa::collectors {
namespace {

constexpr Column file_columns[] = {
    {"path", Type::text, "File or folder"},
    {"folder", Type::boolean, "Whether it is a folder"},
    {"world_writable", Type::boolean, "Whether everybody may write it: a file, or a folder without the sticky bit"},
    {"unowned", Type::boolean,
     "Whether its owner or its group is nobody's number here; null where a directory names accounts too",
     Trait::nullable},
    {"mode_text", Type::text, "Permission bits: 0666"},
    {"uid", Type::integer, "Its owner"},
    {"gid", Type::integer, "Its group"},
};
constexpr Column system_columns[] = {
    {"path", Type::text, "Where it is mounted; / for an image"},
    {"type", Type::text, "File system; image for an image"},
};
constexpr Column program_columns[] = {
    {"path", Type::text, "Program"},
    {"username", Type::text, "Its owner's name, else the number"},
    {"groupname", Type::text, "Its group's name, else the number"},
    {"permissions", Type::text, "S: setuid; G: setgid; SG: both"},
    {"mode_text", Type::text, "Permission bits: 4755"},
    {"package", Type::text, "Package that it belongs to; empty: none"},
    {"as_shipped", Type::boolean,
     "Whether the package ships it with this owner, group and mode; null where its manager does not say (dpkg)",
     Trait::nullable},
    {"nosuid", Type::boolean, "Whether it lies on a file system where that has no effect"},
    {"source", Type::text, "The program, or the record of the package that names it"},
};
constexpr Column capability_columns[] = {
    {"path", Type::text, "Program"},
    {"capabilities", Type::text, "What it may, as getcap(8) prints it: cap_net_raw=ep"},
    {"package", Type::text, "Package that it belongs to; empty: none"},
    {"as_shipped", Type::boolean, "Whether the package ships it with these; null where its manager does not say (dpkg)",
     Trait::nullable},
    {"nosuid", Type::boolean, "Whether it lies on a file system where that has no effect"},
    {"source", Type::text, "The program, or the record of the package that names it"},
};
constexpr TableDefinition tables[] = {
    {"exposed_files", "Files that everybody may write or that nobody owns, one row a file or folder", file_columns},
    {"walked_file_systems", "What was walked for exposed_files, one row a file system", system_columns},
    {"suid_bin", "Programs with the bit setuid or setgid, one row a program", program_columns},
    {"file_capabilities", "Programs with capabilities, one row a program", capability_columns},
};

constexpr std::size_t most_entries = 5000000;
constexpr std::size_t most_rows = 5000;
constexpr std::size_t most_depth = 200;
constexpr std::array<std::string_view, 12> local_types{"ext2", "ext3",     "ext4", "xfs",      "btrfs",  "f2fs",
                                                       "jfs",  "reiserfs", "zfs",  "bcachefs", "nilfs2", "overlay"};

[[noreturn]] void cut_short(const std::string& path, const std::string& what) {
    throw host_error(Reason::output_too_large, path + ": " + what + "; the walk was cut short");
}

// Who has files without a name of his own: services with DynamicUser= (systemd.exec(5), 61184 to 65519), and the ids
// that /etc/subuid and /etc/subgid give to people for their containers.
class Ids {
  public:
    Ids(Files& files, std::string_view sub_ids) {
        ranges_.push_back({61184, 65519});
        if (const auto file = files.read(sub_ids))
            for (const auto& line : text::lines(file->text, text::whole_line_comments)) {
                const auto fields = text::split(line.text, ':');
                const auto first = fields.size() == 3 ? text::unsigned_integer(fields[1]) : std::nullopt;
                const auto count = fields.size() == 3 ? text::unsigned_integer(fields[2]) : std::nullopt;
                if (first && count && *count > 0) ranges_.push_back({*first, *first + *count - 1});
            }
    }
    void add(std::uint32_t id) { known_.insert(id); }
    [[nodiscard]] bool has(std::uint32_t id) const {
        return known_.contains(id) || std::any_of(ranges_.begin(), ranges_.end(), [&](const auto& range) {
                   return id >= range.first && id <= range.second;
               });
    }

  private:
    std::set<std::uint32_t> known_;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges_;
};

struct Found {
    bool writable = false, unowned = false;
};

// A number and the name that the first entry gives it.
using Names = std::map<std::uint32_t, std::string>;

std::string name_of(const Names& names, std::uint32_t id) {
    const auto found = names.find(id);
    return found == names.end() ? std::to_string(id) : found->second;
}

std::string octal(std::uint32_t mode) {
    std::string text = "0000";
    for (std::size_t i = 0, rest = mode & 07777; i < 4; ++i, rest /= 8) text[3 - i] = static_cast<char>('0' + rest % 8);
    return text;
}

constexpr std::uint32_t setuid_bit = 04000, setgid_bit = 02000, execute_bits = 0111;

struct Program {
    std::string path;
    FileStatus status;
    std::string capabilities;
    bool nosuid = false;
};

class Walk {
  public:
    Walk(Host& host, Table& table)
        : files_{host.files}, table_{table}, users_{host.files, "/etc/subuid"}, groups_{host.files, "/etc/subgid"} {
        // Of accounts that a directory names nothing is known, but what everybody may write is written by everybody.
        AccountsAndGroups local = local_accounts_and_groups(files_, &owners_known_);
        for (const PasswdEntry& account : local.accounts) {
            users_.add(account.uid);
            user_names.try_emplace(account.uid, account.name);
        }
        for (const GroupEntry& group : local.groups) {
            groups_.add(group.gid);
            group_names.try_emplace(group.gid, group.name);
        }
    }

    struct Place {
        std::string path;
        bool exposed = true;  // false: looked through for programs alone
        bool nosuid = false;
    };

    /// `mounts`: other file systems begin there, each walked for itself or not at all.
    void from(const Place& place, const std::set<std::string>& mounts) {
        struct Folder {
            std::string path;
            Found found;
            std::size_t depth;
        };
        std::vector<Folder> waiting{{place.path, look(place, place.path, {}), 0}};
        while (!waiting.empty()) {
            const Folder folder = std::move(waiting.back());
            waiting.pop_back();
            if (folder.depth > most_depth) cut_short(folder.path, "folders in folders more than 200 deep");
            for (const std::string& name : files_.list(folder.path).value_or(std::vector<std::string>{})) {
                const std::string path = (folder.path == "/" ? "" : folder.path) + "/" + name;
                if (mounts.contains(path)) continue;
                if (++entries_ > most_entries) cut_short(path, "more than 5,000,000 files");
                bool is_folder = false;
                const Found found = look(place, path, folder.found, &is_folder);
                if (is_folder) waiting.push_back({path, found, folder.depth + 1});
            }
        }
    }

    std::vector<Program> programs;
    Names user_names, group_names;

  private:
    Found look(const Place& place, const std::string& path, const Found& around, bool* is_folder = nullptr) {
        const auto status = files_.status_of_link(path);
        if (!status) return {};
        const bool folder = status->kind == FileKind::directory;
        if (is_folder != nullptr) *is_folder = folder;
        if (!folder && status->kind != FileKind::regular) return {};
        if (!folder) look_for_rights(place, path, *status);
        if (!place.exposed) return {};
        const Found found{(status->mode & 02) != 0 && !(folder && (status->mode & 01000) != 0),
                          owners_known_ && (!users_.has(status->uid) || !groups_.has(status->gid))};
        if ((found.writable && !around.writable) || (found.unowned && !around.unowned)) {
            if (table_.rows.size() >= most_rows) cut_short(path, "more than 5,000 findings");
            table_.rows.push_back({path, folder, found.writable && !around.writable,
                                   owners_known_ ? Value{found.unowned && !around.unowned} : Value{},
                                   octal(status->mode), std::int64_t{status->uid}, std::int64_t{status->gid}});
        }
        // a folder within one that was told of is part of it
        return {found.writable || around.writable, found.unowned || around.unowned};
    }

    // What nobody can execute has no rights: setgid without x is a lock (mandatory locking), a capability sleeps.
    void look_for_rights(const Place& place, const std::string& path, const FileStatus& status) {
        if ((status.mode & execute_bits) == 0) return;
        std::string capabilities;
        if (const auto attribute = files_.attribute(path, "security.capability")) {
            const auto text = file_capabilities_text(*attribute);
            if (!text)
                throw host_error(Reason::unsupported_format,
                                 text::printable(path) + ": capabilities of a kind that is not known");
            capabilities = *text;
        }
        if ((status.mode & (setuid_bit | setgid_bit)) == 0 && capabilities.empty()) return;
        if (programs.size() >= most_rows) cut_short(path, "more than 5,000 programs with rights");
        programs.push_back({path, status, capabilities, place.nosuid});
    }

    Files& files_;
    Table& table_;
    Ids users_, groups_;
    std::size_t entries_ = 0;
    bool owners_known_ = true;
};

void add_programs(Files& files, const Walk& walk, Table& programs, Table& capabilities) {
    PathSet paths;
    for (const Program& program : walk.programs) paths.insert(program.path);
    const auto owners = packages_of(files, paths);
    for (const auto& [path, status, text, nosuid] : walk.programs) {
        const auto found = owners.find(path);
        const PackageOfFile owner = found == owners.end() ? PackageOfFile{"", path} : found->second;
        const std::string user = name_of(walk.user_names, status.uid), group = name_of(walk.group_names, status.gid);
        Value rights, shipped_capabilities;
        if (owner.package.empty()) rights = shipped_capabilities = false;
        if (owner.rights) {
            rights = (owner.rights->mode & 07777) == (status.mode & 07777) && owner.rights->user == user &&
                     owner.rights->group == group;
            shipped_capabilities = owner.rights->capabilities == text;
        }
        const bool setuid = (status.mode & setuid_bit) != 0, setgid = (status.mode & setgid_bit) != 0;
        if (setuid || setgid)
            programs.rows.push_back({path, user, group, std::string{setuid ? "S" : ""} + (setgid ? "G" : ""),
                                     octal(status.mode), owner.package, rights, nosuid, owner.source});
        if (!text.empty())
            capabilities.rows.push_back({path, text, owner.package, shipped_capabilities, nosuid, owner.source});
    }
}

// In memory alone: nothing there outlives a boot, and it is everybody's to write; but programs run from there.
bool is_memory(std::string_view type) { return type == "tmpfs" || type == "ramfs"; }

std::vector<Table> collect(Host& host) {
    std::vector<Table> all;
    for (const TableDefinition& definition : tables) all.push_back(make_table(definition));
    Table &found = all[0], &systems = all[1];
    Walk walk{host, found};
    if (host.kernel == nullptr) {
        systems.rows.push_back({std::string{"/"}, std::string{"image"}});
        walk.from({"/"}, {"/proc", "/sys", "/dev"});
    } else {
        std::map<std::string, Mount> last;  // the last mount of a place lies over the others
        std::set<std::string> places;
        for (Mount& mount : parse_mountinfo(read_mountinfo(*host.kernel))) {
            if (mount.path != "/") places.insert(mount.path);
            last[mount.path] = std::move(mount);
        }
        for (const auto& [path, mount] : last) {
            const bool nosuid = has_option(mount.options, "nosuid");
            const bool local = std::find(local_types.begin(), local_types.end(), mount.type) != local_types.end() &&
                               (mount.type != "overlay" || path == "/");  // else a container's own, seen from outside
            if (!local && (!is_memory(mount.type) || nosuid)) continue;
            if (local) systems.rows.push_back({path, mount.type});
            walk.from({path, local, nosuid}, places);
        }
        if (systems.rows.empty())
            throw host_error(Reason::unsupported_format,
                             "/proc/self/mountinfo: no local file system that can be walked");
    }
    add_programs(host.files, walk, all[2], all[3]);
    for (Table& table : all) std::sort(table.rows.begin(), table.rows.end());
    return all;
}

}  // namespace

extern constexpr Collector exposed_files{.name = "exposed_files",
                                         .version = 2,
                                         .tables = tables,
                                         .needs = Capability::dac_read_search | Capability::sys_ptrace,
                                         .cost = Cost::deep,
                                         .sources =
                                             "stat(2) and security.capability of every file on local file systems; "
                                             "/proc/self/mountinfo; "
                                             "/etc/passwd, /etc/group and what nsswitch.conf names beside them; "
                                             "/etc/subuid, /etc/subgid; the package manager's lists of files",
                                         .collect = collect};

}  // namespace annexa::collectors
