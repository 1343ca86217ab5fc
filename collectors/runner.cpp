#include "collectors/runner.hpp"

#include "collectors/child_output.hpp"
#include "collectors/support/descriptor.hpp"
#include "evidence/digest.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace annexa::collectors {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int answer_descriptor = 3;  // in a child, the only one beside the standard three

[[noreturn]] void fail(const char* what) { throw evidence::error(std::string{what} + ": " + std::strerror(errno)); }

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void keep_only(int descriptor) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || ::dup2(null, 0) < 0 || ::dup2(null, 1) < 0) fail("/dev/null");
    if (descriptor != answer_descriptor && ::dup3(descriptor, answer_descriptor, O_CLOEXEC) < 0) fail("dup3");
    if (::syscall(SYS_close_range, answer_descriptor + 1, ~0U, 0U) != 0) fail("close_range");
}

void reset_signals() {
    for (int number = 1; number < SIGRTMIN; ++number) (void)::signal(number, number == SIGPIPE ? SIG_IGN : SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
}

Collected collect_confined(const Collector& collector, const OpenMachine& open_machine, const RunLimits& limits) {
    try {
        confine(collector, limits.child);
        const std::unique_ptr<Machine> machine = open_machine();
        return collect_here(collector, *machine);
    } catch (const std::bad_alloc&) {
        return failed(collector, Reason::out_of_memory, "the memory limit was reached");
    } catch (const std::exception& failure) {
        return failed(collector, Reason::internal, failure.what());
    }
}

std::string answer_of(const Collector& collector, const Collected& collected, std::size_t most_bytes) {
    try {
        return encode_output(collected, most_bytes);
    } catch (const std::bad_alloc&) {
        return encode_output(failed(collector, Reason::out_of_memory, "the memory limit was reached"), most_bytes);
    } catch (const std::exception& failure) {
        return encode_output(failed(collector, Reason::output_too_large, failure.what()), most_bytes);
    }
}

[[noreturn]] void be_child(const Collector& collector, const OpenMachine& open_machine, const RunLimits& limits,
                           int pipe, pid_t parent) {
    int status = 1;
    try {
        (void)::setpgid(0, 0);
        if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(1);
        reset_signals();
        keep_only(pipe);
        const Collected collected = collect_confined(collector, open_machine, limits);
        if (write_all(answer_descriptor, answer_of(collector, collected, limits.output_bytes))) status = 0;
    } catch (...) {
        status = 1;
    }
    ::_exit(status);  // no destructor of the parent's, no flush of its streams
}

/// One running child. Ends its whole process group when it goes out of scope.
class Child {
  public:
    Child(const Collector& collector, const OpenMachine& open_machine, const RunLimits& limits, evidence::Instant now)
        : collector_{&collector}, collected_at_{now}, begin_{Steady::now()} {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
        output_ = Descriptor{ends[0]};
        const Descriptor write_end{ends[1]};
        const pid_t parent = ::getpid();
        pid_ = ::fork();
        if (pid_ < 0) fail("fork");
        if (pid_ == 0) be_child(collector, open_machine, limits, write_end.get(), parent);
        (void)::setpgid(pid_, pid_);  // here and there, so that it holds whoever comes first
        exit_ = Descriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))};
        if (!exit_ || ::fcntl(output_.get(), F_SETFL, O_NONBLOCK) != 0) {
            const int code = errno;
            end();
            errno = code;
            fail("child");
        }
    }
    Child(Child&& other) noexcept
        : collector_{other.collector_},
          collected_at_{other.collected_at_},
          begin_{other.begin_},
          pid_{std::exchange(other.pid_, -1)},
          output_{std::move(other.output_)},
          exit_{std::move(other.exit_)},
          bytes_{std::move(other.bytes_)} {}
    Child& operator=(Child&& other) noexcept {
        std::swap(collector_, other.collector_);
        std::swap(collected_at_, other.collected_at_);
        std::swap(begin_, other.begin_);
        std::swap(pid_, other.pid_);
        std::swap(output_, other.output_);
        std::swap(exit_, other.exit_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~Child() { end(); }

    [[nodiscard]] int output() const { return output_ ? output_.get() : -1; }
    [[nodiscard]] int exit() const { return exit_.get(); }
    [[nodiscard]] Steady::time_point begin() const { return begin_; }

    /// Reads what is there; false where it is more than allowed.
    bool read(std::size_t most_bytes) {
        std::array<char, 65536> buffer{};
        while (output_) {
            const ssize_t count = ::read(output_.get(), buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) break;  // nothing there now
            if (count == 0) {
                output_ = Descriptor{};
                break;
            }
            bytes_.append(buffer.data(), static_cast<std::size_t>(count));
            if (bytes_.size() > most_bytes) return false;
        }
        return true;
    }

    Collected ended_by_runner(Reason reason, const std::string& message) {
        end();
        return stamped(failed(*collector_, reason, message));
    }

    /// Of a child that has ended.
    Collected result(std::size_t most_bytes) {
        if (!read(most_bytes)) return too_much(most_bytes);
        const int status = end();
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
            return stamped(failed(*collector_, Reason::timed_out, "it used up its processor time"));
        if (WIFSIGNALED(status))
            return stamped(failed(*collector_, Reason::crashed,
                                  std::string{"it was ended by a signal: "} + ::strsignal(WTERMSIG(status))));
        if (WEXITSTATUS(status) != 0)
            return stamped(
                failed(*collector_, Reason::crashed, "it ended with status " + std::to_string(WEXITSTATUS(status))));
        return stamped(decode_output(*collector_, bytes_, most_bytes));
    }

    Collected too_much(std::size_t most_bytes) {
        return ended_by_runner(Reason::output_too_large,
                               "more than " + std::to_string(most_bytes) + " bytes of tables");
    }

  private:
    Collected stamped(Collected collected) const {
        collected.collected_at = collected_at_;
        collected.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begin_).count();
        return collected;
    }

    int end() {
        if (pid_ <= 0) return 0;
        int status = 0;
        // Where it has ended by itself its status is kept; what it started is ended in any case.
        const bool ended = ::waitpid(pid_, &status, WNOHANG) == pid_;
        (void)::kill(-pid_, SIGKILL);
        if (!ended) {
            (void)::kill(pid_, SIGKILL);
            while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
            }
        }
        pid_ = -1;
        return status;
    }

    const Collector* collector_;
    evidence::Instant collected_at_;
    Steady::time_point begin_;
    pid_t pid_ = -1;
    Descriptor output_;
    Descriptor exit_;
    std::string bytes_;
};

/// Waits until a child has something to say, has ended or is late, or the peer hung up. False for the last.
bool wait_for_something(const std::vector<Child>& children, Steady::time_point deadline, int peer) {
    std::vector<pollfd> waiting;
    for (const Child& child : children) {
        waiting.push_back({child.output(), POLLIN, 0});
        waiting.push_back({child.exit(), POLLIN, 0});
    }
    waiting.push_back({peer, POLLRDHUP, 0});
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000))) < 0 &&
        errno != EINTR)
        fail("poll");
    return (waiting.back().revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) == 0;
}

bool has_ended(const Child& child) {
    pollfd exit{child.exit(), POLLIN, 0};
    return ::poll(&exit, 1, 0) == 1;
}

}  // namespace

bool run(std::span<const Collector* const> collectors, const OpenMachine& open_machine, const RunLimits& limits,
         const evidence::Clock& clock, const std::function<void(Collected)>& done, int peer) {
    // What each child would make for itself: the filter of system calls, and OpenSSL's tables.
    prepare_confinement();
    (void)evidence::sha256("");
    std::vector<Child> children;
    std::size_t next = 0;
    const std::string late = "it did not end within " + std::to_string(limits.child.timeout.count()) + " ms";
    while (next < collectors.size() || !children.empty()) {
        while (next < collectors.size() && children.size() < std::max(limits.parallel, 1U))
            children.emplace_back(*collectors[next++], open_machine, limits, clock.now());
        Steady::time_point deadline = Steady::time_point::max();
        for (const Child& child : children) deadline = std::min(deadline, child.begin() + limits.child.timeout);
        if (!wait_for_something(children, deadline, peer)) return false;

        std::vector<Collected> results;
        std::vector<Child> running;
        for (Child& child : children) {
            if (has_ended(child)) {
                results.push_back(child.result(limits.output_bytes));
            } else if (!child.read(limits.output_bytes)) {
                results.push_back(child.too_much(limits.output_bytes));
            } else if (Steady::now() >= child.begin() + limits.child.timeout) {
                results.push_back(child.ended_by_runner(Reason::timed_out, late));
            } else {
                running.push_back(std::move(child));
            }
        }
        children = std::move(running);
        for (Collected& result : results) done(std::move(result));
    }
    return true;
}

}  // namespace annexa::collectors
