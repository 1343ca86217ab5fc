#include "evidence/errors.hpp"
#include "server-stub/commands.hpp"
#include "server-stub/server/serving.hpp"

#include <csignal>
#include <iostream>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

namespace annexa::store {
namespace {

/// A connection is a descriptor: as many as this process may have.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Waits for one of `signals`. Meanwhile tells the watchdog of systemd, where there is one, that the server lives.
void wait_for(const sigset_t& signals, const Serving& serving) {
    std::uint64_t period_us = 0;
    if (::sd_watchdog_enabled(0, &period_us) <= 0) {
        int signal = 0;
        ::sigwait(&signals, &signal);
        return;
    }
    const std::uint64_t half_us = period_us / 2;
    const timespec half{static_cast<time_t>(half_us / 1'000'000), static_cast<long>(half_us % 1'000'000 * 1000)};
    do {
        if (serving.keeps_house()) ::sd_notify(0, "WATCHDOG=1");
    } while (::sigtimedwait(&signals, nullptr, &half) < 0);
}

}  // namespace

void command_run(const Configuration& configuration) {
    // Blocked before any thread is made, so that the signals wait for sigwait() and for nobody else.
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    if (::pthread_sigmask(SIG_BLOCK, &ending, nullptr) != 0) throw evidence::error("cannot block signals");
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();

    Journal journal{configuration.log_level};
    const evidence::SystemClock clock;
    OpenStore store{configuration, journal, clock};
    Serving serving{store};
    std::cout << serving.urls() << std::flush;
    journal.info("serving " + configuration.data.string());
    ::sd_notify(0, ("READY=1\nSTATUS=serving " + configuration.data.string()).c_str());
    wait_for(ending, serving);
    ::sd_notify(0, "STOPPING=1");
    journal.info("stopping");
    serving.stop();
}

}  // namespace annexa::store
