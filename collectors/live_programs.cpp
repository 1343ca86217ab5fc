#include "collectors/live_programs.hpp"

#include "collectors/support/descriptor.hpp"
#include "collectors/support/text.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace annexa::collectors {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds time_limit{20'000};
constexpr std::size_t output_limit = std::size_t{1} << 20;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw host_error(Reason::program_failed, text::printable(path) + ": " + what);
}

/// `sshd -T`, alone or with one -C per connection that is asked about: it prints and listens to nothing.
bool is_sshd_test(const std::vector<std::string>& arguments) {
    if (arguments.empty() || arguments[0] != "-T") return false;
    for (std::size_t i = 1; i + 1 < arguments.size(); i += 2)
        if (arguments[i] != "-C") return false;
    return arguments.size() % 2 == 1;
}

/// A program that others than root may change is not the authority of anything.
void demand_trustworthy(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            throw not_applicable(Reason::not_installed, path + " is not installed");
        fail(path, std::strerror(errno));
    }
    if (!S_ISREG(found.st_mode) || found.st_uid != 0 || (found.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        fail(path, "is not a program that only root may change");
}

struct Pipe {
    Descriptor read, write;
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            throw host_error(Reason::program_failed, std::string{"pipe: "} + std::strerror(errno));
        read = Descriptor{ends[0]};
        write = Descriptor{ends[1]};
    }
};

class FileActions {
  public:
    FileActions() { ::posix_spawn_file_actions_init(&actions_); }
    ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    posix_spawn_file_actions_t* get() { return &actions_; }

  private:
    posix_spawn_file_actions_t actions_{};
};

/// A child that does not outlive its owner.
class Child {
  public:
    explicit Child(pid_t pid) : pid_{pid} {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        (void)wait();
    }
    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return status;
    }

  private:
    pid_t pid_;
};

pid_t spawn(const std::string& path, const std::vector<std::string>& arguments, const Pipe& output,
            const Pipe& errors) {
    FileActions actions;
    ::posix_spawn_file_actions_addopen(actions.get(), 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(actions.get(), output.write.get(), 1);
    ::posix_spawn_file_actions_adddup2(actions.get(), errors.write.get(), 2);
    ::posix_spawn_file_actions_addclosefrom_np(actions.get(), 3);
    std::string name = path;
    std::vector<std::string> copies = arguments;
    std::vector<char*> argv{name.data()};
    for (std::string& argument : copies) argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::string search = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    std::string locale = "LC_ALL=C";
    std::array<char*, 3> environment{search.data(), locale.data(), nullptr};
    pid_t pid = -1;
    const int code = ::posix_spawn(&pid, path.c_str(), actions.get(), nullptr, argv.data(), environment.data());
    if (code != 0) fail(path, std::strerror(code));
    return pid;
}

/// Reads both until they end; throws when it takes too long or is too much.
void drain(const std::string& path, Pipe& output, Pipe& errors, ProgramOutput& into, Clock::time_point deadline,
           std::size_t most_bytes) {
    std::array<pollfd, 2> waiting{{{output.read.get(), POLLIN, 0}, {errors.read.get(), POLLIN, 0}}};
    while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) fail(path, "did not end in time");
        if (::poll(waiting.data(), waiting.size(), static_cast<int>(left)) < 0 && errno != EINTR)
            fail(path, std::strerror(errno));
        for (pollfd& source : waiting) {
            if (source.fd < 0 || source.revents == 0) continue;
            std::array<char, 16384> buffer{};
            const ssize_t count = ::read(source.fd, buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) {
                source.fd = -1;
                continue;
            }
            std::string& text = &source == &waiting[0] ? into.output : into.errors;
            text.append(buffer.data(), static_cast<std::size_t>(count));
            if (text.size() > most_bytes) fail(path, "printed more than " + std::to_string(most_bytes) + " bytes");
        }
    }
}

}  // namespace

bool is_permitted(std::string_view path, const std::vector<std::string>& arguments) {
    return path == "/usr/sbin/sshd" && is_sshd_test(arguments);
}

ProgramOutput LivePrograms::run(std::string_view path, const std::vector<std::string>& arguments) {
    const std::string name{path};
    std::string words = name;
    for (const std::string& argument : arguments) words += " " + argument;
    if (!is_permitted(path, arguments))
        throw host_error(Reason::internal, "not a permitted program: " + text::printable(words));
    demand_trustworthy(name);
    sources_.add_name(words);
    return run_program(name, arguments, time_limit, output_limit);
}

ProgramOutput run_program(const std::string& path, const std::vector<std::string>& arguments,
                          std::chrono::milliseconds limit, std::size_t most_bytes) {
    const auto deadline = Clock::now() + limit;
    Pipe output;
    Pipe errors;
    ProgramOutput result;
    Child child{spawn(path, arguments, output, errors)};
    output.write = Descriptor{};
    errors.write = Descriptor{};
    drain(path, output, errors, result, deadline, most_bytes);
    const int status = child.wait();
    if (!WIFEXITED(status)) fail(path, "was ended by signal " + std::to_string(WTERMSIG(status)));
    result.exit_status = WEXITSTATUS(status);
    return result;
}

}  // namespace annexa::collectors
