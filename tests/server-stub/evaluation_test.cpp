#include "tests/server-stub/machine.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;
using policies::State;
using std::chrono::hours;
using std::chrono::seconds;

TEST_CASE("a host that was enrolled and never reported is missing, not absent") {
    Machine machine;
    CHECK(machine.state(at(60)) == State::missing);
    CHECK(machine.report_at(at(60)).hosts.size() == 1);
    CHECK(machine.report_at(at(0)).hosts.empty());  // not enrolled yet
}

TEST_CASE("the status as of a time before a change is the one before it") {
    Machine machine;
    machine.report(10, "99999");
    machine.report(3600, "365");
    CHECK(machine.state(at(9)) == State::missing);
    CHECK(machine.state(at(10)) == State::overdue);
    CHECK(machine.state(at(3599)) == State::overdue);
    CHECK(machine.state(at(3600)) == State::pass);
    CHECK(machine.view(at(3599)).open.size() == 1);
    CHECK(machine.view(at(3600)).open.empty());
}

TEST_CASE("known-at answers with what the log held then") {
    Machine machine;
    machine.report(10, "99999");
    const std::uint64_t known = machine.store.log_head().tree.size;
    machine.report_at(at(20));
    machine.report(3600, "365");
    machine.report_at(at(3700));
    CHECK(machine.view(at(3700), known).result.state == State::overdue);
    CHECK(machine.view(at(3700)).result.state == State::pass);
}

TEST_CASE("silence betters nothing") {
    Machine machine;
    machine.report(10, "99999");
    const CheckView silent = machine.view(at(10) + hours{27});
    CHECK(silent.result.state == State::stale);
    CHECK(silent.result.finding_open_long);
    CHECK(silent.open.size() == 1);
}

TEST_CASE("a finding keeps its age over an error and over equal evidence") {
    Machine machine;
    machine.report(10, "99999");
    machine.report(20, std::nullopt);
    CHECK(machine.state(at(21)) == State::error);
    machine.report(30, "99999");
    const CheckView view = machine.view(at(31));
    CHECK(view.result.state == State::overdue);
    REQUIRE(view.open.size() == 1);
    CHECK(view.open.front().opened == at(10));
}

TEST_CASE("what was found is kept up to date while the finding stays the same") {
    Machine machine;
    machine.report(10, "99999");
    machine.report(20, "400");
    const CheckView view = machine.view(at(21));
    REQUIRE(view.open.size() == 1);
    CHECK(view.open.front().opened == at(10));
    CHECK(view.open.front().detail.find("400") != std::string::npos);
}

TEST_CASE("a collector whose turn came without a result is missing until it has one") {
    Machine machine;
    machine.report(10, "365");
    machine.send(100, {}, {"login_defs"});
    CHECK(machine.state(at(99)) == State::pass);
    CHECK(machine.state(at(101)) == State::missing);
    machine.report(200, "365");
    CHECK(machine.state(at(201)) == State::pass);
}

TEST_CASE("history has one stretch for many equal results") {
    Machine machine;
    for (int i = 1; i <= 20; ++i) machine.report(i * 10, "365");
    machine.report_at(at(500));
    HistoryFilter filter;
    filter.host = web1;
    filter.check = check_id;
    filter.with_superseded = true;
    CHECK(machine.store.history(filter).size() == 1);
}

TEST_CASE("evaluating in one go gives what evaluating step by step gives") {
    const auto script = [](Machine& machine, bool step_by_step) {
        for (const auto& [second, days] : std::vector<std::pair<int, const char*>>{{10, "99999"}, {20, "365"}, {30, "400"}, {40, "90"}}) {
            machine.report(second, days);
            if (step_by_step) machine.report_at(at(second + 1));
        }
        machine.report_at(at(100));
    };
    Machine stepwise;
    Machine at_once;
    script(stepwise, true);
    script(at_once, false);
    for (int second = 5; second < 60; second += 5) {
        CHECK(stepwise.state(at(second)) == at_once.state(at(second)));
        CHECK(stepwise.view(at(second)).open.size() == at_once.view(at(second)).open.size());
    }
}

TEST_CASE("an adopted rule counts from its adoption on and repaints nothing") {
    Machine machine;
    machine.report(10, "300");
    CHECK(machine.state(at(20)) == State::pass);
    const std::uint64_t index = machine.adopt(100, R"({"password_max_days":90})");
    CHECK(machine.state(at(99)) == State::pass);
    CHECK(machine.state(at(100)) == State::overdue);
    const CheckView view = machine.view(at(150));
    REQUIRE(view.open.size() == 1);
    CHECK(view.open.front().opened == at(100));
    CHECK(view.open.front().opened_index == index);
    CHECK_FALSE(machine.report_at(at(99)).rules.packs.front().adoption.has_value());
    CHECK(machine.report_at(at(100)).rules.packs.front().adoption.has_value());
}

TEST_CASE("results by a key that was compromised by then are error, whenever one asks") {
    Machine machine;
    machine.report(10, "365");
    const std::uint64_t since = machine.store.log_head().tree.size;
    machine.report(100, "365");
    append(machine.store, at(200), {{"revocation", EnrolmentClosed{enrolment(web1, "one").id, EnrolmentState::revoked, since, at(200)}}});
    CHECK(machine.state(at(50)) == State::pass);
    const CheckView view = machine.view(at(150));
    CHECK(view.result.state == State::error);
    CHECK(view.outcome.reason == policies::reasons::key_compromised);
}

TEST_CASE("a retired host leaves the scope from then on") {
    Machine machine;
    machine.report(10, "365");
    append(machine.store, at(200), {{"retirement", EnrolmentClosed{enrolment(web1, "one").id, EnrolmentState::retired, {}, at(200)}}});
    CHECK(machine.report_at(at(199)).hosts.size() == 1);
    CHECK(machine.report_at(at(200)).hosts.empty());
}

TEST_CASE("evidence whose bracket is wider than max_age is late") {
    Machine machine;
    StoredResult collected = result("login_defs", at(10));
    collected.tables = {machine.hold_table({"login_defs", {{"name", evidence::Type::text}, {"value", evidence::Type::text}, {"source", evidence::Type::text}}, {{"PASS_MAX_DAYS", "365", "/etc/login.defs:165"}}})};
    StatementAccepted accepted = statement(machine.store, enrolment(web1, "one").id, at(2), {collected});
    accepted.row.results.front().at = at(10);
    append(machine.store, at(0) + hours{40}, {logged(std::move(accepted))});
    append(machine.store, at(1) + hours{40});
    CHECK(machine.view(at(20)).outcome.late);
}

TEST_CASE("since when a control has its status is kept when the store looks") {
    Machine machine;
    machine.report(10, "365");
    machine.evaluation.record_controls(machine.report_at(at(60)));
    machine.evaluation.record_controls(machine.report_at(at(120)));
    HistoryFilter filter;
    filter.host = std::string{};
    filter.with_superseded = true;
    const std::vector<HistoryRow> rows = machine.store.history(filter);
    CHECK(rows.size() == policies::annex_a().size());
    CHECK(std::all_of(rows.begin(), rows.end(), [](const HistoryRow& row) { return row.from == at(60); }));
}

TEST_CASE("no control is effective out of shipped defaults") {
    Machine machine;
    machine.report(10, "365");
    for (const policies::ControlStatus& status : machine.report_at(at(60)).controls) CHECK(status.status != policies::Status::effective);
}

TEST_CASE("a check that was tested and does not apply any more is shown as a change to look at") {
    Machine machine;
    machine.report(10, "99999");
    CHECK_FALSE(machine.view(at(15)).dropped_out);
    machine.report_not_installed(20);
    const CheckView gone = machine.view(at(25));
    CHECK(gone.result.state == State::not_applicable);
    REQUIRE(gone.dropped_out);
    CHECK(gone.dropped_out->from == State::fail);
    CHECK(gone.dropped_out->at == at(20));
    CHECK(gone.dropped_out->index == gone.row->from_index);
    // an error in between hides nothing, and the time is that of the change
    machine.report(30, std::nullopt);
    machine.report_not_installed(40);
    REQUIRE(machine.view(at(45)).dropped_out);
    CHECK(machine.view(at(45)).dropped_out->from == State::fail);
    // as of a time before, and tested again, there is none
    CHECK_FALSE(machine.view(at(15)).dropped_out);
    machine.report(50, "365");
    CHECK_FALSE(machine.view(at(55)).dropped_out);
    machine.report_not_installed(60);
    REQUIRE(machine.view(at(65)).dropped_out);
    CHECK(machine.view(at(65)).dropped_out->from == State::pass);
}

TEST_CASE("a check that never applied is no change") {
    Machine machine;
    machine.report_not_installed(10);
    machine.report_not_installed(20);
    CHECK(machine.state(at(25)) == State::not_applicable);
    CHECK_FALSE(machine.view(at(25)).dropped_out);
    machine.report(30, std::nullopt);
    machine.report_not_installed(40);
    CHECK_FALSE(machine.view(at(45)).dropped_out);
}
