#include "evidence/enrolment.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "evidence/in_toto.hpp"
#include "evidence/members.hpp"
#include "evidence/proof.hpp"

#include <nlohmann/json.hpp>

namespace annexa::evidence {
namespace {

using nlohmann::json;

constexpr std::size_t largest_pem_bytes = 32768;
constexpr std::size_t largest_answer_bytes = std::size_t{1} << 20;

std::string write_request(std::string_view predicate_type, std::string_view kind, const json& members) {
    return write_in_toto(predicate_type, {{"record:" + std::string{kind}, sha256("")}}, members);
}

/// The predicate of a request. Keeps a reference to the statement.
Members read_request(const json& statement, std::string_view kind) {
    if (record_subject(statement, kind) != sha256("")) refuse_member("subject[0].digest", "the digest of nothing");
    return {statement["predicate"], "predicate"};
}

void demand(bool holds, const char* code, const std::string& otherwise) {
    if (!holds) throw coded_error(code, otherwise);
}

}  // namespace

Envelope seal(const EnrolmentRequest& request, const PrivateKey& key) {
    return seal(write_request(predicate::enrolment_request, "enrolment-request",
                              {{"csr", request.csr},
                               {"host_name", request.host_name},
                               {"key", request.key.base64()},
                               {"machine", request.machine ? json(request.machine->hex()) : json(nullptr)},
                               {"made_at", to_string(request.made_at)},
                               {"origin", request.origin},
                               {"token", request.token.hex()}}),
                key);
}

EnrolmentRequest open_enrolment_request(std::string_view body) {
    const Envelope envelope = parse_entry(body);
    const json statement = read_in_toto(envelope.payload, predicate::enrolment_request);
    Members members = read_request(statement, "enrolment-request");
    EnrolmentRequest request{.csr = members.text("csr", largest_pem_bytes, 1),
                             .host_name = members.label("host_name"),
                             .key = members.key("key"),
                             .machine = std::nullopt,
                             .made_at = members.instant("made_at"),
                             .origin = members.label("origin"),
                             .token = members.digest("token")};
    if (!members.is_null("machine")) request.machine = members.digest("machine");
    open(envelope, request.key);
    demand(envelope.keyid == request.key.id(), "bad_signature",
           "the envelope's keyid is not that of the key in the request");
    return request;
}

std::string serialise(const EnrolmentAnswer& answer) {
    return canonical_json({{"certificate", answer.certificate},
                           {"checkpoint", answer.checkpoint},
                           {"enrolment",
                            {{"envelope", parse_json(entry(answer.enrolment))},
                             {"index", answer.index},
                             {"inclusion_proof", hashes_json(answer.inclusion_proof)}}},
                           {"host", answer.host},
                           {"record_key", answer.record_key.base64()},
                           {"recovery_key", answer.recovery_key.base64()}});
}

EnrolmentAnswer parse_enrolment_answer(std::string_view body) {
    const json value = read_json(body, largest_answer_bytes);
    Members members{value, ""};
    Members enrolment = members.object("enrolment");
    return {.certificate = members.text("certificate", largest_pem_bytes, 1),
            .checkpoint = members.text("checkpoint", largest_pem_bytes, 1),
            .enrolment = parse_entry(enrolment.object_text("envelope")),
            .index = enrolment.number("index"),
            .inclusion_proof = enrolment.hashes("inclusion_proof"),
            .host = members.uuid("host"),
            .record_key = members.key("record_key"),
            .recovery_key = members.key("recovery_key")};
}

VerifiedEnrolment verify_enrolment(const EnrolmentAnswer& answer, const Token& token, const EnrolmentRequest& request) {
    Checkpoint checkpoint = open_checkpoint(answer.checkpoint, token.log);
    EnrolmentRecord record = parse_enrolment_record(open(answer.enrolment, answer.record_key));
    demand(verify_inclusion(leaf_hash(entry(answer.enrolment)), answer.index, checkpoint.head, answer.inclusion_proof),
           "bad_inclusion", "the enrolment record is not in the log's tree at index " + std::to_string(answer.index));
    demand(record.origin == token.origin(), "other_origin", "the enrolment record is of the log " + record.origin);
    const auto same = [](bool equal, const char* what) {
        demand(equal, "bad_answer", std::string{"the enrolment record has another "} + what);
    };
    same(record.key == request.key, "evidence key than the request");
    same(record.machine == request.machine, "machine than the request");
    same(record.host_name == request.host_name, "host name than the request");
    same(record.host_id == answer.host, "host id than the answer");
    same(record.record_key == answer.record_key, "record key than the answer");
    same(record.recovery_key == answer.recovery_key, "recovery key than the answer");
    return {std::move(record), answer.enrolment.digest(), std::move(checkpoint)};
}

Envelope seal(const RenewalRequest& request, const PrivateKey& key) {
    return seal(write_request(predicate::renewal_request, "renewal-request",
                              {{"csr", request.csr},
                               {"enrolment", request.enrolment.hex()},
                               {"made_at", to_string(request.made_at)},
                               {"origin", request.origin}}),
                key);
}

RenewalRequest parse_renewal_request(std::string_view payload) {
    const json statement = read_in_toto(payload, predicate::renewal_request);
    Members members = read_request(statement, "renewal-request");
    return {members.text("csr", largest_pem_bytes, 1), members.digest("enrolment"), members.instant("made_at"),
            members.label("origin")};
}

std::string serialise_renewal_answer(std::string_view certificate) {
    return canonical_json({{"certificate", certificate}});
}

std::string parse_renewal_answer(std::string_view body) {
    const json value = read_json(body, largest_answer_bytes);
    return Members{value, ""}.text("certificate", largest_pem_bytes, 1);
}

}  // namespace annexa::evidence
