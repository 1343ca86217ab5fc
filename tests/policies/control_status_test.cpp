// One case for each line of the tables of operation, coverage and status (policy.md, Status of a control).
#include "policies/control_status.hpp"
#include "tests/policies/support.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::policies;
using policies::testing::at;

namespace {

const Control control{"A.8.5", "Secure authentication", "technological", EvidenceKind::partial, "", "", ""};
const evidence::Instant now = at("2026-11-24T00:00:00Z");

Check check_of(const std::string& id, Strength strength, Severity severity, int tolerance = 0) {
    Check check;
    check.id = id;
    check.severity = severity;
    check.tolerance = tolerance;
    check.controls = {{"A.8.5", strength}};
    return check;
}

/// direct high, direct low, partial high; indices 0, 1, 2.
struct World {
    std::vector<Check> checks = {check_of("root", Strength::direct, Severity::high),
                                 check_of("keys", Strength::direct, Severity::low),
                                 check_of("factor", Strength::partial, Severity::high)};
    std::vector<HostResults> hosts;
    ControlRecords records;
    bool adopted = false;
    std::vector<std::size_t> in_force = {0, 1, 2};

    World& host(State first, State second, State third) {
        const auto on = [](State state) {
            return CheckOnHost{state, state == State::fail || state == State::overdue, state == State::overdue,
                               state == State::pass, false};
        };
        hosts.push_back({"h" + std::to_string(hosts.size()), {on(first), on(second), on(third)}});
        return *this;
    }
    World& only(std::vector<std::size_t> indices) {
        in_force = std::move(indices);
        return *this;
    }
    World& with(RecordsStatus status, bool is_adopted = true) {
        records.records = status;
        adopted = is_adopted;
        return *this;
    }

    [[nodiscard]] ControlStatus status() const {
        std::vector<CheckInForce> checks_in_force;
        std::vector<HostResults> results = hosts;
        for (HostResults& one : results) {
            std::vector<CheckOnHost> kept;
            for (const std::size_t i : in_force) kept.push_back(one.checks.at(i));
            one.checks = std::move(kept);
        }
        for (const std::size_t i : in_force) checks_in_force.push_back({&checks.at(i), adopted});
        return control_status(control, checks_in_force, results, records, now);
    }
};

constexpr State pass = State::pass, fail = State::fail, overdue = State::overdue, stale = State::stale,
                waived = State::waived, absent = State::not_applicable;

World good() { return World{}.host(pass, pass, pass).host(pass, pass, pass).with(RecordsStatus::accepted); }

}  // namespace

TEST_CASE("operation not_monitored: no direct check is in force") {
    CHECK(World{}.host(pass, pass, pass).only({2}).status().operation == Operation::not_monitored);
    CHECK(World{}.host(pass, pass, pass).only({}).status().operation == Operation::not_monitored);
    CHECK(World{}.host(pass, pass, overdue).only({2}).status().operation == Operation::not_monitored);
}

TEST_CASE("operation not_effective: a direct check of severity high is overdue on more hosts than its tolerance") {
    CHECK(World{}.host(pass, pass, pass).host(overdue, pass, pass).status().operation == Operation::not_effective);
    World tolerant;
    tolerant.checks.at(0).tolerance = 1;
    tolerant.host(overdue, pass, pass).host(pass, pass, pass);
    CHECK(tolerant.status().operation == Operation::effective);
    tolerant.host(overdue, pass, pass);
    CHECK(tolerant.status().operation == Operation::not_effective);
}

TEST_CASE("operation not_effective: silence after an overdue finding betters nothing") {
    for (const State silent : {State::missing, State::error, State::deleted, State::stale}) {
        World world;
        world.host(silent, pass, pass);
        world.hosts.at(0).checks.at(0).finding_open = true;
        CHECK(world.status().operation == Operation::partly_effective);
        world.hosts.at(0).checks.at(0).finding_open_long = true;
        CHECK(world.status().operation == Operation::not_effective);
    }
}

TEST_CASE("operation not_applicable: every host has fresh evidence and no direct check applies on any") {
    CHECK(World{}.host(absent, absent, pass).host(absent, absent, fail).status().operation ==
          Operation::not_applicable);
    CHECK(World{}.host(absent, absent, pass).host(absent, pass, pass).status().operation == Operation::effective);
    CHECK(World{}.host(absent, absent, pass).host(stale, absent, pass).status().operation == Operation::no_evidence);
}

TEST_CASE("operation no_evidence: no direct check could tell on any host") {
    CHECK(World{}.host(State::missing, stale, pass).host(State::error, State::deleted, pass).status().operation ==
          Operation::no_evidence);
    CHECK(World{}.host(absent, stale, pass).status().operation == Operation::no_evidence);
    // Of no host nothing is known: not even that nothing applies.
    CHECK(World{}.status().operation == Operation::no_evidence);
}

TEST_CASE("operation partly_effective: another check is overdue beyond tolerance") {
    CHECK(World{}.host(pass, overdue, pass).status().operation == Operation::partly_effective);
    CHECK(World{}.host(pass, pass, overdue).status().operation == Operation::partly_effective);
    World silent;
    silent.host(pass, pass, stale);
    CHECK(silent.status().operation == Operation::effective);
    silent.hosts.at(0).checks.at(2).finding_open_long = true;
    CHECK(silent.status().operation == Operation::partly_effective);
    World tolerant;
    tolerant.checks.at(1).tolerance = 1;
    CHECK(tolerant.host(pass, overdue, pass).status().operation == Operation::effective);
}

TEST_CASE("operation partly_effective: a direct check of severity high fails, however short a time") {
    CHECK(World{}.host(fail, pass, pass).status().operation == Operation::partly_effective);
}

TEST_CASE("operation partly_effective: a direct check is waived or without fresh evidence on a host") {
    for (const State state : {State::waived, State::missing, State::error, State::deleted, State::stale}) {
        CHECK(World{}.host(pass, state, pass).status().operation == Operation::partly_effective);
        CHECK(World{}.host(pass, pass, pass).host(state, pass, pass).status().operation == Operation::partly_effective);
    }
}

TEST_CASE("operation effective: else, and a lesser fail within its time is counted beside it") {
    CHECK(World{}.host(pass, pass, pass).status().operation == Operation::effective);
    const ControlStatus status = World{}.host(pass, fail, pass).host(pass, fail, pass).status();
    CHECK(status.operation == Operation::effective);
    CHECK(status.in_time == 2);
    // A supporting check's fail within its time does not lower the operation either.
    CHECK(World{}.host(pass, pass, fail).status().operation == Operation::effective);
}

TEST_CASE("coverage: hosts with fresh evidence of the direct checks among those in scope") {
    World world;
    world.host(pass, pass, stale).host(pass, State::error, pass).host(absent, fail, pass).host(waived, pass, pass);
    world.hosts.at(0).checks.at(0).late = true;
    world.records.evidenced_otherwise = 2;
    const Coverage coverage = world.status().coverage;
    CHECK(coverage.in_scope == 4);
    CHECK(coverage.fresh == 3);
    CHECK(coverage.late == 1);
    CHECK(coverage.evidenced_otherwise == 2);
    CHECK_FALSE(coverage.full());
    CHECK(good().status().coverage.full());
    CHECK_FALSE(World{}.status().coverage.full());
    CHECK(World{}.host(pass, pass, pass).only({}).status().coverage.fresh == 0);
    CHECK(World{}.host(pass, pass, pass).host(pass, pass, stale).only({2}).status().coverage.fresh == 1);
}

TEST_CASE("each host in scope is counted once, under the worst state that a direct check has there") {
    const State order[] = {State::overdue, State::fail,   State::error, State::missing,       State::deleted,
                           State::stale,   State::waived, State::pass,  State::not_applicable};
    World world;
    for (std::size_t i = 0; i + 1 < state_count; ++i) world.host(order[i], order[i + 1], State::overdue);
    const StateCounts hosts = world.status().hosts;
    for (std::size_t i = 0; i + 1 < state_count; ++i) CHECK(hosts[static_cast<std::size_t>(order[i])] == 1);
    CHECK(hosts[static_cast<std::size_t>(State::not_applicable)] == 0);
    CHECK(world.only({2}).status().hosts[static_cast<std::size_t>(State::overdue)] == 8);
}

TEST_CASE("rule: adopted if every pack with a check for the control is, none if no check is in force, else default") {
    CHECK(good().status().rule == Rule::adopted);
    CHECK(good().with(RecordsStatus::accepted, false).status().rule == Rule::vendor_default);
    CHECK(good().only({}).status().rule == Rule::none);
    const World world = good();
    const std::vector<CheckInForce> mixed = {
        {&world.checks.at(0), true}, {&world.checks.at(1), false}, {&world.checks.at(2), true}};
    CHECK(control_status(control, mixed, world.hosts, world.records, now).rule == Rule::vendor_default);
}

TEST_CASE("status excluded: by the Statement of Applicability, with its operation all the same") {
    World world = World{}.host(overdue, pass, pass).with(RecordsStatus::accepted);
    world.records.excluded = true;
    CHECK(world.status().status == Status::excluded);
    CHECK(world.status().operation == Operation::not_effective);
}

TEST_CASE("status not_effective: the operation is, or the records are rejected") {
    CHECK(World{}.host(overdue, pass, pass).with(RecordsStatus::accepted).status().status == Status::not_effective);
    CHECK(good().with(RecordsStatus::rejected).status().status == Status::not_effective);
    CHECK(good().only({}).with(RecordsStatus::rejected).status().status == Status::not_effective);
}

TEST_CASE("status effective: operation, a populated pass, full coverage, accepted records and an adopted pack") {
    CHECK(good().status().status == Status::effective);
    CHECK(good().with(RecordsStatus::accepted, false).status().status == Status::partly_effective);
    for (const RecordsStatus records : {RecordsStatus::expired, RecordsStatus::partial, RecordsStatus::missing})
        CHECK(good().with(records).status().status == Status::partly_effective);
    World empty = good();
    for (HostResults& host : empty.hosts)
        for (CheckOnHost& on : host.checks) on.populated = false;
    CHECK(empty.status().status == Status::partly_effective);
    // Only a supporting check passes: that raises nothing.
    CHECK(World{}.host(absent, fail, pass).with(RecordsStatus::accepted).status().status == Status::partly_effective);
}

TEST_CASE(
    "status effective: not monitored or not applicable, with accepted records and no supporting check against it") {
    CHECK(World{}.host(pass, pass, pass).only({}).with(RecordsStatus::accepted).status().status == Status::effective);
    CHECK(World{}.host(pass, pass, pass).only({2}).with(RecordsStatus::accepted).status().status == Status::effective);
    CHECK(World{}.host(absent, absent, pass).with(RecordsStatus::accepted).status().status == Status::effective);
    CHECK(World{}.host(absent, absent, stale).with(RecordsStatus::accepted).status().status == Status::effective);
}

TEST_CASE(
    "status partly_effective: the operation is effective or partly, or a supporting check speaks against accepted "
    "records") {
    CHECK(World{}.host(pass, pass, pass).status().status == Status::partly_effective);
    CHECK(World{}.host(fail, pass, pass).with(RecordsStatus::accepted).status().status == Status::partly_effective);
    CHECK(World{}.host(pass, pass, fail).only({2}).with(RecordsStatus::accepted).status().status ==
          Status::partly_effective);
    CHECK(World{}.host(pass, pass, overdue).only({2}).with(RecordsStatus::accepted).status().status ==
          Status::partly_effective);
    CHECK(World{}.host(absent, absent, fail).with(RecordsStatus::accepted).status().status == Status::partly_effective);
    World silent = World{}.host(pass, pass, stale).only({2}).with(RecordsStatus::accepted);
    silent.hosts.at(0).checks.at(2).finding_open = true;
    CHECK(silent.status().status == Status::partly_effective);
}

TEST_CASE("status not_assessed: nothing is monitored or applies, and there are no records") {
    CHECK(World{}.host(pass, pass, pass).only({}).status().status == Status::not_assessed);
    CHECK(World{}.host(pass, pass, overdue).only({2}).status().status == Status::not_assessed);
    CHECK(World{}.host(absent, absent, pass).status().status == Status::not_assessed);
}

TEST_CASE("status insufficient_evidence: every other case") {
    CHECK(World{}.status().status == Status::insufficient_evidence);
    CHECK(World{}.with(RecordsStatus::accepted).status().status == Status::insufficient_evidence);
    CHECK(World{}.host(stale, stale, pass).with(RecordsStatus::accepted).status().status ==
          Status::insufficient_evidence);
    CHECK(World{}.host(pass, pass, pass).only({}).with(RecordsStatus::partial).status().status ==
          Status::insufficient_evidence);
    CHECK(World{}.host(absent, absent, pass).with(RecordsStatus::expired).status().status ==
          Status::insufficient_evidence);
}

TEST_CASE("no control with a direct check is effective without adopted pack, accepted records and a pass") {
    // Every combination of two hosts' states, of records and of adoption.
    const RecordsStatus all_records[] = {RecordsStatus::rejected, RecordsStatus::accepted, RecordsStatus::expired,
                                         RecordsStatus::partial, RecordsStatus::missing};
    std::size_t effective = 0;
    for_each_state([&](State first) {
        for_each_state([&](State second) {
            for_each_state([&](State third) {
                for (const RecordsStatus records : all_records)
                    for (const bool adopted : {false, true}) {
                        const ControlStatus status = World{}
                                                         .host(first, second, pass)
                                                         .host(third, pass, pass)
                                                         .only({0, 1})
                                                         .with(records, adopted)
                                                         .status();
                        if (status.status != Status::effective) continue;
                        ++effective;
                        CHECK(adopted);
                        CHECK(records == RecordsStatus::accepted);
                        CHECK_FALSE((is_unknown(first) || is_unknown(second) || is_unknown(third)));
                        CHECK_FALSE((first == overdue || first == fail || third == overdue || third == fail));
                    }
            });
        });
    });
    CHECK(effective > 0);
}

TEST_CASE("a supporting check can lower a status and never raise it") {
    for_each_state([&](State first) {
        for_each_state([&](State second) {
            for_each_state([&](State third) {
                const auto value = [](Status status) {
                    return status == Status::effective ? 2 : status == Status::partly_effective ? 1 : 0;
                };
                const World without = World{}.host(first, second, pass).only({0, 1}).with(RecordsStatus::accepted);
                const World with = World{}.host(first, second, third).only({0, 1, 2}).with(RecordsStatus::accepted);
                CHECK(value(with.status().status) <= value(without.status().status));
            });
        });
    });
}

TEST_CASE("the sentence says why and what is lacking") {
    CHECK(World{}.host(overdue, pass, pass).host(pass, pass, pass).status().sentence ==
          "Not effective: root is overdue on 1 host.");
    CHECK(good().status().sentence ==
          "Effective: its checks hold on 2 hosts and its documents and records are accepted.");
    CHECK(World{}.host(pass, pass, pass).status().sentence ==
          "Partly effective: its checks hold on 1 host, nobody has adopted the vendor's default pack and no documents "
          "or records are there.");
    CHECK(World{}.only({}).status().sentence ==
          "Not assessed: no check tests this control directly and no documents or records are there.");
    CHECK(World{}
              .host(stale, stale, pass)
              .status()
              .sentence.starts_with("Insufficient evidence: 1 of 1 host lacks fresh evidence"));
    for_each_state([&](State first) {
        for_each_state([&](State second) {
            const ControlStatus status = World{}.host(first, second, pass).status();
            CHECK(status.sentence.ends_with("."));
            CHECK(status.sentence.find(": ") != std::string::npos);
            CHECK_FALSE(status.reasons.empty());
        });
    });
}

TEST_CASE("the sentence says where one person asked and approved, but not of what fails anyway") {
    World world = good();
    world.records.single_person = true;
    CHECK(world.status().sentence ==
          "Effective: its checks hold on 2 hosts, its documents and records are accepted and one person both asked for "
          "and approved what it rests on.");
    World failing = World{}.host(overdue, pass, pass).with(RecordsStatus::accepted);
    failing.records.single_person = true;
    CHECK(failing.status().sentence == "Not effective: root is overdue on 1 host.");
    CHECK(failing.status().single_person);
}

TEST_CASE("records of a control are picked out of all that people recorded") {
    const auto fact = [](const char* id, RecordKind kind) {
        RecordFact one;
        one.control = id;
        one.kind = kind;
        one.review = Review::approved;
        one.produced_at = now - std::chrono::days{1};
        return one;
    };
    StatusInputs inputs;
    inputs.facts = {fact("A.8.5", RecordKind::rule), fact("A.8.5", RecordKind::operation),
                    fact("A.8.6", RecordKind::rule)};
    inputs.exclusions.controls = {"A.8.6"};
    inputs.scope.evidenced_otherwise = {{"switch", "R-0007@1"}, {"plc", "R-0008@1"}};
    const Conclusion conclusion{"A.8.5", "conforming", "looked at", now, now, now, "Ada", "R-0009@1"};
    Conclusion later = conclusion;
    later.at = now + std::chrono::days{1};
    inputs.conclusions = {conclusion, later};
    const ControlRecords records = records_of(control, inputs, now);
    CHECK(records.records == RecordsStatus::accepted);
    CHECK(records.facts.size() == 2);
    CHECK_FALSE(records.excluded);
    CHECK_FALSE(records.single_person);
    CHECK(records.evidenced_otherwise == 2);
    REQUIRE(records.conclusions.size() == 1);
    CHECK(records.conclusions.front().by == "Ada");
    CHECK(records_of(*find_control(annex_a(), "A.8.6"), inputs, now).excluded);
    CHECK(records_of(*find_control(annex_a(), "A.8.7"), inputs, now).records == RecordsStatus::missing);

    inputs.facts.at(0).single_person = true;
    CHECK(records_of(control, inputs, now).single_person);
    // What is out of date is rested on by nothing.
    inputs.facts.at(0).valid_until = now;
    CHECK_FALSE(records_of(control, inputs, now).single_person);
}

TEST_CASE("a conclusion changes nothing of the indication, nor the indication of it") {
    World world = World{}.host(overdue, pass, pass);
    const ControlStatus without = world.status();
    world.records.conclusions = {{"A.8.5", "effective", "I say so", now}};
    const ControlStatus with = world.status();
    CHECK(with.status == without.status);
    CHECK(with.sentence == without.sentence);
    REQUIRE(with.conclusions.size() == 1);
    CHECK(with.conclusions.front().value == "effective");
}

TEST_CASE("a status lists the checks that it was computed from with their states") {
    World world;
    const ControlStatus status = world.host(pass, fail, stale).host(pass, pass, pass).status();
    REQUIRE(status.checks.size() == 3);
    CHECK(status.checks.at(0).check->id == "root");
    CHECK(status.checks.at(0).states[static_cast<std::size_t>(pass)] == 2);
    CHECK(status.checks.at(0).populated_passes == 2);
    CHECK(status.checks.at(2).strength == Strength::partial);
    CHECK(status.checks.at(2).states[static_cast<std::size_t>(stale)] == 1);
}
