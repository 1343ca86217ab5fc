#include "agent/service_manager.hpp"

#include <systemd/sd-daemon.h>

namespace annexa::agent::service_manager {

void ready() { (void)sd_notify(0, "READY=1"); }
void reloading() { (void)sd_notify(0, "RELOADING=1"); }
void stopping() { (void)sd_notify(0, "STOPPING=1"); }
void say(const std::string& line) { (void)sd_notify(0, ("STATUS=" + line).c_str()); }

std::optional<std::chrono::milliseconds> watchdog_interval() {
    std::uint64_t period_us = 0;
    if (sd_watchdog_enabled(0, &period_us) <= 0) return std::nullopt;
    return std::chrono::milliseconds{period_us / 2000};
}
void alive() { (void)sd_notify(0, "WATCHDOG=1"); }

}  // namespace annexa::agent::service_manager
