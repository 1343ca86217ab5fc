// A server that is killed while it acknowledges: whatever it acknowledged is there, once, and the store is whole.
#include "evidence/errors.hpp"
#include "server-stub/check/store_check.hpp"
#include "server-stub/storage/blob_folder.hpp"
#include "server-stub/storage/sqlite_store.hpp"
#include "tests/server-stub/test_site.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <map>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;

namespace {

/// What a killed process said before: which statements the host has a verified receipt for, and under which index.
using Acknowledged = std::map<std::pair<std::string, std::uint64_t>, std::uint64_t>;

/// Serves one new host until it is killed. Each line goes out when the receipt has been verified, not before.
[[noreturn]] void serve(const std::filesystem::path& folder, const SiteKeys& keys, int out) {
    try {
        SQLiteStore store{folder / "store.sqlite", SQLiteStore::Mode::open};
        BlobFolder blobs{folder / "blobs"};
        IngestLimits limits;
        limits.statements_burst = 1e6;
        Site site{store, blobs, limits, Site::quick(), keys};
        TestHost host{site};
        for (int i = 0;; ++i) {
            const PackedTable table = users_table("user" + std::to_string(i));
            host.put(table);
            const evidence::Receipt receipt = host.deliver(host.next({host.result("users", {table.ref()})}));
            const std::string line = host.enrolment_.hex() + " " + std::to_string(host.chain_.sequence) + " " +
                                     std::to_string(std::get<evidence::Accepted>(receipt.statements.at(0)).index) +
                                     "\n";
            if (::write(out, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(3);
        }
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "the serving process: %s\n", failure.what());
        ::_exit(4);
    }
}

/// Lets a process serve until it has said so many lines, kills it, and adds all that it said.
void kill_after(int lines, const std::filesystem::path& folder, const SiteKeys& keys, Acknowledged& acknowledged) {
    int pipe_ends[2];
    REQUIRE(::pipe(pipe_ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(pipe_ends[0]);
        serve(folder, keys, pipe_ends[1]);
    }
    ::close(pipe_ends[1]);
    std::FILE* in = ::fdopen(pipe_ends[0], "r");
    char enrolment[65];
    unsigned long long sequence = 0;
    unsigned long long index = 0;
    // The pipe holds what was said before the kill, and is read to its end.
    for (int said = 0; std::fscanf(in, "%64s %llu %llu", enrolment, &sequence, &index) == 3; ++said) {
        acknowledged.emplace(std::pair{std::string{enrolment}, sequence}, index);
        if (said == lines) ::kill(child, SIGKILL);
    }
    std::fclose(in);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGKILL);
}

}  // namespace

TEST_CASE("crash: killed at any moment, everything that was acknowledged is there once", "[crash]") {
    const annexa::test::TemporaryDirectory folder;
    const SiteKeys keys;
    Acknowledged acknowledged;
    {
        SQLiteStore made{folder / "store.sqlite", SQLiteStore::Mode::create};
        BlobFolder blobs{folder / "blobs"};
        Site{made, blobs, {}, Site::quick(), keys}.initialise();
    }
    for (int round = 0; round < 12; ++round) {
        kill_after(1 + 3 * round % 17, folder.path(), keys, acknowledged);
        SQLiteStore store{folder / "store.sqlite", SQLiteStore::Mode::open};
        const BlobFolder blobs{folder / "blobs"};
        const StoreCheck check = check_store(store, blobs, std::nullopt);
        for (const StoreProblem& problem : check.problems) UNSCOPED_INFO(problem.place << ": " << problem.what);
        REQUIRE(check.problems.empty());
        for (const auto& [statement, index] : acknowledged) {
            const auto row = store.statement(Digest::from_hex(statement.first), statement.second);
            REQUIRE(row);
            CHECK(row->index == index);
            CHECK(blobs.get(row->results.at(0).tables.at(0).digest));
        }
        // A statement that was in doubt may be there unacknowledged, at most one for each process that was killed.
        CHECK(check.statements <= acknowledged.size() + static_cast<std::size_t>(round) + 1);
    }
}
