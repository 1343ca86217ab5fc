#include "cli/isms/column_mapping.hpp"
#include "tests/support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace annexa::cli;

TEST_CASE("mapping: cut at the last sign, compared without case and gaps", "[sheets]") {
    CHECK(parse_mapping({"Risk  Name=title", "L = 1=likelihood", "Nr="}) ==
          ColumnMapping{{"risk_name", "title"}, {"l_=_1", "likelihood"}, {"nr", ""}});
    CHECK_THROWS_WITH(parse_mapping({"title"}), Catch::Matchers::Contains("expected 'THEIR COLUMN=MEMBER'"));
    CHECK_THROWS_WITH(parse_mapping({"=title"}), Catch::Matchers::Contains("expected 'THEIR COLUMN=MEMBER'"));
    CHECK_THROWS_WITH(parse_mapping({"A=title", "a=notes"}), Catch::Matchers::Contains("mapped twice"));
}

TEST_CASE("mapping: kept by kind, the newest word last", "[sheets]") {
    const annexa::test::TemporaryDirectory folder;
    const std::filesystem::path path = folder / "annexa/columns.json";
    CHECK(kept_mapping(path, "risk").empty());
    keep_mapping(path, "risk", {});
    CHECK_FALSE(std::filesystem::exists(path));
    keep_mapping(path, "risk", {{"name", "title"}, {"nr", ""}});
    keep_mapping(path, "asset", {{"name", "notes"}});
    keep_mapping(path, "risk", {{"nr", "id"}});
    CHECK(kept_mapping(path, "risk") == ColumnMapping{{"name", "title"}, {"nr", "id"}});
    CHECK(kept_mapping(path, "asset") == ColumnMapping{{"name", "notes"}});
    for (const char* text : {"[]", "{\"risk\": 1}", "{\"risk\": {\"a\": 1}}", "{"}) {
        std::ofstream{path, std::ios::trunc} << text;
        CHECK_THROWS_WITH(kept_mapping(path, "risk"), Catch::Matchers::Contains("remove the file"));
    }
    CHECK_THROWS_WITH(keep_mapping({}, "risk", {{"a", "b"}}), Catch::Matchers::Contains("is not kept"));
}
