// annexa-collect: the one program that reads the host. annexa-agent starts it over a socket pair, or the service
// manager does.
#include "collectors/documentation.hpp"
#include "collectors/service.hpp"
#include "evidence/errors.hpp"

#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace annexa;
using namespace std::chrono_literals;

enum class Exit { fine = 0, failure = 2 };

constexpr std::string_view help = R"(Usage: annexa-collect [--for USER | --schemas | --help | --version]

Reads this host and answers annexa-agent. It is started by annexa-agent with a
socket as its standard input, or by a socket unit of systemd; it ends when no
connection came for a while. People use annexa-agent:

  annexa-agent collect --collector login_defs
  annexa-agent tables

  --for USER  on the socket of systemd, answer this user and root alone (without
              it: root and the user that this runs as)
  --schemas   print every collector and table as JSON
  --help      print this
  --version   print the version

It runs nothing that a request names, opens no internet socket and writes
nothing but its answer.
)";

void print(std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stdout); }

bool is_socket(int descriptor) {
    struct stat found {};
    return ::fstat(descriptor, &found) == 0 && S_ISSOCK(found.st_mode);
}

Exit serve_connection() {
    if (!is_socket(0)) {
        std::fputs(
            "annexa-collect: standard input is no socket. annexa-agent starts this program; try `annexa-agent "
            "collect`.\n",
            stderr);
        return Exit::failure;
    }
    return collectors::serve(0, collectors::Peer::user, collectors::all_collectors(), evidence::SystemClock{})
               ? Exit::fine
               : Exit::failure;
}

/// Who may ask over a socket that others can reach.
std::vector<uid_t> users_of(const std::string& name) {
    if (name.empty()) return {0, ::geteuid()};
    const passwd* user = ::getpwnam(name.c_str());
    if (user == nullptr) throw evidence::error("there is no user " + name + ", for whom --for says this works");
    return {0, user->pw_uid};
}

Exit serve_systemd(const std::string& user) {
    const bool listens = ::sd_is_socket(SD_LISTEN_FDS_START, AF_UNIX, SOCK_STREAM, 1) > 0;
    if (listens) {
        collectors::serve_listener(SD_LISTEN_FDS_START, users_of(user), collectors::all_collectors(),
                                   evidence::SystemClock{}, 10s);
        return Exit::fine;
    }
    (void)collectors::serve(SD_LISTEN_FDS_START, collectors::Peer::service, collectors::all_collectors(),
                            evidence::SystemClock{});
    return Exit::fine;
}

Exit act(int count, char** arguments) {
    std::string_view option = count > 1 ? arguments[1] : "";
    std::string user;
    if (option == "--for" && count == 3) {
        user = arguments[2];
        option = "";
    } else if (count > 2 || (!option.empty() && option != "--schemas" && option != "--help" && option != "--version")) {
        std::fputs("annexa-collect: one option at most: --for USER, --schemas, --help or --version\n", stderr);
        return Exit::failure;
    }
    if (option == "--help") print(help);
    if (option == "--version") print("annexa-collect " ANNEXA_VERSION "\n");
    if (option == "--schemas") print(collectors::schemas_json(collectors::all_collectors()));
    if (!option.empty()) return std::fflush(stdout) == 0 ? Exit::fine : Exit::failure;

    (void)::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)std::signal(SIGPIPE, SIG_IGN);
    ::umask(077);
    return ::sd_listen_fds(1) > 0 ? serve_systemd(user) : serve_connection();
}

}  // namespace

int main(int count, char** arguments) {
    try {
        return static_cast<int>(act(count, arguments));
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "annexa-collect: %s\n", failure.what());
        return static_cast<int>(Exit::failure);
    }
}
