#include "cli/sheets/pdf.hpp"

#include "cli/sheets/temporary_folder.hpp"
#include "evidence/errors.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include <optional>
#include <vector>

namespace annexa::cli::sheets {
namespace {

constexpr int most_ms = 120000;
constexpr std::size_t most_words = 500;

/// In PATH, folders alone that are named from the root: not whatever lies in the present one.
std::optional<std::filesystem::path> find_program(const std::string& name) {
    const char* variable = std::getenv("PATH");
    const std::string_view path = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t cut = std::min(path.find(':', at), path.size());
        const std::filesystem::path program = std::filesystem::path{path.substr(at, cut - at)} / name;
        if (program.is_absolute() && ::access(program.c_str(), X_OK) == 0) return program;
        at = cut + 1;
    }
    return std::nullopt;
}

/// A started program; killed and reaped where it goes before it was waited for.
class Child {
  public:
    explicit Child(pid_t pid) : pid_{pid} {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ < 0) return;
        ::kill(pid_, SIGKILL);
        reap();
    }
    /// Its exit status; nothing where it did not end in time.
    std::optional<int> wait(int milliseconds) {
        const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
        if (process < 0) throw evidence::error(std::string{"cannot wait for weasyprint: "} + std::strerror(errno));
        pollfd ended{process, POLLIN, 0};
        int ready = 0;
        do ready = ::poll(&ended, 1, milliseconds);
        while (ready < 0 && errno == EINTR);
        ::close(process);
        return ready == 1 ? std::optional{reap()} : std::nullopt;
    }

  private:
    int reap() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return status;
    }
    pid_t pid_;
};

pid_t start(const std::filesystem::path& program, std::vector<std::string> arguments, const std::string& messages) {
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    std::vector<char*> environment;  // a token has no business in a program that draws pages
    for (char** entry = environ; *entry != nullptr; ++entry)
        if (!std::string_view{*entry}.starts_with("ANNEXA_TOKEN=")) environment.push_back(*entry);
    environment.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, messages.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t pid = -1;
    const int problem = posix_spawn(&pid, program.c_str(), &actions, nullptr, pointers.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (problem != 0) throw evidence::error("cannot start " + program.string() + ": " + std::strerror(problem));
    return pid;
}

std::string last_words(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.size() > most_words ? text.substr(text.size() - most_words) : text;
}

}  // namespace

void write_pdf(std::string_view html, const std::filesystem::path& path) {
    const auto program = find_program("weasyprint");
    if (!program)
        throw evidence::error(
            "PDF takes the program weasyprint: install it (apt install weasyprint), or print "
            "--format html from a browser");
    const TemporaryFolder folder;
    const std::string page = (folder.path() / "page.html").string();
    const std::string drawn = (folder.path() / "page.pdf").string();
    const std::string messages = (folder.path() / "messages").string();
    std::ofstream{page, std::ios::binary} << html;
    Child child{start(*program, {program->string(), "--quiet", page, drawn}, messages)};
    const std::optional<int> status = child.wait(most_ms);
    if (!status) throw evidence::error("weasyprint took longer than two minutes and was ended; try --format html");
    if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0 || !std::filesystem::exists(drawn))
        throw evidence::error(program->string() + " made no PDF: " + last_words(messages));
    std::filesystem::copy_file(drawn, path, std::filesystem::copy_options::overwrite_existing);
}

}  // namespace annexa::cli::sheets
