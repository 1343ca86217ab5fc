// What the store itself answers for controls that its own records serve, and how people's inputs reach the status.
#include "server-stub/evaluation/record_facts.hpp"

#include "server-stub/evaluation/host_scope.hpp"
#include "tests/server-stub/machine.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;
using policies::RecordFact;
using policies::RecordKind;
using policies::RecordsStatus;
using policies::Review;
using policies::Status;
using std::chrono::days;

namespace {

constexpr int day = 86400;

const policies::ControlStatus& control_of(const StatusReport& report, std::string_view id) {
    const auto found = std::find_if(report.controls.begin(), report.controls.end(),
                                    [&](const auto& one) { return one.control->id == id; });
    REQUIRE(found != report.controls.end());
    return *found;
}

StatusReport report_with(Machine& machine, Instant when, policies::StatusInputs inputs) {
    machine.evaluation.catch_up();
    return status_report(machine.store, machine.blobs, machine.evaluation.rule_books(), {when, {}}, std::move(inputs));
}

RecordFact approved(const std::string& control, RecordKind kind) {
    RecordFact fact;
    fact.control = control;
    fact.kind = kind;
    fact.review = Review::approved;
    fact.produced_at = fact.reviewed_at = at(0);
    fact.reference = "R-0001@1";
    return fact;
}

policies::StatusInputs accepted_for(const std::string& control) {
    policies::StatusInputs inputs;
    inputs.facts = {approved(control, RecordKind::rule), approved(control, RecordKind::operation)};
    return inputs;
}

}  // namespace

TEST_CASE("nothing is served before there is anything") {
    Machine machine;
    const StatusReport report = machine.report_at(at(0));  // no host yet
    for (const policies::ControlStatus& status : report.controls) CHECK(status.records == RecordsStatus::missing);
}

TEST_CASE("statements in the log serve for the collection of evidence, not once they are old") {
    Machine machine;
    CHECK(control_of(machine.report_at(at(60)), "A.5.28").records == RecordsStatus::missing);
    machine.report(100, "365");
    const StatusReport report = machine.report_at(at(200));
    CHECK(control_of(report, "A.5.28").records == RecordsStatus::partial);  // the procedure is not there
    REQUIRE(control_of(report, "A.5.33").facts.size() == 1);
    CHECK(control_of(report, "A.5.33").facts.front().review == Review::approved);
    policies::StatusInputs inputs;
    inputs.facts = {approved("A.5.28", RecordKind::rule)};
    CHECK(control_of(report_with(machine, at(200), inputs), "A.5.28").records == RecordsStatus::accepted);
    CHECK(control_of(report_with(machine, at(31 * day), inputs), "A.5.28").records == RecordsStatus::expired);
}

TEST_CASE("a log that a host doubts serves for nothing") {
    Machine machine;
    machine.report(100, "365");
    StatementAccepted doubting = statement(machine.store, enrolment(web1, "one").id, at(150), {});
    doubting.row.remarks = {"alarm"};
    append(machine.store, at(151), {logged(std::move(doubting))});
    policies::StatusInputs inputs;
    inputs.facts = {approved("A.5.28", RecordKind::rule)};
    CHECK(control_of(report_with(machine, at(140), inputs), "A.5.28").records == RecordsStatus::accepted);
    const StatusReport report = report_with(machine, at(200), inputs);
    CHECK(report.log_doubted);
    CHECK(control_of(report, "A.5.28").records == RecordsStatus::partial);
}

TEST_CASE("a waiver serves for the segregation of duties where two people had a part in it") {
    Machine machine;
    machine.decide_waiver(100, "proposed", "ada", day);
    CHECK(control_of(machine.report_at(at(150)), "A.5.3").facts.empty());
    machine.decide_waiver(200, "approved", "bob", day);
    const StatusReport report = machine.report_at(at(250));
    REQUIRE(control_of(report, "A.5.3").facts.size() == 1);
    CHECK(control_of(report, "A.5.3").facts.front().review == Review::approved);
    CHECK(control_of(report, "A.5.3").records == RecordsStatus::partial);

    Machine alone;
    alone.decide_waiver(100, "approved", "ada", day, true);
    CHECK(control_of(alone.report_at(at(150)), "A.5.3").facts.empty());
}

TEST_CASE("a status that rests on a waiver which one person asked for and approved says so") {
    for (const bool single : {false, true}) {
        Machine machine;
        machine.report(100, "99999");
        machine.decide_waiver(200, "approved", single ? "ada" : "bob", day, single);
        const StatusReport report = machine.report_at(at(300));
        CHECK(control_of(report, "A.5.17").single_person == single);
        CHECK_FALSE(control_of(report, "A.8.17").single_person);
        CHECK_FALSE(control_of(machine.report_at(at(150)), "A.5.17").single_person);
    }
}

TEST_CASE("hosts serve for the inventory, and no machine says that it is whole") {
    Machine machine;
    const StatusReport report = machine.report_at(at(60));
    REQUIRE(control_of(report, "A.5.9").facts.size() == 1);
    CHECK(control_of(report, "A.5.9").facts.front().review == Review::none);
    CHECK(control_of(report, "A.5.9").records == RecordsStatus::partial);
}

TEST_CASE("an adopted pack serves as the rule of configuration until its review is due") {
    Machine machine;
    CHECK(control_of(machine.report_at(at(60)), "A.8.9").records == RecordsStatus::missing);
    machine.adopt(100, "{}");
    policies::StatusInputs inputs;
    inputs.facts = {approved("A.8.9", RecordKind::operation)};
    CHECK(control_of(report_with(machine, at(99), inputs), "A.8.9").records == RecordsStatus::partial);
    CHECK(control_of(report_with(machine, at(100), inputs), "A.8.9").records == RecordsStatus::accepted);
    inputs.facts.front().produced_at = at(360 * day);
    CHECK(control_of(report_with(machine, at(366 * day), inputs), "A.8.9").records == RecordsStatus::expired);
}

TEST_CASE("records that people recorded decide where no check looks") {
    Machine machine;
    CHECK(control_of(machine.report_at(at(60)), "A.5.4").status == Status::not_assessed);
    CHECK(control_of(report_with(machine, at(60), accepted_for("A.5.4")), "A.5.4").status == Status::effective);
    CHECK(control_of(report_with(machine, at(60), accepted_for("A.5.5")), "A.5.4").status == Status::not_assessed);
    policies::StatusInputs rejected = accepted_for("A.5.4");
    rejected.facts.front().review = Review::rejected;
    CHECK(control_of(report_with(machine, at(60), rejected), "A.5.4").status == Status::not_effective);
}

TEST_CASE("what the Statement of Applicability excludes is excluded, its operation shown all the same") {
    Machine machine;
    machine.report(10, "365");
    policies::StatusInputs inputs;
    inputs.exclusions = {{"A.8.8"}, "R-0100@2"};
    const StatusReport report = report_with(machine, at(60), inputs);
    CHECK(control_of(report, "A.8.8").status == Status::excluded);
    CHECK(control_of(report, "A.8.8").operation == policies::Operation::no_evidence);
    CHECK(control_of(report, "A.8.9").status != Status::excluded);
}

TEST_CASE("a conclusion stands beside the indication") {
    Machine machine;
    policies::StatusInputs inputs;
    inputs.conclusions = {{"A.5.4", "conforming", "interviews", at(30), std::nullopt, std::nullopt, "Ada", "R-0200@1"}};
    CHECK(control_of(report_with(machine, at(29), inputs), "A.5.4").conclusions.empty());
    const StatusReport report = report_with(machine, at(60), inputs);
    CHECK(control_of(report, "A.5.4").conclusions.size() == 1);
    CHECK(control_of(report, "A.5.4").status == Status::not_assessed);
}

TEST_CASE("a scope is made of what people tagged and all that the host ever said") {
    Machine machine;
    machine.report(10, "365");
    using policies::ScopeCondition;
    const auto scope_of = [](ScopeCondition::Kind kind, const std::string& key, const std::string& value) {
        return policies::Scope{policies::ScopeRule{{{{kind, key, value}}}}, {}, {{"plc-1", "R-0300@1"}}, "R-0301@1"};
    };
    const auto hosts = [&](const policies::Scope& scope) {
        policies::StatusInputs inputs;
        inputs.scope = scope;
        return report_with(machine, at(60), inputs).hosts.size();
    };
    const std::string name = machine.store.host(web1)->name;
    CHECK(hosts(scope_of(ScopeCondition::Kind::name, "", name)) == 1);
    CHECK(hosts(scope_of(ScopeCondition::Kind::name, "", "db-*")) == 0);
    const policies::Scope production = scope_of(ScopeCondition::Kind::tag, "environment", "production");
    machine.store.set_tags(web1, {{"environment", "production"}});
    CHECK(hosts(production) == 1);
    machine.store.set_tags(web1, {{"environment", "test"}});
    // A host that never told its addresses is taken out by no network; one that did stays where it ever was.
    const policies::Scope inside = scope_of(ScopeCondition::Kind::network, "", "192.0.2.0/24");
    const policies::Scope elsewhere = scope_of(ScopeCondition::Kind::network, "", "10.0.0.0/8");
    CHECK(hosts(inside) == 1);
    CHECK(hosts(elsewhere) == 1);
    const auto tell = [&](int second, const std::string& address) {
        StoredResult addresses = result("interface_addresses", at(second));
        addresses.tables = {
            machine.hold_table({"interface_addresses",
                                {{"interface", evidence::Type::text}, {"address", evidence::Type::text}},
                                {{"eth0", address}}})};
        machine.send(second, {addresses}, {});
    };
    tell(20, "192.0.2.7");
    CHECK(hosts(inside) == 1);
    CHECK(hosts(elsewhere) == 0);
    tell(30, "10.1.2.3");
    CHECK(hosts(inside) == 1);
    CHECK(hosts(elsewhere) == 1);
    policies::StatusInputs inputs;
    inputs.scope = scope_of(ScopeCondition::Kind::name, "", name);
    CHECK(control_of(report_with(machine, at(60), inputs), "A.8.8").coverage.evidenced_otherwise == 1);
    policies::Scope taken_out = inputs.scope;
    taken_out.exclusions = {{web1, "R-0302@1"}};
    CHECK(hosts(taken_out) == 0);
}
