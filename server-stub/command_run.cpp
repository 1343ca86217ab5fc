#include "evidence/errors.hpp"
#include "server-stub/commands.hpp"
#include "server-stub/server/serving.hpp"

#include <csignal>
#include <iostream>
#include <sys/resource.h>

namespace annexa::store {
namespace {

/// A connection is a descriptor: as many as this process may have.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
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
    int signal = 0;
    ::sigwait(&ending, &signal);
    journal.info("stopping");
    serving.stop();
}

}  // namespace annexa::store
