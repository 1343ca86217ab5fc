// Statements a second through ingest, log and SQLite, in one process and on this disk: many hosts that each send a
// small statement, as after an outage. Network, TLS and evaluation are not in it.
//
// Prints `name value unit` lines.
#include "server-stub/ingest/ingest.hpp"
#include "evidence/chain.hpp"
#include "evidence/checkpoint.hpp"
#include "evidence/envelope.hpp"
#include "evidence/receipt.hpp"
#include "evidence/record.hpp"
#include "policies/schema.hpp"
#include "server-stub/storage/blob_folder.hpp"
#include "server-stub/storage/sqlite_store.hpp"
#include "server-stub/storage/zstd_frame.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace {

using namespace annexa;
using namespace annexa::store;

constexpr std::size_t statements_a_host = 50;
constexpr std::size_t collectors = 25;
constexpr std::string_view origin = "annexa/00000000-0000-4000-8000-000000000001";

struct Host {
    std::string id = evidence::random_uuid();
    evidence::PrivateKey key = evidence::PrivateKey::generate();
    evidence::ChainHead chain;
    Digest enrolment;
    std::vector<std::string> bodies;  // made before the clock runs: signing is the host's work
};

struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "annexa-bench-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
};

void enrol(Log& log, Host& host, const evidence::PrivateKey& record_key, const evidence::Clock& clock) {
    const evidence::EnrolmentRecord record{std::string{origin},
                                           host.id,
                                           "bench",
                                           host.key.public_key(),
                                           evidence::sha256("tls"),
                                           std::nullopt,
                                           record_key.public_key(),
                                           record_key.public_key(),
                                           std::nullopt,
                                           clock.now()};
    const evidence::Envelope envelope = evidence::seal(evidence::serialise(record), record_key);
    Enrolment enrolment;
    enrolment.id = envelope.digest();
    enrolment.host = host.id;
    enrolment.evidence_key = host.key.public_key().spki();
    enrolment.key_id = host.key.public_key().id();
    enrolment.made_at = clock.now();
    log.append({{evidence::entry(envelope), HostEnrolled{enrolment, "bench", std::nullopt}}});
    host.enrolment = enrolment.id;
    host.chain = {0, enrolment.id};
}

/// A statement of 25 results: the first written out with its table, the others as on an hour when nothing changed.
void prepare(Host& host, const TreeHead& known, const TableRef& table, const evidence::Clock& clock) {
    evidence::Statement statement;
    statement.host = {host.id, "bench", host.enrolment};
    statement.agent = {"0.1.0", host.key.public_key().id()};
    statement.sequence = host.chain.sequence + 1;
    statement.previous = host.chain.digest;
    statement.log = {std::string{origin}, known};
    statement.made_at = clock.now();
    statement.boot_id = "11111111-1111-4111-8111-111111111111";
    for (std::size_t i = 0; i < collectors; ++i) {
        evidence::Result result;
        result.collector = "collector_" + std::to_string(i);
        result.collected_at = clock.now();
        if (statement.sequence == 1)
            result.tables = {table};
        else
            result.same_as = 1;
        statement.results.push_back(std::move(result));
    }
    const evidence::Envelope envelope = evidence::seal(evidence::serialise(statement), host.key);
    host.chain = {statement.sequence, envelope.digest()};
    host.bodies.push_back(evidence::encode_upload(std::vector{envelope}));
}

/// As many hosts as threads, each sending one statement after the other.
void run(std::size_t threads) {
    const std::size_t hosts = threads;
    const Folder folder;
    const evidence::SystemClock clock;
    SQLiteStore store{folder.path / "store.sqlite", SQLiteStore::Mode::create};
    BlobFolder blobs{folder.path / "blobs"};
    const evidence::PrivateKey record_key = evidence::PrivateKey::generate();
    Log log{store, std::string{origin}, evidence::PrivateKey::generate(),
            evidence::PrivateKey::from_pem(record_key.pem()), clock};
    IngestLimits limits;
    limits.statements_burst = 1e9;
    const policies::Schemas schemas;
    Ingest ingest{store, blobs, log, clock, schemas, limits};

    const std::string bytes =
        R"({"columns":[["name","text"]],"rows":[["a"]],"salt":"00112233445566778899aabbccddeeff"})";
    const TableRef table{"bench", evidence::sha256(bytes)};
    std::vector<Host> fleet(hosts);
    for (Host& host : fleet) {
        enrol(log, host, record_key, clock);
        ingest.put_table(host.id, table.digest.hex(), table.name, compress(bytes));
    }
    const TreeHead known = log.head().tree;
    for (Host& host : fleet)
        for (std::size_t i = 0; i < statements_a_host; ++i) prepare(host, known, table, clock);

    std::atomic<std::size_t> next = 0;
    std::atomic<std::size_t> refused = 0;
    std::vector<std::vector<double>> latencies(threads);
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::thread> pool;
    for (std::size_t thread = 0; thread < threads; ++thread)
        pool.emplace_back([&, thread] {
            for (std::size_t at = next++; at < hosts; at = next++)
                for (const std::string& body : fleet[at].bodies) {
                    const auto sent = std::chrono::steady_clock::now();
                    if (std::holds_alternative<evidence::Refused>(
                            evidence::parse_receipt(ingest.submit(fleet[at].id, body)).statements.at(0)))
                        ++refused;
                    latencies[thread].push_back(
                        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - sent).count());
                }
        });
    for (std::thread& thread : pool) thread.join();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (refused != 0) {
        std::fprintf(stderr, "bench/ingest: %zu statements were refused\n", refused.load());
        std::exit(1);
    }
    std::vector<double> all;
    for (const auto& one : latencies) all.insert(all.end(), one.begin(), one.end());
    std::sort(all.begin(), all.end());
    std::printf("ingest_statements_%zu_threads %.0f per_second\n", threads, static_cast<double>(all.size()) / seconds);
    std::printf("ingest_latency_median_%zu_threads %.2f ms\n", threads, all[all.size() / 2]);
    std::printf("ingest_latency_p99_%zu_threads %.2f ms\n", threads, all[all.size() * 99 / 100]);
}

}  // namespace

int main() {
    for (const std::size_t threads : {1U, 16U, 64U}) run(threads);
    return 0;
}
