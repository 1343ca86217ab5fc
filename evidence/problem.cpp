#include "evidence/problem.hpp"

#include "evidence/errors.hpp"
#include "evidence/members.hpp"

#include <nlohmann/json.hpp>

namespace annexa::evidence {

std::optional<Problem> parse_problem(std::string_view body) {
    try {
        const nlohmann::json value = read_json(body, std::size_t{64} << 10);
        Members members{value, ""};
        Problem problem;
        problem.code = members.identifier("code");
        problem.status = static_cast<int>(members.number("status", 100, 599));
        problem.title = members.text("title", 4096);
        problem.detail = members.text("detail", 16384);
        return problem;
    } catch (const error&) {
        return std::nullopt;
    }
}

}  // namespace annexa::evidence
