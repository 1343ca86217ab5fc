// Refusals of a whole request: RFC 9457 problem details with a stable code.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace annexa::evidence {

struct Problem {
    int status = 500;
    std::string code;
    std::string title;
    std::string detail;
    bool operator==(const Problem&) const = default;
};

constexpr std::string_view problem_content_type = "application/problem+json";

/// {"code","detail","status","title","type":"https://annexa.example/problems/CODE"}
std::string serialise(const Problem& problem);
/// Nothing where the body is no problem of ours: an unknown answer.
std::optional<Problem> parse_problem(std::string_view body);

}  // namespace annexa::evidence
