// The shipped pack's cases on hosts: through the real collectors over the fixtures of tests/collectors, not past them.
#include "collectors/collected.hpp"
#include "policies/cases.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

using namespace annexa;
using namespace annexa::policies;

namespace {

const collectors::Collector& find_collector(const std::string& name) {
    for (const collectors::Collector* collector : collectors::all_collectors())
        if (collector->name == name) return *collector;
    throw evidence::error("there is no collector " + name);
}

CollectorEvidence as_evidence(const collectors::Collected& collected) {
    constexpr CollectorStatus statuses[] = {CollectorStatus::ok, CollectorStatus::not_applicable,
                                            CollectorStatus::error};
    CollectorEvidence evidence;
    evidence.version = collected.version;
    evidence.status = statuses[static_cast<std::size_t>(collected.outcome)];
    if (collected.reason) evidence.reason = evidence::reason_code(*collected.reason);
    evidence.message = collected.message;
    evidence.collected_at = collected.collected_at;
    return evidence;
}

HostEvidence read_fixture(const std::string& fixture, std::span<const std::string> names) {
    const std::string folder = std::string{ANNEXA_SOURCE_DIR "/tests/collectors/"} + fixture;
    if (!std::filesystem::is_directory(folder)) throw evidence::error("no such fixture");
    HostEvidence host;
    for (const std::string& name : names) {
        const auto machine = collectors::fixture_machine(folder);
        const collectors::Collected collected = collectors::collect_here(find_collector(name), *machine);
        host.collectors.emplace(name, as_evidence(collected));
        for (const evidence::Table& table : collected.tables)
            host.tables[table.name] =
                std::make_shared<const evidence::Table>(evidence_form(table, *built_in_schemas().find(table.name)));
    }
    return host;
}

}  // namespace

TEST_CASE("the shipped pack's cases on hosts hold") {
    const Pack pack = load_pack(linux_baseline_files(), built_in_schemas());
    const CaseReport report = run_cases(pack, linux_baseline_files(), built_in_schemas(), read_fixture);
    for (const CaseFailure& failure : report.failures) UNSCOPED_INFO(failure.text());
    CHECK(report.failures.empty());
    CHECK(report.skipped == 0);
    CHECK(report.cases > 0);
}

TEST_CASE("the embedded schemas are those of the collectors") {
    for (const collectors::Collector* collector : collectors::all_collectors()) {
        const std::string name{collector->name};
        INFO(name);
        const auto known = built_in_schemas().collectors.find(name);
        REQUIRE(known != built_in_schemas().collectors.end());
        CHECK(known->second.version == collector->version);
        CHECK(known->second.tables.size() == collector->tables.size());
        for (const collectors::TableDefinition& table : collector->tables) {
            const TableSchema* schema = built_in_schemas().find(table.name);
            INFO(table.name);
            REQUIRE(schema != nullptr);
            CHECK(schema->collector == name);
            CHECK(std::equal(schema->columns.begin(), schema->columns.end(), table.columns.begin(), table.columns.end(),
                             [](const ColumnSchema& a, const collectors::Column& b) {
                                 return a.name == b.name && a.type == b.type && a.nullable == b.nullable() &&
                                        a.is_volatile == b.is_volatile();
                             }));
        }
    }
    CHECK(built_in_schemas().collectors.size() == collectors::all_collectors().size());
}
