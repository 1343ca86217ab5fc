// Refusals: RFC 9457 problem documents with a stable code. One list says which status and title belong to which code.
//
// A handler refuses by throwing evidence::coded_error{code, sentence}; the router makes the answer. A code that is not
// in the list, or any other exception, is answered 500 `internal` and logged: nothing of it reaches the client.
#pragma once

#include "server-stub/http/message.hpp"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string_view>

namespace annexa::store {

struct ProblemKind {
    std::string_view code;
    unsigned status;
    std::string_view title;
    unsigned retry_after_s = 0;  // 0: no Retry-After
};

/// Every code that this server answers with.
std::span<const ProblemKind> problem_kinds();

/// application/problem+json {"type","title","status","detail","code"}; a code that is not in the list becomes `internal`.
Response problem(std::string_view code, std::string_view detail);
/// The same with further members.
Response problem(std::string_view code, std::string_view detail, const nlohmann::json& members);

}  // namespace annexa::store
