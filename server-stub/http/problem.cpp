#include "server-stub/http/problem.hpp"

#include "evidence/canonical_json.hpp"

#include <array>
#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

constexpr std::array kinds{
    // the request itself
    ProblemKind{"bad_request", 400, "The request is not well formed"},
    ProblemKind{"bad_target", 400, "The address is not well formed"},
    ProblemKind{"bad_json", 400, "The body is not JSON of our profile"},
    ProblemKind{"truncated", 400, "The body ends before its announced length"},
    ProblemKind{"not_found", 404, "There is nothing at this address"},
    ProblemKind{"bad_method", 405, "This address does not take this method"},
    ProblemKind{"too_slow", 408, "The request took too long to arrive"},
    ProblemKind{"conflict", 409, "It does not fit what the store holds"},
    ProblemKind{"stale", 409, "It was changed in the meantime"},
    ProblemKind{"too_large", 413, "The body is too large"},
    ProblemKind{"headers_too_large", 431, "The headers are too large or too many"},
    // who asks
    ProblemKind{"certificate_missing", 401, "A client certificate is needed"},
    ProblemKind{"certificate_unknown", 401, "The client certificate is not of this store"},
    ProblemKind{"certificate_expired", 401, "The client certificate is out of its time"},
    ProblemKind{"token_missing", 401, "A token is needed"},
    ProblemKind{"token_unknown", 401, "The token is not known"},
    ProblemKind{"token_expired", 401, "The token has expired"},
    ProblemKind{"token_used", 401, "The token has been used"},
    ProblemKind{"sign_in_needed", 401, "The token opens nothing by itself: sign in with it"},
    ProblemKind{"token_revoked", 401, "The token was revoked"},
    ProblemKind{"sign_in_refused", 401, "Name, password or code is wrong"},
    ProblemKind{"account_disabled", 401, "The account is disabled"},
    ProblemKind{"too_many_attempts", 429, "Too many failed attempts"},
    ProblemKind{"forbidden", 403, "This role may not do that"},
    // hosts
    ProblemKind{"unknown_key", 403, "The key is not known to this store"},
    ProblemKind{"foreign_host", 403, "The statement is of another host"},
    ProblemKind{"retired", 403, "The host is retired"},
    ProblemKind{"revoked", 403, "The key is revoked"},
    ProblemKind{"two_machines", 403, "Two machines use this enrolment"},
    ProblemKind{"other_origin", 409, "This is another store"},
    // evidence
    ProblemKind{"chain_conflict", 409, "The statement does not follow the head of its chain"},
    ProblemKind{"tables_missing", 409, "Tables that it names are not held"},
    ProblemKind{"bad_signature", 422, "The signature does not verify"},
    ProblemKind{"wrong_type", 422, "This key may not sign that"},
    ProblemKind{"schema", 422, "A member is missing, unknown or of the wrong form"},
    ProblemKind{"digest_mismatch", 422, "The bytes are not those of the digest"},
    ProblemKind{"password_refused", 422, "The password does not do"},
    ProblemKind{"table_refused", 422, "The table is not acceptable"},
    // the server
    ProblemKind{"internal", 500, "The server failed"},
    ProblemKind{"busy", 503, "The server is busy", 5},
    ProblemKind{"unavailable", 503, "The server cannot do that at present", 30},
};

const ProblemKind& kind_of(std::string_view code) {
    const ProblemKind* internal = nullptr;
    for (const ProblemKind& kind : kinds) {
        if (kind.code == code) return kind;
        if (kind.code == "internal") internal = &kind;
    }
    return *internal;
}

}  // namespace

std::span<const ProblemKind> problem_kinds() { return kinds; }

Response problem(std::string_view code, std::string_view detail) { return problem(code, detail, nlohmann::json::object()); }

Response problem(std::string_view code, std::string_view detail, const nlohmann::json& members) {
    const ProblemKind& kind = kind_of(code);
    const std::string type = "https://annexa.example/problems/" + std::string{kind.code};
    const std::string_view shown = evidence::is_plain_text(detail) ? detail : kind.title;
    nlohmann::json body{{"code", kind.code}, {"detail", shown}, {"status", kind.status}, {"title", kind.title}, {"type", type}};
    body.update(members);
    Response response{.status = kind.status, .content_type = "application/problem+json", .body = evidence::canonical_json(body), .headers = {}};
    if (kind.retry_after_s != 0) response.headers.emplace_back("Retry-After", std::to_string(kind.retry_after_s));
    if (kind.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

}  // namespace annexa::store
