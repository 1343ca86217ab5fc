// Time sources in the configurations of time daemons: chrony, systemd-timesyncd, ntpsec (and the older ntp), openntpd.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annexa::collectors {

struct TimeSource {
    std::string kind;     // server, pool, peer, refclock, sensor
    std::string address;  // host name, address, or the clock's driver
    bool authenticated = false;  // NTS or a symmetric key
    std::string source;
};

/// Files that a directive names: include (a pattern), confdir and sourcedir (folders and a suffix).
using ReadTimeFiles = std::function<std::vector<std::pair<std::string, std::string>>(std::string_view pattern)>;

/// chrony.conf(5): server, pool, peer, refclock; include, confdir, sourcedir.
std::vector<TimeSource> parse_chrony(std::string_view path, std::string_view text, const ReadTimeFiles& read = {});

/// ntp.conf(5) of ntp and ntpsec: server, pool, peer, refclock; includefile.
std::vector<TimeSource> parse_ntp(std::string_view path, std::string_view text, const ReadTimeFiles& read = {});

/// ntpd.conf(5) of OpenNTPD: server, servers, sensor.
std::vector<TimeSource> parse_openntpd(std::string_view path, std::string_view text);

}  // namespace annexa::collectors
