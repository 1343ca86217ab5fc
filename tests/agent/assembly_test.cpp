#include "agent/assembly.hpp"

#include "evidence/envelope.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::agent;

namespace {

const evidence::Instant now = evidence::parse_instant("2026-11-24T22:00:00Z");

evidence::Result result_of(const std::string& collector, const std::string& table) {
    evidence::Result result;
    result.collector = collector;
    result.collected_at = now;
    result.tables = {{collector, evidence::sha256(table)}};
    return result;
}

AssemblyInput input_with(std::vector<evidence::Result> results) {
    AssemblyInput input;
    input.host = {"6f9619ff-8b86-d011-b42d-00c04fc964ff", "web1", evidence::sha256("enrolment")};
    input.agent = {"0.1.0", evidence::sha256("key")};
    input.last = {6, evidence::sha256("six")};
    input.log = {"annexa/x", {9, evidence::sha256("root")}};
    input.now = now;
    std::int64_t id = 100;
    for (evidence::Result& result : results) input.waiting.push_back({id++, std::move(result)});
    return input;
}

void write_out(AssemblyInput& input, const evidence::Result& result, std::uint64_t sequence, evidence::Instant at) {
    input.written[result.collector] = {sequence, at, result};
}

}  // namespace

TEST_CASE("assembly: a statement follows the last one and says what it is of") {
    AssemblyInput input = input_with({result_of("users", "a")});
    input.boot_id = "b";
    input.clock_synchronized = false;
    input.machine = evidence::sha256("m");
    input.tags = {{"environment", "production"}};
    const Assembled out = assemble(input);
    const evidence::Statement read = evidence::parse_statement(out.payload);
    CHECK(read == out.statement);
    CHECK(read.sequence == 7);
    CHECK(read.previous == evidence::sha256("six"));
    CHECK(read.log.head.size == 9);
    CHECK(read.boot_id == "b");
    CHECK(read.clock_synchronized == false);
    CHECK(read.machine == evidence::sha256("m"));
    CHECK(read.rest == "{\"tags\":{\"environment\":\"production\"}}");
    CHECK(out.results == std::vector<std::int64_t>{100});
    REQUIRE(read.results.size() == 1);
    CHECK(read.results[0] == input.waiting[0].result);
}

TEST_CASE("assembly: an equal result is a reference for a day, any other is written out") {
    const evidence::Result same = result_of("users", "a");
    AssemblyInput input = input_with({same});
    write_out(input, same, 4, now - std::chrono::hours{23});
    CHECK(assemble(input).statement.results[0].same_as == 4U);
    CHECK(evidence::named_tables(assemble(input).statement).empty());

    SECTION("a day later") { input.written["users"].made_at = now - std::chrono::hours{24}; }
    SECTION("written out in the future: the clock was set back") {
        input.written["users"].made_at = now + std::chrono::hours{1};
    }
    SECTION("another table") { input.waiting[0].result.tables[0].digest = evidence::sha256("b"); }
    SECTION("another version of the collector") { input.waiting[0].result.version = 2; }
    SECTION("an error now") {
        input.waiting[0].result.status = evidence::Status::error;
        input.waiting[0].result.reason = evidence::Reason::timed_out;
    }
    CHECK_FALSE(assemble(input).statement.results[0].same_as.has_value());
}

TEST_CASE("assembly: a refused reference is spelled out") {
    const evidence::Result same = result_of("users", "a");
    AssemblyInput input = input_with({same, result_of("shadow", "b")});
    write_out(input, same, 4, now);
    CHECK_FALSE(assemble(input, {false}).statement.results[0].same_as.has_value());
    CHECK(assemble(input, {false, 1}).statement.results.size() == 1);
    CHECK(assemble(input, {false, 0}).statement.results.empty());
}

TEST_CASE("assembly: what does not fit waits for the next statement, in its order") {
    std::vector<evidence::Result> results;
    for (int i = 0; i < 1000; ++i) results.push_back(result_of("collector_" + std::to_string(i), std::to_string(i)));
    const AssemblyInput input = input_with(results);
    const Assembled out = assemble(input);
    CHECK(out.payload.size() <= evidence::largest_payload_bytes);
    CHECK(out.payload.size() > evidence::largest_payload_bytes - 1000);  // as many as fit
    CHECK(out.results.size() == out.statement.results.size());
    CHECK(out.results.size() < 1000);
    for (std::size_t i = 0; i < out.results.size(); ++i) CHECK(out.results[i] == static_cast<std::int64_t>(100 + i));
}

TEST_CASE("assembly: several versions of one table fit into one statement") {
    const AssemblyInput input = input_with({result_of("users", "a"), result_of("users", "b"), result_of("users", "a")});
    const evidence::Statement read = evidence::parse_statement(assemble(input).payload);
    REQUIRE(read.results.size() == 3);
    CHECK(read.results[0].tables != read.results[1].tables);
    CHECK(read.results[0].tables == read.results[2].tables);
    CHECK(evidence::named_tables(read).size() == 2);
}

TEST_CASE("assembly: owed is what is neither here nor said to be lost") {
    AssemblyInput input = input_with({result_of("users", "a")});
    input.due = {"shadow", "sshd", "users"};
    input.dropped = {{"shadow", 3, now, now, "spool_full"}};
    const evidence::Statement read = evidence::parse_statement(assemble(input).payload);
    CHECK(read.due == std::vector<std::string>{"sshd"});
    CHECK(read.dropped == input.dropped);
}

TEST_CASE("assembly: rollback and alarm are said") {
    AssemblyInput input = input_with({});
    input.rollback = evidence::Rollback{9, evidence::sha256("nine")};
    input.alarm = evidence::Alarm{"log_forked", now, "known\n", "received\n", "it was rewritten"};
    const evidence::Statement read = evidence::parse_statement(assemble(input).payload);
    CHECK(read.rollback == input.rollback);
    CHECK(read.alarm == input.alarm);
}
