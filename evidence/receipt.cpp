#include "evidence/receipt.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "evidence/members.hpp"
#include "evidence/proof.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::evidence {
namespace {

using nlohmann::json;

constexpr std::size_t largest_receipt_bytes = std::size_t{4} << 20;
constexpr std::size_t largest_checkpoint_bytes = std::size_t{64} << 10;
constexpr std::string_view verdict_names[] = {"ok",           "behind",   "forked", "bad_inclusion", "bad_signature",
                                              "other_origin", "malformed"};

json answer_json(const Accepted& accepted) {
    return {{"index", accepted.index}, {"inclusion_proof", hashes_json(accepted.inclusion_proof)}};
}

json answer_json(const Refused& refused) {
    json answer{{"code", refused.code}, {"detail", refused.detail}};
    if (!refused.tables.empty()) {
        json& tables = answer["tables"] = json::array();
        for (const Digest& digest : refused.tables) tables.push_back(digest.hex());
    }
    if (refused.head)
        answer["head"] = {
            {"sequence", refused.head->head.sequence},
            {"digest", refused.head->head.digest.hex()},
            {"envelope", refused.head->envelope ? parse_json(entry(*refused.head->envelope)) : json(nullptr)}};
    return answer;
}

Refused read_refused(Members& members) {
    Refused refused{members.identifier("code"), members.text("detail", 4096), {}, std::nullopt};
    if (members.has("tables")) {
        for (const json& element : members.array("tables")) {
            const std::string path = members.path_of("tables") + "[" + std::to_string(refused.tables.size()) + "]";
            try {
                refused.tables.push_back(Digest::from_hex(element.is_string() ? element.get<std::string>() : ""));
            } catch (const format_error&) {
                refuse_member(path, "a SHA-256 digest");
            }
        }
    }
    if (members.has("head")) {
        Members head = members.object("head");
        refused.head = StoreHead{{head.number("sequence"), head.digest("digest")}, std::nullopt};
        if (!head.is_null("envelope")) refused.head->envelope = parse_entry(head.object_text("envelope"));
    }
    return refused;
}

std::variant<Accepted, Refused> read_answer(const json& element, const std::string& path) {
    Members members{element, path};
    if (members.has("code")) return read_refused(members);
    return Accepted{members.number("index"), members.hashes("inclusion_proof")};
}

}  // namespace

std::string encode_upload(std::span<const Envelope> envelopes) {
    if (envelopes.empty() || envelopes.size() > most_statements_in_upload)
        throw error("an upload holds 1 to 16 envelopes");
    std::string body;
    for (const Envelope& envelope : envelopes) body.append(body.empty() ? "[" : ",").append(entry(envelope));
    body.push_back(']');
    if (body.size() > largest_upload_bytes) throw error("an upload of more than 1 MiB");
    return body;
}

std::vector<std::string> decode_upload(std::string_view body) {
    const json list = read_canonical_json(body, largest_upload_bytes);
    if (!list.is_array() || list.empty() || list.size() > most_statements_in_upload)
        throw coded_error("bad_json", "expected an array of 1 to 16 envelopes");
    std::vector<std::string> entries;
    for (const json& element : list) entries.push_back(canonical_json(element));
    return entries;
}

std::string serialise(const Receipt& receipt) {
    json statements = json::array();
    for (const auto& answer : receipt.statements)
        statements.push_back(std::visit([](const auto& one) { return answer_json(one); }, answer));
    return canonical_json({{"checkpoint", receipt.checkpoint},
                           {"consistency_proof", hashes_json(receipt.consistency_proof)},
                           {"statements", std::move(statements)}});
}

Receipt parse_receipt(std::string_view bytes) {
    const json value = read_json(bytes, largest_receipt_bytes);
    Members members{value, ""};
    Receipt receipt{members.text("checkpoint", largest_checkpoint_bytes), members.hashes("consistency_proof"), {}};
    for (const json& element : members.array("statements"))
        receipt.statements.push_back(
            read_answer(element, "statements[" + std::to_string(receipt.statements.size()) + "]"));
    return receipt;
}

std::string_view verdict_name(LogVerdict verdict) { return verdict_names[static_cast<std::size_t>(verdict)]; }

LogJudgement judge_checkpoint(std::string_view note, const VerifierKey& log, const TreeHead& known,
                              std::span<const Digest> consistency_proof) {
    if (known.size == 0) throw error("a log is judged against a tree that was verified before, from the enrolment on");
    LogJudgement judgement;
    try {
        judgement.checkpoint = open_checkpoint(note, log);
    } catch (const coded_error& problem) {
        judgement.verdict = problem.code() == "bad_signature"  ? LogVerdict::bad_signature
                            : problem.code() == "other_origin" ? LogVerdict::other_origin
                                                               : LogVerdict::malformed;
        judgement.detail = problem.what();
        return judgement;
    }
    const TreeHead& head = judgement.checkpoint.head;
    const std::string sizes = std::to_string(head.size) + " entries, known were " + std::to_string(known.size);
    if (head.size < known.size) {
        judgement.verdict = LogVerdict::behind;
        judgement.detail = "the log shows " + sizes;
    } else if (!verify_consistency(known, head, consistency_proof)) {
        judgement.verdict = LogVerdict::forked;
        judgement.detail = "the log's tree does not continue the one that was verified before (" + sizes + ")";
    } else {
        judgement.verdict = LogVerdict::ok;
    }
    return judgement;
}

LogJudgement verify_receipt(const Receipt& receipt, const VerifierKey& log, const TreeHead& known,
                            std::span<const Digest> leaves) {
    LogJudgement judgement = judge_checkpoint(receipt.checkpoint, log, known, receipt.consistency_proof);
    const bool accepts = std::any_of(receipt.statements.begin(), receipt.statements.end(),
                                     [](const auto& answer) { return std::holds_alternative<Accepted>(answer); });
    if (judgement.verdict == LogVerdict::forked && !accepts && receipt.consistency_proof.empty() &&
        judgement.checkpoint.head.size > known.size) {
        // A store that could read no statement knows no size to prove from. It proves nothing and claims nothing.
        judgement = {LogVerdict::ok, {log.name, known, {}}, "nothing was accepted and nothing proved"};
    }
    if (judgement.verdict != LogVerdict::ok) return judgement;
    if (receipt.statements.size() != leaves.size()) {
        judgement.verdict = LogVerdict::malformed;
        judgement.detail = "the receipt answers " + std::to_string(receipt.statements.size()) +
                           " statements, sent were " + std::to_string(leaves.size());
        return judgement;
    }
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        const auto* accepted = std::get_if<Accepted>(&receipt.statements[i]);
        if (accepted == nullptr ||
            verify_inclusion(leaves[i], accepted->index, judgement.checkpoint.head, accepted->inclusion_proof))
            continue;
        judgement.verdict = LogVerdict::bad_inclusion;
        judgement.detail = "statement " + std::to_string(i + 1) + " of the upload is not at index " +
                           std::to_string(accepted->index) + " of the log, as the receipt says";
        return judgement;
    }
    return judgement;
}

}  // namespace annexa::evidence
