// What tells one machine from its copy, and what else an answer ends with.
#pragma once

#include "collectors/host.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace annexa::collectors {

/// systemd's application-specific machine id (sd_id128_get_machine_app_specific(3)) for annexa: 32 hexadecimal digits.
/// Nothing where the text is no machine id.
std::optional<std::string> application_machine_id(std::string_view machine_id);

/// SHA-256, in hex, over the application-specific machine id, the DMI product UUID where there is one, and the origin
/// of the log, each ended by a line feed: the same machine is another fingerprint to another store.
std::optional<std::string> machine_fingerprint(std::string_view machine_id, std::string_view product_uuid,
                                               std::string_view origin);

struct MachineFacts {
    std::optional<std::string> machine;  // nothing where it was not asked for or cannot be told
    std::optional<std::string> boot_id;
    std::optional<bool> clock_synchronized;
    bool privileged = false;  // root, or may read every file
    std::string host_name;
};

/// Of the running machine; of an image only its host name.
MachineFacts machine_facts(Host host, const std::optional<std::string>& origin);

/// {"end":true,…}
std::string to_json(const MachineFacts& facts);

}  // namespace annexa::collectors
