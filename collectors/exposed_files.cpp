// Files and folders that everybody may write, and those that belong to nobody: a walk over the local file systems.
//
// Walked are / and every mount of a file system that lies on a disk of this machine; an image is walked whole. What is
// mounted over the network, made up by the kernel, or in memory alone is not. Of a folder that is told of itself what
// lies in it is not told again. Symbolic links, sockets, pipes and devices have no contents of their own and are passed
// over. A file system that holds more than can be walked is an error.
#include "collectors/collector.hpp"
#include "collectors/support/account_files.hpp"
#include "collectors/support/mountinfo.hpp"
#include "collectors/support/name_service.hpp"
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
    {"unowned", Type::boolean, "Whether its owner or its group is nobody's number here"},
    {"mode_text", Type::text, "Permission bits: 0666"},
    {"uid", Type::integer, "Its owner"},
    {"gid", Type::integer, "Its group"},
};
constexpr Column system_columns[] = {
    {"path", Type::text, "Where it is mounted; / for an image"},
    {"type", Type::text, "File system; image for an image"},
};
constexpr TableDefinition tables[] = {
    {"exposed_files", "Files that everybody may write or that nobody owns, one row a file or folder", file_columns},
    {"walked_file_systems", "What was walked for exposed_files, one row a file system", system_columns},
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

class Walk {
  public:
    Walk(Host& host, Table& table)
        : files_{host.files}, table_{table}, users_{host.files, "/etc/subuid"}, groups_{host.files, "/etc/subgid"} {
        const auto [accounts, groups] = all_accounts_and_groups(files_);
        for (const PasswdEntry& account : accounts) users_.add(account.uid);
        for (const GroupEntry& group : groups) groups_.add(group.gid);
    }

    /// `mounts`: other file systems begin there, each walked for itself or not at all.
    void from(const std::string& start, const std::set<std::string>& mounts) {
        struct Folder {
            std::string path;
            Found found;
            std::size_t depth;
        };
        std::vector<Folder> waiting{{start, look(start, {}), 0}};
        while (!waiting.empty()) {
            const Folder folder = std::move(waiting.back());
            waiting.pop_back();
            if (folder.depth > most_depth) cut_short(folder.path, "folders in folders more than 200 deep");
            for (const std::string& name : files_.list(folder.path).value_or(std::vector<std::string>{})) {
                const std::string path = (folder.path == "/" ? "" : folder.path) + "/" + name;
                if (mounts.contains(path)) continue;
                if (++entries_ > most_entries) cut_short(path, "more than 5,000,000 files");
                bool is_folder = false;
                const Found found = look(path, folder.found, &is_folder);
                if (is_folder) waiting.push_back({path, found, folder.depth + 1});
            }
        }
    }

  private:
    Found look(const std::string& path, const Found& around, bool* is_folder = nullptr) {
        const auto status = files_.status_of_link(path);
        if (!status) return {};
        const bool folder = status->kind == FileKind::directory;
        if (is_folder != nullptr) *is_folder = folder;
        if (!folder && status->kind != FileKind::regular) return {};
        const Found found{(status->mode & 02) != 0 && !(folder && (status->mode & 01000) != 0),
                          !users_.has(status->uid) || !groups_.has(status->gid)};
        if ((found.writable && !around.writable) || (found.unowned && !around.unowned)) {
            if (table_.rows.size() >= most_rows) cut_short(path, "more than 5,000 findings");
            std::string octal = "0000";
            for (std::size_t i = 0, rest = status->mode & 07777; i < 4; ++i, rest /= 8)
                octal[3 - i] = static_cast<char>('0' + rest % 8);
            table_.rows.push_back({path, folder, found.writable && !around.writable, found.unowned && !around.unowned,
                                   octal, std::int64_t{status->uid}, std::int64_t{status->gid}});
        }
        // a folder within one that was told of is part of it
        return {found.writable || around.writable, found.unowned || around.unowned};
    }

    Files& files_;
    Table& table_;
    Ids users_, groups_;
    std::size_t entries_ = 0;
};

std::vector<Table> collect(Host& host) {
    Table found = make_table(tables[0]);
    Table systems = make_table(tables[1]);
    Walk walk{host, found};
    if (host.kernel == nullptr) {
        systems.rows.push_back({std::string{"/"}, std::string{"image"}});
        walk.from("/", {"/proc", "/sys", "/dev"});
    } else {
        std::map<std::string, std::string> types;  // the last mount of a place lies over the others
        std::set<std::string> places;
        for (const Mount& mount : parse_mountinfo(read_mountinfo(*host.kernel))) {
            types[mount.path] = mount.type;
            if (mount.path != "/") places.insert(mount.path);
        }
        for (const auto& [path, type] : types) {
            if (std::find(local_types.begin(), local_types.end(), type) == local_types.end()) continue;
            if (type == "overlay" && path != "/") continue;  // a container's own, seen from outside
            systems.rows.push_back({path, type});
            walk.from(path, places);
        }
        if (systems.rows.empty())
            throw host_error(Reason::unsupported_format,
                             "/proc/self/mountinfo: no local file system that can be walked");
    }
    std::sort(found.rows.begin(), found.rows.end());
    return {found, systems};
}

}  // namespace

extern constexpr Collector exposed_files{.name = "exposed_files",
                                         .version = 1,
                                         .tables = tables,
                                         .needs = Capability::dac_read_search | Capability::sys_ptrace,
                                         .cost = Cost::deep,
                                         .sources =
                                             "stat(2) of every file on local file systems; /proc/self/mountinfo; "
                                             "/etc/passwd, /etc/group and what nsswitch.conf names beside them; "
                                             "/etc/subuid, /etc/subgid",
                                         .collect = collect};

}  // namespace annexa::collectors
