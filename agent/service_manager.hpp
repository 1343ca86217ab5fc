// What the service tells systemd of itself (sd_notify(3)). Without systemd nothing of it does anything.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace annexa::agent::service_manager {

/// It serves; also after a reload.
void ready();
/// It reads its configuration again, from now until ready().
void reloading();
void stopping();
/// The line that `systemctl status` shows; printable.
void say(const std::string& line);

/// How often alive() is waited for, where somebody waits (half of WatchdogSec, as sd_watchdog_enabled(3) advises).
std::optional<std::chrono::milliseconds> watchdog_interval();
void alive();

}  // namespace annexa::agent::service_manager
