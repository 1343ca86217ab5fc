// Last logins as the system records them: lastlog(5), wtmp (utmp(5)), lastlog2 and wtmpdb (SQLite).
//
// Pure functions over bytes. Times are Unix seconds. What is not a record of the format throws host_error.
#pragma once

#include "collectors/host.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

/// When somebody was last seen, and since when the record reaches back (its first entry; nothing: an empty record).
struct LoginRecord {
    std::map<std::string, std::int64_t, std::less<>> last_by_name;
    std::optional<std::int64_t> since;
};

/// lastlog: one record of 292 bytes a uid (glibc's struct lastlog: 32-bit time, line, host). Nothing for a uid that
/// never logged in, nor for one beyond the end.
std::optional<std::int64_t> lastlog_time(std::string_view bytes, std::uint32_t uid);

/// wtmp: records of 384 bytes (400 where glibc's struct utmp has 64-bit times). Only USER_PROCESS counts as a login.
LoginRecord parse_wtmp(const File& file);

/// lastlog2: table Lastlog2(Name, Time, …), seconds.
LoginRecord parse_lastlog2(const File& file);

/// wtmpdb: table wtmp(ID, Type, User, Login, …), microseconds; type 3 is a user's login.
LoginRecord parse_wtmpdb(const File& file);

}  // namespace annexa::collectors
