#include "agent/service.hpp"

#include "agent/local_collection.hpp"
#include "agent/local_socket.hpp"
#include "agent/service_manager.hpp"
#include "agent/tls_identity.hpp"
#include "agent/worker.hpp"
#include "policies/schema.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <csignal>
#include <mutex>
#include <random>
#include <thread>

namespace annexa::agent {
namespace {

/// A descriptor that is readable from set() on.
class Flag {
  public:
    Flag() : descriptor_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
        if (!descriptor_) throw evidence::error("no event descriptor can be made");
    }
    void set() const {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = write(descriptor_.get(), &one, sizeof one);
    }
    void reset() const {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t taken = read(descriptor_.get(), &count, sizeof count);
    }
    [[nodiscard]] bool is_set() const {
        pollfd watched{descriptor_.get(), POLLIN, 0};
        return poll(&watched, 1, 0) == 1;
    }
    [[nodiscard]] int get() const { return descriptor_.get(); }

  private:
    Descriptor descriptor_;
};

/// What the two threads tell each other.
struct Exchange {
    std::mutex guard;
    std::string status;                                                                 // JSON
    std::string line;                                                                   // for the service manager
    std::chrono::steady_clock::time_point progress = std::chrono::steady_clock::now();  // of the worker
    std::optional<Configuration> fresh;                                                 // to go on with
    bool collect_asked = false;
    bool collect_done = false;
    bool ended = false;   // the worker
    std::string failure;  // why
};

// One collection may take a collector's time for each of them, and a transfer ten minutes: a worker that has not come
// round for so long hangs, and the watchdog may end it.
constexpr std::chrono::hours longest_round{3};

/// SIGTERM, SIGINT and SIGHUP as a descriptor, blocked for every thread that is started from here on.
Descriptor take_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    Descriptor descriptor{signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!descriptor) throw evidence::error("signals cannot be taken");
    return descriptor;
}

void publish(Worker& worker, Exchange& exchange) {
    const AgentStatus now = worker.status();
    std::string picture = status_json(now);
    const std::lock_guard lock{exchange.guard};
    exchange.status = std::move(picture);
    exchange.line = status_line(now);
}

void work(Worker& worker, const evidence::Clock& clock, Exchange& exchange, const Flag& stop, const Flag& wake,
          const Flag& news) {
    std::string failure;
    try {
        while (!stop.is_set()) {
            bool asked = false;
            std::optional<Configuration> fresh;
            {
                const std::lock_guard lock{exchange.guard};
                asked = std::exchange(exchange.collect_asked, false);
                fresh = std::exchange(exchange.fresh, std::nullopt);
                exchange.progress = std::chrono::steady_clock::now();
            }
            if (fresh) worker.use(*fresh, configured_peer(*fresh));
            if (asked) worker.collect_all_now();
            const evidence::Instant next = worker.step();
            publish(worker, exchange);
            if (asked) {
                const std::lock_guard lock{exchange.guard};
                exchange.collect_done = true;
            }
            news.set();
            const auto left = std::clamp<std::int64_t>((next - clock.now()).count(), 10, 60'000);
            pollfd watched[] = {{stop.get(), POLLIN, 0}, {wake.get(), POLLIN, 0}};
            poll(watched, 2, static_cast<int>(left));
            wake.reset();
        }
    } catch (const std::exception& problem) {
        failure = problem.what();
    }
    const std::lock_guard lock{exchange.guard};
    exchange.ended = true;
    exchange.failure = std::move(failure);
    news.set();
}

/// One question over the local socket. Returns the connection where it has to wait for its answer.
Descriptor answer(Descriptor connection, Exchange& exchange, const Flag& wake) {
    const auto line = receive_line(connection.get());
    if (line == "collect-now") {
        {
            const std::lock_guard lock{exchange.guard};
            exchange.collect_asked = true;
            exchange.collect_done = false;
        }
        wake.set();
        return connection;
    }
    std::string reply = "{\"error\":\"expected status or collect-now\"}";
    if (line == "status") {
        const std::lock_guard lock{exchange.guard};
        reply = exchange.status;
    }
    send_line(connection.get(), reply);
    return {};
}

bool asks_for_reload(int signals) {
    signalfd_siginfo signal{};
    return read(signals, &signal, sizeof signal) == sizeof signal && signal.ssi_signo == SIGHUP;
}

/// Reads the configuration again and hands it to the worker.
void take_over(const Configuration& before, const std::function<Configuration()>& reload, Log& log, Exchange& exchange,
               const Flag& wake) {
    service_manager::reloading();
    try {
        Configuration fresh = reload();
        log.set_level(fresh.log_level);
        log.info("the configuration was read again");
        if (fresh.state != before.state || fresh.socket != before.socket)
            log.warning("`state` and `socket` count from the next start on");
        const std::lock_guard lock{exchange.guard};
        exchange.fresh = std::move(fresh);
        wake.set();
    } catch (const evidence::error& problem) {
        log.error(std::string{"the configuration stays as it was: "} + problem.what());
    }
    service_manager::ready();
}

/// Serves the socket until a signal comes or the worker ends. Returns why the worker ended by itself.
std::string serve(LocalListener& listener, int signals, Exchange& exchange, const Flag& wake, const Flag& news,
                  const std::function<void()>& reload) {
    const auto interval = service_manager::watchdog_interval();
    std::vector<Descriptor> waiting;
    for (;;) {
        if (interval) {
            const std::lock_guard lock{exchange.guard};
            if (std::chrono::steady_clock::now() - exchange.progress < longest_round) service_manager::alive();
        }
        pollfd watched[] = {{signals, POLLIN, 0}, {listener.descriptor(), POLLIN, 0}, {news.get(), POLLIN, 0}};
        if (poll(watched, 3, interval ? static_cast<int>(interval->count()) : -1) <= 0) continue;
        if (watched[0].revents != 0) {
            if (!asks_for_reload(signals)) return {};
            reload();
        }
        if (watched[1].revents != 0)
            if (Descriptor connection = listener.accept())
                if (Descriptor later = answer(std::move(connection), exchange, wake); later && waiting.size() < 16)
                    waiting.push_back(std::move(later));
        if (watched[2].revents == 0) continue;
        news.reset();
        const std::lock_guard lock{exchange.guard};
        service_manager::say(exchange.line);
        if (exchange.ended) return exchange.failure.empty() ? "the service ended by itself" : exchange.failure;
        if (!exchange.collect_done) continue;
        for (const Descriptor& connection : waiting) send_line(connection.get(), exchange.status);
        waiting.clear();
    }
}

std::optional<Machine> ask_machine(const CollectorPeer& peer, const std::string& origin, const evidence::Clock& clock,
                                   const Log& log) {
    try {
        CollectRequest request;
        request.fingerprint_for = origin;
        Collection collection = collect(peer, request, clock);
        if (collection.problem) log.warning(*collection.problem);
        return collection.machine;
    } catch (const evidence::error& problem) {
        log.error(problem.what());
        return std::nullopt;
    }
}

}  // namespace

void run_service(const Configuration& configuration, const std::function<Configuration()>& reload, Log& log,
                 const evidence::Clock& clock) {
    const StateFolder folder = StateFolder::open(configuration.state);
    std::optional<Identity> identity = load_identity(folder.path());
    if (!identity)
        throw evidence::error("this host is not enrolled; run `annexa-agent enroll` with a token of the store");
    const CollectorPeer peer = configured_peer(configuration);
    const Descriptor signals = take_signals();
    const Flag stop;
    const Flag wake;
    const Flag news;

    // Before any key is used: is this the machine that was enrolled?
    const std::optional<Machine> machine = ask_machine(peer, identity->enrolment.origin(), clock, log);
    if (machine && machine->fingerprint &&
        is_cloned(identity->enrolment, evidence::Digest::from_hex(*machine->fingerprint)))
        throw evidence::error("cloned: enrol again (the identity in " + folder.path().string() +
                              " was made on another machine; run `annexa-agent enroll` with a new token)");

    LocalListener listener{configuration.socket};
    const Enrolment& enrolment = identity->enrolment;
    const std::unique_ptr<Transport> transport =
        make_tls_transport({enrolment.url, ca_as_pem(enrolment.ca), identity->certificate_pem, identity->keys.tls_pem,
                            "annexa-agent/" ANNEXA_VERSION},
                           stop.get());
    std::vector<ScheduledCollector> schedule;
    for (const std::string& name : all_collector_names()) schedule.push_back({name, is_deep(name)});
    std::mt19937_64 generator{std::random_device{}()};
    Exchange exchange;
    Worker* working = nullptr;
    Worker worker{{configuration, folder, *identity, *transport, peer, expected_collectors(all_collector_names()),
                   std::move(schedule), clock, log, stop.get(),
                   [&generator] { return std::uniform_real_distribution<double>{0, 1}(generator); },
                   [&] {
                       publish(*working, exchange);
                       news.set();
                   }}};
    working = &worker;
    if (machine) worker.learn(*machine);
    log.info("annexa-agent " ANNEXA_VERSION " as " + enrolment.host_name + " (" + enrolment.host_id + "), store " +
             enrolment.url);

    exchange.status = status_json(worker.status());
    std::thread thread{[&] { work(worker, clock, exchange, stop, wake, news); }};
    service_manager::ready();
    const std::string failure = serve(listener, signals.get(), exchange, wake, news,
                                      [&] { take_over(configuration, reload, log, exchange, wake); });
    service_manager::stopping();
    stop.set();
    thread.join();
    if (!failure.empty()) throw evidence::error(failure);
    log.info("stopped");
}

}  // namespace annexa::agent
