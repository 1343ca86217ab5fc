#include "server-stub/server/serving.hpp"

#include "server-stub/conditions/conditions.hpp"
#include "server-stub/enrolment/tokens.hpp"
#include "server-stub/files.hpp"
#include "server-stub/http/dispatcher.hpp"
#include "server-stub/ingest/ingest.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"
#include "server-stub/server/admin_socket.hpp"
#include "server-stub/server/routes.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace annexa::store {
namespace {

using namespace std::chrono_literals;

constexpr auto house_keeping = 10s;
constexpr auto sweeping = 1h;
constexpr auto longest_round = 30min;

}  // namespace

struct Serving::Parts {
    Parts(OpenStore& store_, const ListenerLimits& limits)
        : store{store_}, dispatcher{store_.server(), routes()}, http{dispatcher, limits, pool_threads()} {}

    static unsigned pool_threads() { return std::clamp(std::thread::hardware_concurrency() * 4, 8U, 64U); }

    void keep_house();
    void certificates();
    void conditions();
    void sweep();

    OpenStore& store;
    Dispatcher dispatcher;
    HttpServer http;
    ListenAddress agents;
    ListenAddress people;
    std::unique_ptr<AdminSocket> admin;
    std::map<std::string, std::string> known_conditions;  // code and detail → as the journal said it
    evidence::Instant swept{};
    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
    std::atomic<std::chrono::steady_clock::time_point> last_round{std::chrono::steady_clock::now()};
    std::thread house_keeper;
};

void Serving::Parts::certificates() {
    Server& server = store.server();
    if (store.renew_server_certificate()) {
        http.use_certificate(Listener::agents, store.agents_tls());
        http.use_certificate(Listener::people, store.people_tls());
        server.journal.info("the server's certificate was renewed, valid until " + evidence::to_string(certificate_end(store.agents_tls().certificates)));
    }
    if (store.reload_people_certificate()) {
        http.use_certificate(Listener::people, store.people_tls());
        server.journal.info("the certificate of people's listener was read again, valid until " +
                            evidence::to_string(certificate_end(store.people_tls().certificates)));
    }
}

/// Says what begins and what ends, once.
void Serving::Parts::conditions() {
    Server& server = store.server();
    std::map<std::string, std::string> now;
    for (const Condition& condition : judge(look_at(server))) {
        // The amount of free space moves all the time: it is the condition that is said once, not each figure of it.
        const bool figure = condition.kind->code.starts_with("disk_");
        const std::string key = std::string{condition.kind->code} + (figure ? "" : " " + condition.detail);
        now[key] = std::string{condition.kind->code} + ": " + std::string{condition.kind->sentence} + " " + condition.detail;
        if (!known_conditions.contains(key)) server.journal.write(condition.kind->severity, now[key] + " " + std::string{condition.kind->advice});
    }
    for (const auto& [key, line] : known_conditions)
        if (!now.contains(key)) server.journal.info("no longer: " + line);
    known_conditions = std::move(now);
}

void Serving::Parts::sweep() {
    Server& server = store.server();
    const evidence::Instant now = server.clock.now();
    if (now - swept < sweeping) return;
    swept = now;
    if (const std::size_t dropped = server.ingest.sweep(); dropped != 0)
        server.journal.info("dropped " + std::to_string(dropped) + " tables that no statement had named within a day");
}

void Serving::Parts::keep_house() {
    const auto guarded = [this](const char* what, void (Parts::*work)()) {
        try {
            (this->*work)();
        } catch (const std::exception& error) {
            store.server().journal.warning(std::string{what} + ": " + error.what());
        }
    };
    guarded("certificates", &Parts::certificates);
    guarded("conditions", &Parts::conditions);
    guarded("sweeping", &Parts::sweep);
}

Serving::Serving(OpenStore& store, const ListenerLimits& limits) : parts_{std::make_unique<Parts>(store, limits)} {
    Server& server = store.server();
    store.renew_server_certificate();
    parts_->agents = parts_->http.listen(Listener::agents, server.configuration.agents, store.agents_tls(), server.authority.certificate_pem());
    parts_->people = parts_->http.listen(Listener::people, server.configuration.people, store.people_tls(), {});
    store.reached_at(parts_->agents.port, parts_->people.port);
    parts_->http.start();
    parts_->admin = std::make_unique<AdminSocket>(store.folder(), server);
    write_file(store.folder().urls(), urls(), 0644);
    parts_->house_keeper = std::thread{[this] {
        std::unique_lock lock{parts_->mutex};
        while (!parts_->stopping) {
            lock.unlock();
            parts_->keep_house();
            parts_->last_round = std::chrono::steady_clock::now();
            lock.lock();
            parts_->wake.wait_for(lock, house_keeping, [this] { return parts_->stopping; });
        }
    }};
}

Serving::~Serving() { stop(); }

ListenAddress Serving::agents() const { return parts_->agents; }
ListenAddress Serving::people() const { return parts_->people; }

std::string Serving::urls() const {
    const Reach& reach = parts_->store.server().reach;
    return "agents " + reach.agents_url + "\npeople " + reach.people_url + "\n";
}

bool Serving::keeps_house() const {
    return std::chrono::steady_clock::now() - parts_->last_round.load() < longest_round;
}

void Serving::stop() {
    {
        const std::lock_guard lock{parts_->mutex};
        if (parts_->stopping) return;
        parts_->stopping = true;
    }
    std::error_code ignored;
    std::filesystem::remove(parts_->store.folder().urls(), ignored);
    parts_->wake.notify_all();
    if (parts_->house_keeper.joinable()) parts_->house_keeper.join();
    parts_->admin.reset();
    parts_->http.stop();
}

}  // namespace annexa::store
