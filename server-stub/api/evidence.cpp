// GET /api/v1/evidence: statements, newest first, paged by `before`. GET /api/v1/evidence/{index}: an entry of the log with the
// proof that it is in it, and what is needed to verify it. GET /api/v1/blobs/{digest}: a table's bytes.
#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"
#include "evidence/envelope.hpp"
#include "evidence/errors.hpp"
#include "evidence/record.hpp"
#include "server-stub/api/arguments.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/log/log.hpp"
#include "server-stub/server/server.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace annexa::store {
namespace {

using evidence::coded_error;
using nlohmann::json;

constexpr std::uint64_t most_on_a_page = 1000;

json statement_json(const StatementRow& statement) {
    std::map<std::string, std::size_t> counts{{"ok", 0}, {"not_applicable", 0}, {"error", 0}};
    std::size_t written_out = 0;
    for (const StoredResult& result : statement.results) {
        ++counts[std::string{evidence::status_name(result.status)}];
        if (!result.same_as) ++written_out;
    }
    return {{"index", statement.index},
            {"host", statement.host},
            {"host_name", statement.host_name},
            {"enrolment", statement.enrolment.hex()},
            {"sequence", statement.sequence},
            {"made_at", evidence::to_string(statement.made_at)},
            {"logged_at", evidence::to_string(statement.logged_at)},
            {"agent_version", statement.agent_version},
            {"results", counts},
            {"written_out", written_out},
            {"due", statement.due},
            {"remarks", statement.remarks}};
}

json results_json(const Store& store, const StatementRow& statement) {
    json results = json::array();
    for (const StoredResult& result : statement.results) {
        json tables = json::array();
        for (const TableRef& ref : result.tables)
            tables.push_back({{"name", ref.name}, {"sha256", ref.digest.hex()}, {"held", store.holding(statement.host, ref.digest).has_value()}});
        results.push_back({{"collector", result.collector},
                           {"version", result.version},
                           {"status", evidence::status_name(result.status)},
                           {"reason", result.reason ? json(evidence::reason_code(*result.reason)) : json(nullptr)},
                           {"collected_at", evidence::to_string(result.collected_at)},
                           {"at", evidence::to_string(result.at)},
                           {"clock", result.clock},
                           {"same_as", result.same_as ? json(*result.same_as) : json(nullptr)},
                           {"written_out", result.written_out},
                           {"tables", std::move(tables)}});
    }
    return results;
}

/// An entry with its proof: what a reader needs to see that it is in the log of that checkpoint.
json proved_entry(Server& server, std::uint64_t index, const LogHead& head) {
    const std::vector<std::string> entries = server.store.entries(index, 1);
    if (index >= head.tree.size || entries.empty())
        throw coded_error("not_found", "the log has no entry " + std::to_string(index) + "; it has " + std::to_string(head.tree.size));
    json proof = json::array();
    for (const Digest& digest : server.log.inclusion_proof(index, head.tree.size)) proof.push_back(evidence::to_base64(digest.view()));
    return {{"index", index},
            {"type", evidence::predicate_type_of(evidence::parse_entry(entries.front()).payload)},
            {"envelope", json::parse(entries.front())},
            {"inclusion_proof", std::move(proof)}};
}

}  // namespace

Response get_evidence(Server& server, const Request& request) {
    StatementFilter filter;
    if (const auto host = read_text(request, "host")) filter.host = find_host(server, *host).id;
    if (request.argument("before")) filter.before_index = read_number(request, "before", 0, 0, UINT64_MAX);
    filter.limit = read_number(request, "limit", 100, 1, most_on_a_page);
    json list = json::array();
    const std::vector<StatementRow> statements = server.store.statements(filter);
    for (const StatementRow& statement : statements) list.push_back(statement_json(statement));
    const bool more = statements.size() == filter.limit;
    return json_answer({{"evidence", std::move(list)}, {"next", more ? json(statements.back().index) : json(nullptr)}});
}

Response get_evidence_entry(Server& server, const Request& request) {
    const std::string& text = request.parameters.at(0);
    std::uint64_t index = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (problem != std::errc{} || end != text.data() + text.size()) throw coded_error("bad_request", "expected the number of an entry");
    const LogHead head = server.store.log_head();
    json answer = proved_entry(server, index, head);
    answer["checkpoint"] = head.checkpoint;
    answer["record_key"] = evidence::to_base64(server.record_key.public_key().spki());
    if (const auto statement = server.store.statement_at(index)) {
        answer["statement"] = statement_json(*statement);
        answer["statement"]["results"] = results_json(server.store, *statement);
        const auto enrolment = server.store.enrolment(statement->enrolment);
        if (!enrolment) throw evidence::error("the enrolment of entry " + text + " is not in the store");
        answer["enrolment"] = proved_entry(server, enrolment->index, head);
    }
    return json_answer(answer);
}

Response get_blob(Server& server, const Request& request) {
    Digest digest;
    try {
        digest = Digest::from_hex(request.parameters.at(0));
    } catch (const evidence::format_error&) {
        throw coded_error("bad_request", "expected a SHA-256 digest of 64 hexadecimal digits");
    }
    auto bytes = server.blobs.get(digest);
    if (!bytes) throw coded_error("not_found", "the store holds nothing of this digest");
    Response response;
    response.content_type = "application/octet-stream";
    response.body = std::move(*bytes);
    response.headers.emplace_back("Cache-Control", "private, immutable");
    return response;
}

}  // namespace annexa::store
