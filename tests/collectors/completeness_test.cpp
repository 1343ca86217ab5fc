// What every collector must have, held against the one list.
#include "collectors/documentation.hpp"
#include "evidence/canonical_json.hpp"
#include "support/golden.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

using namespace annexa;
using namespace annexa::collectors;
using nlohmann::json;

namespace {

const std::string folder = ANNEXA_SOURCE_DIR "/tests/collectors";

std::set<std::string> folders_with_cases() {
    std::set<std::string> names;
    for (const auto& path : tests::case_folders(folder)) names.insert(path.parent_path().filename());
    return names;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

std::string_view type_of(const std::string& osquery) {
    if (osquery == "INTEGER" || osquery == "BIGINT" || osquery == "UNSIGNED_BIGINT") return "integer";
    return osquery == "DOUBLE" ? "double" : "text";
}

}  // namespace

TEST_CASE("every collector has a case, and every case a collector") {
    std::set<std::string> collectors;
    for (const Collector* collector : all_collectors()) collectors.insert(std::string{collector->name});
    CHECK(folders_with_cases() == collectors);
}

TEST_CASE("every collector, table and column says what it is") {
    std::set<std::string_view> names;
    std::set<std::string_view> tables;
    for (const Collector* collector : all_collectors()) {
        INFO(collector->name);
        CHECK(is_name(collector->name));
        CHECK(names.insert(collector->name).second);
        CHECK(collector->version >= 1);
        CHECK_FALSE(collector->sources.empty());
        CHECK_FALSE(collector->tables.empty());
        CHECK(collector->collect != nullptr);
        for (const TableDefinition& table : collector->tables) {
            INFO(table.name);
            CHECK(is_name(table.name));
            CHECK(tables.insert(table.name).second);
            CHECK_FALSE(table.description.empty());
            CHECK_FALSE(table.name.starts_with("sources_"));
            CHECK_FALSE(table.name.starts_with("messages_"));
            CHECK(std::any_of(table.columns.begin(), table.columns.end(),
                              [](const Column& column) { return !column.is_volatile(); }));
            std::set<std::string_view> columns;
            for (const Column& column : table.columns) {
                INFO(column.name);
                CHECK(is_name(column.name));
                CHECK(columns.insert(column.name).second);
                CHECK(column.description.size() >= 3);
            }
        }
    }
}

TEST_CASE("a table that osquery has begins with osquery's columns") {
    const json schema = evidence::parse_json(tests::file_text(folder + "/data/osquery-columns.json"));
    std::size_t compared = 0;
    for (const Collector* collector : all_collectors()) {
        for (const TableDefinition& table : collector->tables) {
            const auto theirs = schema.find(std::string{table.name});
            if (theirs == schema.end()) continue;
            ++compared;
            std::size_t place = 0;
            for (const json& column : *theirs) {
                if (column.size() > 2) continue;  // hidden
                INFO(table.name << ", column " << place << " should be " << column[0]);
                REQUIRE(place < table.columns.size());
                CHECK(table.columns[place].name == column[0].get<std::string>());
                CHECK(evidence::type_name(table.columns[place].type) == type_of(column[1]));
                ++place;
            }
        }
    }
    CHECK(compared >= 5);
}

TEST_CASE("policies/tables.json is what the collectors say") {
    INFO("scripts/generate writes it anew");
    CHECK(tests::file_text(ANNEXA_SOURCE_DIR "/policies/tables.json") == schemas_json(all_collectors()));
}

TEST_CASE("the schemas are JSON, and name each table's collector") {
    const json schemas = evidence::parse_json(schemas_json(all_collectors()));
    CHECK(schemas["collectors"].size() == all_collectors().size());
    for (const json& table : schemas["tables"])
        CHECK(std::any_of(schemas["collectors"].begin(), schemas["collectors"].end(), [&](const json& collector) {
            return collector["name"] == table["collector"] &&
                   std::find(collector["tables"].begin(), collector["tables"].end(), table["table"]) !=
                       collector["tables"].end();
        }));
}
