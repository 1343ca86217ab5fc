#include "agent/spool.hpp"

#include "agent/descriptor.hpp"
#include "evidence/encoding.hpp"
#include "tests/agent/scripted_store.hpp"
#include "tests/agent/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <fstream>

using namespace annexa;
using namespace annexa::agent;
using agent::testing::ManualClock;
using agent::testing::TemporaryDirectory;
using evidence::Type;

namespace {

constexpr std::int64_t roomy = std::int64_t{64} << 20;

EvidenceResult result_of(const std::string& collector, const std::string& cell, evidence::Instant at) {
    Collected collected;
    collected.collector = collector;
    collected.collected_at = at;
    collected.tables = {{collector, {{"value", Type::text}}, {{cell}}}};
    return evidence_of(collected, std::string(32, 'k'));
}

/// Text that does not compress.
std::string noise(std::size_t bytes) { return evidence::to_base64(evidence::random_bytes(bytes)).substr(0, bytes); }

evidence::Envelope statement_over(Spool& spool, std::uint64_t sequence, const evidence::PrivateKey& key,
                                  evidence::Instant now) {
    evidence::Statement statement;
    statement.host = {"6f9619ff-8b86-d011-b42d-00c04fc964ff", "web1", {}};
    statement.agent = {"0.1.0", key.public_key().id()};
    statement.sequence = sequence;
    statement.log = {"annexa/x", {1, {}}};
    statement.made_at = now;
    for (const WaitingResult& one : spool.waiting()) statement.results.push_back(one.result);
    return evidence::seal(evidence::serialise(statement), key);
}

void seal_all(Spool& spool, std::uint64_t sequence, const evidence::PrivateKey& key, evidence::Instant now) {
    const evidence::Envelope envelope = statement_over(spool, sequence, key, now);
    std::vector<std::int64_t> ids;
    for (const WaitingResult& one : spool.waiting()) ids.push_back(one.id);
    spool.seal(sequence, envelope, ids);
}

}  // namespace

TEST_CASE("spool: results wait in their order and survive being closed") {
    const TemporaryDirectory folder;
    const ManualClock clock;
    const EvidenceResult first = result_of("users", "a", clock.now());
    const EvidenceResult second = result_of("shadow", "b", clock.now());
    {
        Spool spool{folder.path() / "spool.db", roomy, clock};
        spool.add(first);
        spool.add(second);
    }
    Spool spool{folder.path() / "spool.db", roomy, clock};
    const auto waiting = spool.waiting();
    REQUIRE(waiting.size() == 2);
    CHECK(waiting[0].result == first.result);
    CHECK(waiting[1].result == second.result);
    CHECK(spool.figures().waiting == 2);
}

TEST_CASE(
    "spool: a statement keeps what is attached until its receipt, then tables are held and the result may be referred "
    "to") {
    const TemporaryDirectory folder;
    const ManualClock clock;
    const evidence::PrivateKey key = evidence::PrivateKey::generate();
    Spool spool{folder.path() / "spool.db", roomy, clock};
    const EvidenceResult result = result_of("users", "a", clock.now());
    spool.add(result);
    spool.mark_due(std::vector<std::string>{"sshd"});
    seal_all(spool, 1, key, clock.now());
    CHECK(spool.waiting().empty());
    CHECK(spool.due().empty());
    REQUIRE(spool.pending().size() == 1);
    REQUIRE(spool.tables_to_upload().size() == 1);
    CHECK(decompress(spool.tables_to_upload()[0].frame, 1 << 20) == result.tables[0].bytes);
    CHECK(evidence::sha256(decompress(spool.tables_to_upload()[0].frame, 1 << 20)) ==
          spool.tables_to_upload()[0].digest);

    SECTION("acknowledged") {
        spool.acknowledge(1);
        CHECK(spool.pending().empty());
        CHECK(spool.waiting().empty());
        REQUIRE(spool.written_out().contains("users"));
        CHECK(spool.written_out()["users"].sequence == 1);
        CHECK(same_outcome(spool.written_out()["users"].result, result.result));
        spool.add(result);  // the same table again: nothing to upload
        seal_all(spool, 2, key, clock.now());
        CHECK(spool.tables_to_upload().empty());
        CHECK(spool.mark_missing(std::vector{result.tables[0].digest}));
        CHECK(spool.tables_to_upload().size() == 1);
    }
    SECTION("refused: all waits again") {
        spool.detach(1);
        CHECK(spool.pending().empty());
        CHECK(spool.waiting().size() == 1);
        CHECK(spool.due() == std::vector<std::string>{"sshd"});
    }
}

TEST_CASE("spool: what was acknowledged stays for seven days") {
    const TemporaryDirectory folder;
    ManualClock clock;
    const evidence::PrivateKey key = evidence::PrivateKey::generate();
    Spool spool{folder.path() / "spool.db", roomy, clock};
    spool.add(result_of("users", "a", clock.now()));
    seal_all(spool, 1, key, clock.now());
    spool.acknowledge(1);
    clock.advance(std::chrono::hours{24 * 7 - 1});
    spool.prune();
    CHECK(spool.newest_statement().has_value());
    clock.advance(std::chrono::hours{2});
    spool.prune();
    CHECK_FALSE(spool.newest_statement().has_value());
}

TEST_CASE("spool: when it is full the acknowledged give way first, then the oldest, and that is said") {
    const TemporaryDirectory folder;
    ManualClock clock;
    const evidence::PrivateKey key = evidence::PrivateKey::generate();
    Spool spool{folder.path() / "spool.db", std::int64_t{2} << 20, clock};
    spool.add(result_of("users", noise(600'000), clock.now()));
    seal_all(spool, 1, key, clock.now());
    spool.acknowledge(1);
    std::vector<evidence::Instant> times;
    for (int i = 0; i < 8; ++i) {
        clock.advance(std::chrono::minutes{1});
        times.push_back(clock.now());
        spool.add(result_of("shadow", noise(400'000), clock.now()));
        CHECK(std::filesystem::file_size(folder.path() / "spool.db") <= std::size_t{2} << 20);
    }
    CHECK(spool.take_trouble() == "spool_full");
    CHECK_FALSE(spool.newest_statement().has_value());
    const auto waiting = spool.waiting();
    REQUIRE(!waiting.empty());
    CHECK(waiting.back().result.collected_at == times.back());  // the newest is there
    const auto dropped = spool.dropped();
    REQUIRE(dropped.size() == 1);
    CHECK(dropped[0].collector == "shadow");
    CHECK(dropped[0].reason == "spool_full");
    CHECK(dropped[0].count == 8 - waiting.size());
    CHECK(dropped[0].from == times[0]);
    CHECK(dropped[0].to == times[8 - waiting.size() - 1]);
    CHECK(waiting.front().result.collected_at == times[8 - waiting.size()]);
}

TEST_CASE("spool: a result that could never fit is said to be lost, the rest stays usable") {
    const TemporaryDirectory folder;
    const ManualClock clock;
    Spool spool{folder.path() / "spool.db", std::int64_t{1} << 20, clock};
    EvidenceResult huge = result_of("shadow", noise(1'000'000), clock.now());
    huge.tables.push_back({"more", evidence::sha256("x"), noise(3'000'000)});
    spool.add(huge);
    CHECK(spool.waiting().empty());
    REQUIRE(spool.dropped().size() == 1);
    CHECK(spool.dropped()[0].count == 1);
    spool.add(result_of("users", "a", clock.now()));
    CHECK(spool.waiting().size() == 1);
}

TEST_CASE("spool: a full disk makes the oldest give way") {
    const TemporaryDirectory folder;
    const auto disk = folder.path() / "disk";
    std::filesystem::create_directory(disk);
    if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=6m") != 0) return;  // only root can have a disk of its own
    {
        ManualClock clock;
        Spool spool{disk / "spool.db", roomy, clock};
        for (int i = 0; i < 30; ++i) {
            clock.advance(std::chrono::minutes{1});
            spool.add(result_of("shadow", noise(400'000), clock.now()));
        }
        CHECK(spool.take_trouble() == "disk_full");
        const auto waiting = spool.waiting();
        CHECK(waiting.size() >= 3);
        CHECK(waiting.back().result.collected_at == clock.now());
        REQUIRE(spool.dropped().size() == 1);
        CHECK(spool.dropped()[0].reason == "disk_full");
        CHECK(spool.dropped()[0].count == 30 - waiting.size());
    }
    CHECK(umount(disk.c_str()) == 0);
}

TEST_CASE("spool: a damaged file is set aside and said, whatever the damage") {
    const ManualClock clock;
    const auto damages = std::vector<std::function<void(const std::filesystem::path&)>>{
        [](const auto& file) { std::ofstream{file} << "this is no database, and long enough to be looked at as one"; },
        [](const auto& file) {
            std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
            for (int page = 1; page < 6; ++page) {
                bytes.seekp(page * 4096);
                bytes << std::string(2000, '\xAA');
            }
        },
    };
    for (const auto& damage : damages) {
        const TemporaryDirectory folder;
        const auto file = folder.path() / "spool.db";
        {
            Spool spool{file, roomy, clock};
            for (int i = 0; i < 20; ++i) spool.add(result_of("users", noise(3000), clock.now()));
        }
        damage(file);
        Spool spool{file, roomy, clock};
        CHECK(spool.take_trouble() == "spool_corrupt");
        CHECK(spool.waiting().empty());
        REQUIRE(spool.dropped().size() == 1);
        CHECK(spool.dropped()[0].collector == "*");
        CHECK(spool.dropped()[0].reason == "spool_corrupt");
        CHECK(std::filesystem::exists(file.string() + ".corrupt"));
        spool.add(result_of("users", "a", clock.now()));
        CHECK(spool.waiting().size() == 1);
    }
}

TEST_CASE("spool: what add() returned for is there after SIGKILL at any moment") {
    const TemporaryDirectory folder;
    const ManualClock clock;
    for (int round = 0; round < 5; ++round) {
        const auto file = folder.path() / ("spool-" + std::to_string(round));
        int ends[2];
        REQUIRE(pipe(ends) == 0);
        const pid_t writer = fork();
        if (writer == 0) {
            Spool spool{file, roomy, clock};
            for (int i = 0;; ++i) {
                spool.add(result_of("users", noise(20'000), clock.now()));
                if (write(ends[1], "x", 1) != 1) _exit(1);
            }
        }
        close(ends[1]);
        const Descriptor reader{ends[0]};
        std::size_t confirmed = 0;
        char byte = 0;
        for (; confirmed < 20U + static_cast<unsigned>(round) * 7U; ++confirmed)
            REQUIRE(read(reader.get(), &byte, 1) == 1);
        kill(writer, SIGKILL);
        waitpid(writer, nullptr, 0);
        while (read(reader.get(), &byte, 1) == 1) ++confirmed;
        Spool spool{file, roomy, clock};
        CHECK_FALSE(spool.take_trouble().has_value());
        CHECK(spool.waiting().size() >= confirmed);
        CHECK(spool.waiting().size() <= confirmed + 1);
        for (const WaitingResult& one : spool.waiting()) CHECK(one.result.tables.size() == 1);
    }
}

TEST_CASE("spool: a collector is owed until it has a result") {
    const TemporaryDirectory folder;
    const ManualClock clock;
    Spool spool{folder.path() / "spool.db", roomy, clock};
    spool.mark_due(std::vector<std::string>{"users"});
    spool.mark_due(std::vector<std::string>{"users"});
    spool.mark_due(std::vector<std::string>{"sshd"});
    CHECK(spool.due() == std::vector<std::string>{"sshd", "users"});
    spool.add(result_of("users", "a", clock.now()));
    CHECK(spool.due() == std::vector<std::string>{"sshd"});
}

TEST_CASE("spool: results that are the cause of a refusal are taken away and said") {
    const TemporaryDirectory folder;
    const ManualClock clock;
    Spool spool{folder.path() / "spool.db", roomy, clock};
    const EvidenceResult bad = result_of("users", "bad", clock.now());
    spool.add(bad);
    spool.add(result_of("users", "good", clock.now()));
    spool.drop_table(bad.tables[0].digest, "refused");
    CHECK(spool.waiting().size() == 1);
    spool.drop_result(spool.waiting()[0].id, "refused");
    CHECK(spool.waiting().empty());
    REQUIRE(spool.dropped().size() == 1);
    CHECK(spool.dropped()[0].count == 2);
}
