// annexa: the command line. What each command does is in command_*.cpp; this file knows the exit codes.
#include "cli/command_line.hpp"
#include "terminal/output.hpp"

#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <iostream>

namespace {

using namespace annexa;
using namespace annexa::cli;

constexpr const char* examples =
    "Exit status: 0 fine, 1 something does not hold (status --fail-on, evidence show), 2 the command failed.\n\n"
    "The token is read from ANNEXA_TOKEN, or from what `annexa login` kept; `annexa-server token create --role reader` "
    "makes one.\n\n"
    "Examples:\n  annexa status\n  annexa status --control A.8.5\n  annexa findings\n  annexa evidence show 17\n"
    "`annexa COMMAND --help` has more.";

void say(const std::string& message) { std::cerr << "annexa: " << message << '\n'; }

int exit_code(Exit exit) { return exit == Exit::fine ? 0 : 1; }

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    CommandLine line{"annexa",
                     "Asks an annexa store for the status of ISO/IEC 27001:2022 Annex A and the evidence behind it.",
                     std::string{"annexa "} + ANNEXA_VERSION, examples};
    add_commands(line.root());
    int ended = 0;
    const RunAlone run = line.parse(argc, argv, ended);
    if (!run) return ended;
    try {
        const evidence::SystemClock clock;
        const terminal::Paint paint = terminal::Paint::for_descriptor(STDOUT_FILENO);
        const Exit exit = run({std::cout, std::cerr, paint, clock});
        std::cout.flush();
        if (!std::cout && errno == EPIPE) return 0;  // whoever read has read enough: `annexa status | head`
        if (!std::cout) throw evidence::error("the output could not be written");
        return exit_code(exit);
    } catch (const refused& problem) {
        say(std::string{problem.what()} + " (" + problem.code() + ")");
    } catch (const std::exception& problem) {
        say(problem.what());
    }
    return 2;
}
