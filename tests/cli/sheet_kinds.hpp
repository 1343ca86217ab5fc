// Kinds and records for tests of sheets: assets told by their titles, persons told by nothing but their ids, rows of
// the Statement told by their controls.
#pragma once

#include "tests/cli/kinds.hpp"

namespace annexa::cli::test {

inline nlohmann::json chosen(nlohmann::json field, std::vector<std::string> choices) {
    field["choices"] = std::move(choices);
    return field;
}

inline nlohmann::json kind(const char* name, const char* plural, const char* key, nlohmann::json fields) {
    nlohmann::json common =
        nlohmann::json::array({field("title", "line"), chosen(field("owner", "record"), {"person", "role"}),
                               field("next_review", "date"), field("labels", "line", true), field("notes", "text")});
    common.insert(common.end(), fields.begin(), fields.end());
    return {{"kind", name},     {"plural", plural},
            {"title", name},    {"step", 1},
            {"clauses", "4.1"}, {"key", key},
            {"single", false},  {"approvable", true},
            {"fields", common}, {"actions", nlohmann::json::array()}};
}

inline Kinds sheet_kinds() {
    using nlohmann::json;
    const json assurance = json::array({field("what", "line"), field("until", "date")});
    return Kinds{
        {{"kinds",
          json::array(
              {kind("person", "persons", "", json::array({field("joined", "date")})),
               kind("asset", "assets", "title",
                    json::array({chosen(field("type", "choice"), {"information", "very_high"}), field("cost", "number"),
                                 field("count", "integer"), field("relevant", "boolean"), field("at", "instant"),
                                 chosen(field("says", "choice", true), {"scope", "review"}),
                                 chosen(field("parts", "record", true), {"asset"}),
                                 field("assurances", "group", true, false, assurance),
                                 field("level", "integer", false, true)})),
               kind("applicability", "applicabilities", "control",
                    json::array({field("control", "line"), field("description", "text"), field("applicable", "boolean"),
                                 chosen(field("ground", "choice", true), {"risk", "obligation"}),
                                 field("justification", "text"), chosen(field("based_on", "record", true), {"risk"}),
                                 field("exclusion", "text"),
                                 chosen(field("implementation", "choice"), {"not", "planned", "fully"}),
                                 field("how", "text"), field("planned_until", "date")}))})}}};
}

inline nlohmann::json record(const char* id, const char* kind, nlohmann::json members, const char* state = "current") {
    return {{"id", id},       {"kind", kind},           {"version", 3},
            {"state", state}, {"approval", "proposed"}, {"members", std::move(members)}};
}

inline nlohmann::json sheet_records() {
    return nlohmann::json::array({
        record("R-0001", "person", {{"title", "Ada Lovelace"}}),
        record("R-0002", "person", {{"title", "Bob, the builder"}}),
        record("R-0003", "role", {{"title", "Ada Lovelace"}}),
        record("R-0004", "asset",
               {{"title", "Laptops"},
                {"owner", "R-0001"},
                {"type", "very_high"},
                {"cost", 1200.5},
                {"count", 12},
                {"relevant", true},
                {"next_review", "2027-03-31"},
                {"labels", {"a, b", "c"}},
                {"notes", " two\nlines "},
                {"says", {"scope", "review"}},
                {"parts", {"R-0005"}},
                {"assurances", {{{"what", "ISO \"27001\""}, {"until", "2027-01-01"}}, {{"what", "x"}}}},
                {"level", 4}}),
        record("R-0005", "asset", {{"title", "=Keys"}}),
        record("R-0006", "asset", {{"title", "Gone"}}, "deleted"),
        record("R-0007", "applicability",
               {{"title", "Policies"}, {"control", "A.5.1"}, {"applicable", true}, {"how", "x"}}),
    });
}

}  // namespace annexa::cli::test
