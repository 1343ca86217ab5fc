// A kind with a field of each shape, as a store tells of it.
#pragma once

#include "cli/isms/kinds.hpp"

#include <nlohmann/json.hpp>

namespace annexa::cli::test {

inline nlohmann::json field(const char* name, const char* type, bool many = false, bool computed = false,
                            nlohmann::json members = nlohmann::json::array()) {
    return {{"name", name},
            {"type", type},
            {"description", std::string{"What "} + name + " is"},
            {"required", false},
            {"many", many},
            {"computed", computed},
            {"choices", nlohmann::json::array()},
            {"members", std::move(members)}};
}

inline Kinds kinds() {
    using nlohmann::json;
    const json step = json::array(
        {field("title", "line"), field("due", "date"), field("words", "line", true), field("on", "boolean")});
    const json fields =
        json::array({field("title", "line"), field("notes", "text"), field("labels", "line", true),
                     field("controls", "control", true), field("likelihood", "integer"),
                     field("entries", "integer", true), field("cost", "number"), field("relevant", "boolean"),
                     field("due", "date"), field("plan", "group", false, false, step),
                     field("milestones", "group", true, false, step), field("level", "integer", false, true)});
    return Kinds{{{"kinds", json::array({{{"kind", "risk"},
                                          {"plural", "risks"},
                                          {"title", "Risk"},
                                          {"step", 5},
                                          {"clauses", "6.1.2"},
                                          {"key", ""},
                                          {"single", false},
                                          {"approvable", true},
                                          {"fields", fields},
                                          {"actions", json::array()}}})}}};
}

}  // namespace annexa::cli::test
