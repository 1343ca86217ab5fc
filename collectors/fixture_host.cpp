// A case folder as a machine: its files by the same code as a real root, its kernel and programs from host.yaml.
#include "collectors/fixture_yaml.hpp"
#include "collectors/machine.hpp"
#include "collectors/rooted_files.hpp"
#include "collectors/support/text.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace annexa::collectors {
namespace {

class FixtureFiles final : public RootedFiles {
  public:
    FixtureFiles(const std::string& root, SourceLog& log, const FixtureAnswers& answers)
        : RootedFiles{root, log}, answers_{answers} {}

    std::optional<std::string> attribute(std::string_view path, std::string_view name) override {
        const auto file = answers_.files.find(path);
        if (file == answers_.files.end()) return std::nullopt;
        const auto found = file->second.attributes.find(name);
        return found == file->second.attributes.end() ? std::nullopt : std::optional{found->second};
    }

  protected:
    FileStatus adjusted(const std::string& path, FileStatus status) const override {
        // git keeps neither owner nor time, and of the mode only whether a file may be run.
        const bool executable = (status.mode & 0100U) != 0;
        status.mode = status.kind == FileKind::symlink ? 0777 : executable ? 0755 : 0644;
        status.uid = status.gid = 0;
        status.modified = evidence::unix_seconds(answers_.now);
        const auto found = answers_.files.find(path);
        if (found == answers_.files.end()) return status;
        const FixtureFile& file = found->second;
        status.mode = file.mode.value_or(status.mode);
        status.uid = file.uid.value_or(status.uid);
        status.gid = file.gid.value_or(status.gid);
        status.modified = file.modified.value_or(status.modified);
        status.size_bytes = file.size_bytes.value_or(status.size_bytes);
        status.kind = file.kind.value_or(status.kind);
        return status;
    }

    void permit(const std::string& path) const override {
        if (std::find(answers_.unreadable.begin(), answers_.unreadable.end(), path) != answers_.unreadable.end())
            throw host_error(Reason::permission_denied, path + ": " + std::strerror(EACCES));
    }

  private:
    const FixtureAnswers& answers_;
};

class FixtureKernel final : public Kernel {
  public:
    FixtureKernel(const std::string& root, SourceLog& log, const FixtureAnswers& answers)
        : files_{root, unused_, answers}, log_{log}, answers_{answers} {}

    std::optional<std::string> read(std::string_view path, std::size_t most_bytes) override {
        if (files_.status(path)) log_.add_name(path);
        std::optional<File> file = files_.read(path, most_bytes);
        if (!file) return std::nullopt;
        return std::move(file->text);
    }
    std::optional<std::vector<std::string>> list(std::string_view path) override {
        const std::optional<FileStatus> status = files_.status(path);
        return status && status->kind == FileKind::directory ? files_.list(path) : std::nullopt;
    }
    std::optional<std::string> read_link(std::string_view path) override { return files_.read_link(path); }

    KernelName name() override {
        log_.add_name("uname(2)");
        if (!answers_.name) unanswered("name");
        return *answers_.name;
    }
    evidence::Instant now() override { return answers_.now; }
    std::optional<FileSystemUsage> usage(std::string_view mount_point) override {
        log_.add_name("statvfs(3)");
        const auto found = answers_.usage.find(mount_point);
        return found == answers_.usage.end() ? std::nullopt : std::optional{found->second};
    }
    std::vector<KernelSocket> sockets() override { return answer("sockets", "netlink:sock_diag", answers_.sockets); }
    std::vector<KernelAddress> addresses() override { return answer("addresses", "getifaddrs(3)", answers_.addresses); }
    KernelClock clock() override { return answer("clock", "adjtimex(2)", answers_.clock); }
    KernelAudit audit() override { return answer("audit", "netlink:audit", answers_.audit); }
    std::vector<KernelFilterChain> filter_chains() override {
        log_.add_name("netlink:nf_tables");
        if (answers_.filter.absent) return {};
        if (!answers_.filter.value) unanswered("filter");
        return *answers_.filter.value;
    }
    std::vector<SystemdUnit> units() override {
        return answer("units", "dbus:org.freedesktop.systemd1", answers_.units);
    }
    std::map<std::string, std::string> unit_properties(std::string_view unit,
                                                       const std::vector<std::string>& names) override {
        log_.add_name("dbus:org.freedesktop.systemd1");
        std::map<std::string, std::string> result;
        const auto found = answers_.unit_properties.find(unit);
        if (found == answers_.unit_properties.end()) return result;
        for (const std::string& name : names)
            if (const auto property = found->second.find(name); property != found->second.end())
                result.insert(*property);
        return result;
    }
    std::optional<std::string> luks_header(std::string_view device, std::size_t bytes) override {
        const auto found = answers_.luks.find(device);
        if (found == answers_.luks.end()) return std::nullopt;
        log_.add_name(device);
        return found->second.substr(0, bytes);
    }

  private:
    [[noreturn]] static void unanswered(const std::string& what) {
        throw host_error(Reason::kernel_refused, "host.yaml says nothing of kernel: " + what);
    }
    template <class T>
    T answer(const std::string& what, std::string_view source, const FixtureAnswer<T>& given) {
        log_.add_name(source);
        if (given.absent) throw not_applicable(Reason::not_present, what + ": not present");
        if (!given.value) unanswered(what);
        return *given.value;
    }

    SourceLog unused_;  // /proc and /sys are listed by name, not by digest
    FixtureFiles files_;
    SourceLog& log_;
    const FixtureAnswers& answers_;
};

class FixturePrograms final : public Programs {
  public:
    FixturePrograms(SourceLog& log, const FixtureAnswers& answers) : log_{log}, answers_{answers} {}

    ProgramOutput run(std::string_view path, const std::vector<std::string>& arguments) override {
        std::vector<std::string> command{std::string{path}};
        command.insert(command.end(), arguments.begin(), arguments.end());
        std::string words;
        for (const std::string& word : command) words += (words.empty() ? "" : " ") + word;
        log_.add_name(words);
        for (const FixtureProgram& program : answers_.programs)
            if (program.command == command) return program.output;
        throw host_error(Reason::program_failed, "host.yaml has no output of: " + text::printable(words));
    }

  private:
    SourceLog& log_;
    const FixtureAnswers& answers_;
};

class Fixture final : public Machine {
  public:
    explicit Fixture(const std::string& folder)
        : answers_{read_fixture_answers(folder)},
          files_{folder + "/root", sources, answers_},
          kernel_{folder + "/kernel", sources, answers_},
          programs_{sources, answers_} {}

    Host host() override {
        if (answers_.image) return {files_, nullptr, nullptr};
        return {files_, &kernel_, &programs_};
    }
    [[nodiscard]] std::optional<evidence::Instant> time() const override { return answers_.now; }

  private:
    FixtureAnswers answers_;
    FixtureFiles files_;
    FixtureKernel kernel_;
    FixturePrograms programs_;
};

}  // namespace

std::unique_ptr<Machine> fixture_machine(std::string_view case_folder) {
    const std::string folder{case_folder};
    struct stat found {};
    if (::stat(folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode))
        throw evidence::error(text::printable(folder) + ": there is no such case folder");
    return std::make_unique<Fixture>(folder);
}

}  // namespace annexa::collectors
