// What will be mounted with the next boot, and how: /etc/fstab and mount units of systemd. What is mounted now is in
// mounts.
//
// fstab(5), systemd.mount(5), systemd-fstab-generator(8): a unit file in /etc or /run is before fstab, one in /usr/lib
// behind it. Options as mount(8) takes them: the later of two that contradict each other wins; user and users imply
// noexec, nosuid, nodev, owner and group the last two. /dev/shm is mounted by systemd itself with nosuid,nodev where
// nothing names it (mount-setup.c).
#include "collectors/collector.hpp"
#include "collectors/support/mountinfo.hpp"
#include "collectors/support/secret_words.hpp"
#include "collectors/support/systemd_config.hpp"
#include "collectors/support/text.hpp"
#include "collectors/support/unit_state.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"device", Type::text, "Device or source as written: UUID=…, tmpfs"},
    {"path", Type::text, "Where it will be mounted"},
    {"type", Type::text, "File system as written; empty where the unit does not say"},
    {"options", Type::text,
     "Options as mount(8) takes them, what an option implies written out: defaults, nosuid,nodev"},
    {"at_boot", Type::boolean, "False where it is mounted on demand or by hand (noauto)"},
    {"source", Type::text, "File and line, or the unit's file; systemd where it is mounted by itself"},
};
constexpr TableDefinition tables[] = {
    {"mount_config", "File systems that the configuration mounts, one row each", columns},
};

std::vector<std::string> effective(std::string_view written) {
    std::vector<std::string> options;
    const auto set = [&](std::string_view option) {
        const std::string opposite =
            option.starts_with("no") ? std::string{option.substr(2)} : "no" + std::string{option};
        std::erase_if(options, [&](const std::string& each) { return each == option || each == opposite; });
        options.emplace_back(option);
    };
    for (const std::string_view option : text::split(written, ',')) {
        if (option.empty()) continue;
        if (option == "user" || option == "users") set("noexec");
        if (option == "user" || option == "users" || option == "owner" || option == "group") {
            set("nosuid");
            set("nodev");
        }
        set(option);
    }
    return options;
}

std::string joined(const std::vector<std::string>& options) {
    std::string result;
    for (const std::string& option : options) result += (result.empty() ? "" : ",") + option;
    return without_secrets(result.empty() ? "defaults" : result, ',');
}

// "/srv/" and "/srv" are one place.
std::string place(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

class Reader {
  public:
    explicit Reader(Host& host) : host_{host}, table_{make_table(tables[0])} {}

    std::vector<Table> read() {
        units({"/etc/systemd/system", "/run/systemd/system"});
        fstab();
        units({"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"});
        // what a generator found on the disks themselves (systemd-gpt-auto-generator)
        if (host_.kernel != nullptr) units({"/run/systemd/generator.late"});
        if (!places_.contains("/dev/shm") && is_systemd())
            add("tmpfs", "/dev/shm", "tmpfs", "nosuid,nodev", true, "systemd");
        return {std::move(table_)};
    }

  private:
    bool is_systemd() {
        if (host_.kernel != nullptr) return host_.kernel->read("/proc/1/comm").value_or("") == "systemd\n";
        return host_.files.status("/usr/lib/systemd/systemd").has_value();
    }

    void add(const std::string& device, const std::string& path, const std::string& type, std::string_view written,
             bool at_boot, const std::string& source) {
        table_.rows.push_back({without_secrets(device, ','), path, type, joined(effective(written)), at_boot, source});
        places_.insert(path);
    }

    void fstab() {
        const auto file = host_.files.read("/etc/fstab");
        if (!file) return;
        const std::set<std::string> before = places_;
        for (const FstabEntry& entry : parse_fstab(file->text)) {
            const std::string path = place(entry.path);
            if (before.contains(path) || !path.starts_with('/')) continue;
            const auto options = effective(entry.options);
            const bool at_boot = std::find(options.begin(), options.end(), "noauto") == options.end();
            add(entry.device, path, entry.type, entry.options, at_boot, file->path + ":" + std::to_string(entry.line));
        }
    }

    void units(std::initializer_list<std::string_view> folders) {
        for (const std::string_view folder : folders)
            for (const std::string& name : host_.files.list(folder).value_or(std::vector<std::string>{})) {
                if (!name.ends_with(".mount") || !seen_.insert(name).second || is_masked(host_.files, name)) continue;
                const bool generated = folder.ends_with("generator.late");
                if (!generated && !is_enabled(host_.files, name)) continue;
                std::vector<File> layers = host_.files.read_systemd_layers("systemd/system/" + name, ".conf");
                if (generated)
                    if (auto file = host_.files.read(std::string{folder} + "/" + name))
                        layers.insert(layers.begin(), std::move(*file));
                unit(parse_systemd_config(layers), std::string{folder} + "/" + name);
            }
    }

    void unit(const std::vector<SystemdSetting>& settings, const std::string& source) {
        const auto setting = [&](const char* key) {
            const auto found = last_setting(settings, "Mount", key);
            return found ? found->value : std::string{};
        };
        const std::string path = place(setting("Where"));
        if (path.empty() || places_.contains(path)) return;
        const auto options = last_setting(settings, "Mount", "Options");
        add(setting("What"), path, setting("Type"), setting("Options"), true, options ? options->source : source);
    }

    Host& host_;
    Table table_;
    std::set<std::string> places_, seen_;
};

std::vector<Table> collect(Host& host) { return Reader{host}.read(); }

}  // namespace

extern constexpr Collector mount_config{.name = "mount_config",
                                        .tables = tables,
                                        .needs = Capability::dac_read_search,
                                        .sources = "/etc/fstab, mount units of systemd with their drop-ins",
                                        .collect = collect};

}  // namespace annexa::collectors
