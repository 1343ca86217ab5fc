// os-release(5): the name and the release of an operating system.
#pragma once

#include "collectors/host.hpp"

#include <map>
#include <string>

namespace annexa::collectors {

struct OsRelease {
    std::string path;                                        // of the file that was read
    std::map<std::string, std::string, std::less<>> values;  // without quotes
    std::map<std::string, std::size_t, std::less<>> lines;

    [[nodiscard]] std::string value(std::string_view name) const;
};

/// /etc/os-release or, where there is none, /usr/lib/os-release. Throws host_error where neither is there.
OsRelease read_os_release(Files& files);

/// Assignments as a shell would read them: quotes, backslashes within double quotes; the last one wins. Lines that are
/// no assignment are passed over, as the format demands.
OsRelease parse_os_release(std::string_view path, std::string_view text);

}  // namespace annexa::collectors
