// Configuration files of systemd's programs (journald.conf, timesyncd.conf, …): systemd.syntax(7).
//
// Sections, Key=Value, comments with # or ;, a trailing backslash continues a line (comment lines between are skipped).
// Where a key is said twice the later wins; for lists an empty value forgets what was said before.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct File;

struct SystemdSetting {
    std::string section, key, value;
    std::string source;  // /etc/systemd/journald.conf.d/10-site.conf:3
};

/// All assignments in order. A line that is neither is ignored, as systemd does (it warns).
std::vector<SystemdSetting> parse_systemd_config(std::string_view path, std::string_view text);
std::vector<SystemdSetting> parse_systemd_config(const std::vector<File>& layers);

/// The assignment that decides; nothing where there is none or where it was reset by an empty value.
std::optional<SystemdSetting> last_setting(const std::vector<SystemdSetting>& settings, std::string_view section,
                                           std::string_view key);

/// The words of a list setting, all assignments since the last empty one.
std::vector<SystemdSetting> list_setting(const std::vector<SystemdSetting>& settings, std::string_view section,
                                         std::string_view key);

std::optional<bool> systemd_boolean(std::string_view text);

/// Sizes as journald reads them: "500M", "1.5G" (base 1024), in bytes; nothing where it is none.
std::optional<std::int64_t> systemd_size_bytes(std::string_view text);

/// Time spans (systemd.time(7)): "1month", "2h 30min", "90"; bare numbers are seconds. Nothing where it is none.
std::optional<std::int64_t> systemd_seconds(std::string_view text);

}  // namespace annexa::collectors
