// Whether a unit of systemd is running, or in an image would be started: enabled by a link in a *.wants or *.requires
// folder, masked by a link to /dev/null, or not there.
#pragma once

#include "collectors/host.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

/// What a running manager says, asked once; nothing where systemd is not process 1 or this is an image.
std::optional<std::vector<SystemdUnit>> running_units(Host& host);

/// Of a running system: active, or failed, activating, inactive as the manager says; masked; absent.
/// Of an image: enabled, disabled, masked, absent. Of a system that runs without systemd: no_systemd, or absent.
std::string unit_state(Host& host, const std::optional<std::vector<SystemdUnit>>& units, std::string_view unit);

/// By the unit's file alone: a link to /dev/null or an empty file of its name, before any other in systemd's order.
bool is_masked(Files& files, std::string_view unit);
/// Whether there is a unit file of this name that is no mask.
bool has_unit(Files& files, std::string_view unit);
/// And one that a *.wants or *.requires folder names: it is started with the next boot.
bool is_enabled(Files& files, std::string_view unit);

}  // namespace annexa::collectors
