#include "support/process.hpp"

#include "support/temporary_folder.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>

namespace annexa::tests {
namespace {

std::string whole(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

ProgramResult run(const std::vector<std::string>& command) {
    const TemporaryFolder folder;
    const std::string output = folder.path() / "output";
    const std::string errors = folder.path() / "errors";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT, 0600);
    std::vector<std::string> arguments = command;
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    std::string locale = "LC_ALL=C";
    std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    char* environment[] = {locale.data(), path.data(), nullptr};
    pid_t child = 0;
    const int code = posix_spawn(&child, arguments[0].c_str(), &actions, nullptr, pointers.data(), environment);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0) throw std::runtime_error(arguments[0] + ": cannot be started");
    int status = 0;
    if (waitpid(child, &status, 0) != child) throw std::runtime_error(arguments[0] + ": lost");
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), whole(output), whole(errors)};
}

std::string shell(const std::string& line) { return run({"/bin/sh", "-c", line}).output; }

std::uint64_t seed() {
    if (const char* given = std::getenv("ANNEXA_TEST_SEED")) return std::strtoull(given, nullptr, 10);
    return std::random_device{}();
}

}  // namespace annexa::tests
