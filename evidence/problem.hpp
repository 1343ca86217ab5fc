// Refusals of a whole request as a client reads them: RFC 9457 problem details with a stable code.
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

/// Nothing where the body is no problem of ours: an unknown answer.
std::optional<Problem> parse_problem(std::string_view body);

}  // namespace annexa::evidence
