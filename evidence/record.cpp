#include "evidence/record.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "evidence/in_toto.hpp"
#include "evidence/members.hpp"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>

namespace annexa::evidence {
namespace {

using nlohmann::json;

bool one_of(std::string_view text, std::initializer_list<std::string_view> list) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

std::string write_record(std::string_view predicate_type, std::string_view kind, const Digest& subject,
                         const json& predicate) {
    return write_in_toto(predicate_type, {{"record:" + std::string{kind}, subject}}, predicate);
}

Members predicate_of(const json& statement) { return {statement["predicate"], "predicate"}; }

json digest_or_null(const std::optional<Digest>& digest) { return digest ? json(digest->hex()) : json(nullptr); }

std::optional<Digest> digest_or_null(Members& members, std::string_view name) {
    if (members.is_null(name)) return std::nullopt;
    return members.digest(name);
}

void add_actor(json& predicate, const Actor& actor, Instant made_at) {
    predicate["account"] = actor.account;
    predicate["session"] = actor.session;
    predicate["made_at"] = to_string(made_at);
}

Actor read_actor(Members& members) { return {members.label("account"), members.label("session")}; }

/// A kind of decision: its predicate, its words, and whether it speaks of a version of a record.
struct DecisionKind {
    std::string_view name;
    std::string_view predicate_type;
    std::vector<std::string_view> words;
    bool on_record = false;
    bool versioned = false;
};

const std::vector<DecisionKind>& decision_kinds() {
    static const std::vector<DecisionKind> kinds{
        {"waiver", predicate::waiver, {"proposed", "approved", "rejected", "withdrawn"}},
        {"acknowledgement", predicate::acknowledgement, {"acknowledged"}},
        {"account", predicate::account,
         {"added", "invited", "role_changed", "disabled", "enabled", "password_set", "code_set", "token_made", "token_revoked"}},
        {"record", predicate::record, {"written", "deleted"}, true, true},
        {"approval", predicate::approval, {"approved", "rejected"}, true, true},
        {"deletion", predicate::deletion, {"erased"}, true, false},
    };
    return kinds;
}

const DecisionKind* find_kind(std::string_view text, std::string_view DecisionKind::*member) {
    const auto found = std::find_if(decision_kinds().begin(), decision_kinds().end(), [&](const DecisionKind& kind) { return kind.*member == text; });
    return found == decision_kinds().end() ? nullptr : &*found;
}

bool fits_kind(const DecisionKind& kind, std::string_view decision) {
    return std::find(kind.words.begin(), kind.words.end(), decision) != kind.words.end();
}

}  // namespace

bool is_decision(std::string_view predicate_type) { return find_kind(predicate_type, &DecisionKind::predicate_type) != nullptr; }

bool is_record_id(std::string_view text) {
    if (!text.starts_with("R-") || text.size() < 6 || text.size() > 14) return false;
    if (text.size() > 6 && text[2] == '0') return false;
    return std::all_of(text.begin() + 2, text.end(), [](char digit) { return digit >= '0' && digit <= '9'; });
}

bool may_sign(Signer signer, std::string_view predicate_type) {
    switch (signer) {
        case Signer::evidence_key:
            return one_of(predicate_type,
                          {predicate::evidence, predicate::enrolment_request, predicate::renewal_request});
        case Signer::record_key:
            return one_of(predicate_type, {predicate::enrolment, predicate::mark, predicate::policy, predicate::waiver,
                                           predicate::acknowledgement, predicate::account, predicate::record, predicate::approval,
                                           predicate::deletion, predicate::revocation, predicate::retirement});
    }
    return false;
}

std::string serialise(const Record& record) {
    return write_record(record.predicate_type, record.kind, record.subject, parse_json(record.predicate));
}

Record parse_record(std::string_view payload) {
    const json statement = read_in_toto(payload);
    const std::vector<Subject> subjects = subjects_of(statement);
    const std::string& name = subjects.front().name;
    if (subjects.size() != 1 || !name.starts_with("record:") || name.size() == 7)
        refuse_member("subject", "the one subject record:KIND");
    return {statement["predicateType"].get<std::string>(), name.substr(7), subjects.front().digest,
            canonical_json(statement["predicate"])};
}

std::string predicate_type_of(std::string_view payload) {
    return read_in_toto(payload)["predicateType"].get<std::string>();
}

std::string serialise(const EnrolmentRecord& record) {
    json replaces = nullptr;
    if (record.replaces)
        replaces = {{"enrolment", record.replaces->enrolment.hex()},
                    {"sequence", record.replaces->sequence},
                    {"head", record.replaces->head.hex()}};
    return write_record(predicate::enrolment, "enrolment", record.key.id(),
                        {{"origin", record.origin},
                         {"host", {{"id", record.host_id}, {"name", record.host_name}}},
                         {"key", record.key.base64()},
                         {"tls_key_id", record.tls_key_id.hex()},
                         {"machine", digest_or_null(record.machine)},
                         {"record_key", record.record_key.base64()},
                         {"recovery_key", record.recovery_key.base64()},
                         {"replaces", std::move(replaces)},
                         {"made_at", to_string(record.made_at)}});
}

EnrolmentRecord parse_enrolment_record(std::string_view payload) {
    const json statement = read_in_toto(payload, predicate::enrolment);
    Members members = predicate_of(statement);
    Members host = members.object("host");
    EnrolmentRecord record{.origin = members.label("origin"),
                           .host_id = host.uuid("id"),
                           .host_name = host.label("name"),
                           .key = members.key("key"),
                           .tls_key_id = members.digest("tls_key_id"),
                           .machine = digest_or_null(members, "machine"),
                           .record_key = members.key("record_key"),
                           .recovery_key = members.key("recovery_key"),
                           .replaces = std::nullopt,
                           .made_at = members.instant("made_at")};
    if (!members.is_null("replaces")) {
        Members replaces = members.object("replaces");
        record.replaces = EnrolmentRecord::Replaces{replaces.digest("enrolment"), replaces.number("sequence"),
                                                    replaces.digest("head")};
    }
    if (record_subject(statement, "enrolment") != record.key.id())
        refuse_member("subject[0].digest", "the id of the key in predicate.key");
    return record;
}

std::string serialise(const MarkRecord& record) {
    return write_record(predicate::mark, "mark", sha256(""),
                        {{"origin", record.origin}, {"made_at", to_string(record.made_at)}});
}

MarkRecord parse_mark_record(std::string_view payload) {
    const json statement = read_in_toto(payload, predicate::mark);
    if (record_subject(statement, "mark") != sha256("")) refuse_member("subject[0].digest", "the digest of nothing");
    Members members = predicate_of(statement);
    return {members.label("origin"), members.instant("made_at")};
}

std::string serialise(const PolicyRecord& record) {
    json predicate{{"name", record.name},
                   {"version", record.version},
                   {"parameters", parse_json(record.parameters)},
                   {"tolerances", json(record.tolerances)},
                   {"document", digest_or_null(record.document)}};
    if (record.tolerances.empty()) predicate["tolerances"] = json::object();
    if (!record.fix_within.empty()) predicate["fix_within"] = record.fix_within;
    add_actor(predicate, record.actor, record.made_at);
    return write_record(predicate::policy, "policy", record.pack, predicate);
}

PolicyRecord parse_policy_record(std::string_view payload) {
    const json statement = read_in_toto(payload, predicate::policy);
    Members members = predicate_of(statement);
    PolicyRecord record;
    record.pack = record_subject(statement, "policy");
    record.name = members.label("name");
    record.version = members.label("version");
    record.parameters = members.object_text("parameters");
    Members tolerances = members.object("tolerances");
    for (const auto& [check, hosts] : statement["predicate"]["tolerances"].items())
        record.tolerances[check] = tolerances.number(check);
    // Absent where no time was set: so were all records before there was this member.
    if (statement["predicate"].contains("fix_within")) {
        Members times = members.object("fix_within");
        for (const auto& [check, seconds] : statement["predicate"]["fix_within"].items())
            record.fix_within[check] = times.number(check);
        if (record.fix_within.empty()) refuse_member("fix_within", "a check and its seconds, or no member");
    }
    record.document = digest_or_null(members, "document");
    record.actor = read_actor(members);
    record.made_at = members.instant("made_at");
    return record;
}

std::string serialise(const DecisionRecord& record) {
    const DecisionKind* kind = find_kind(record.kind, &DecisionKind::name);
    if (kind == nullptr || !fits_kind(*kind, record.decision) || kind->versioned != record.version.has_value())
        throw error("a decision of the kind " + record.kind + " cannot be " + record.decision);
    json predicate{{"id", record.id}, {"decision", record.decision}};
    if (record.version) predicate["version"] = *record.version;
    add_actor(predicate, record.actor, record.made_at);
    return write_record(kind->predicate_type, record.kind, record.document, predicate);
}

DecisionRecord parse_decision_record(std::string_view payload) {
    const json statement = read_in_toto(payload);
    const auto& type = statement["predicateType"].get_ref<const std::string&>();
    const DecisionKind* kind = find_kind(type, &DecisionKind::predicate_type);
    if (kind == nullptr) throw coded_error("wrong_type", "predicateType: expected a decision, found " + type);
    DecisionRecord record;
    record.kind = kind->name;
    record.document = record_subject(statement, record.kind);
    Members members = predicate_of(statement);
    if (kind->on_record) {
        record.id = members.label("id");
        if (!is_record_id(record.id)) refuse_member("predicate.id", "the id of a record, R-0042");
    } else {
        record.id = members.uuid("id");
    }
    if (kind->versioned) record.version = members.number("version", 1);
    record.decision = members.identifier("decision");
    if (!fits_kind(*kind, record.decision)) refuse_member("predicate.decision", "a decision on a " + record.kind);
    record.actor = read_actor(members);
    record.made_at = members.instant("made_at");
    return record;
}

std::string serialise(const RevocationRecord& record) {
    json predicate{{"host", record.host_id},
                   {"key_id", record.key_id.hex()},
                   {"compromised_since", record.compromised_since ? json(*record.compromised_since) : json(nullptr)}};
    add_actor(predicate, record.actor, record.made_at);
    return write_record(predicate::revocation, "revocation", record.enrolment, predicate);
}

RevocationRecord parse_revocation_record(std::string_view payload) {
    const json statement = read_in_toto(payload, predicate::revocation);
    Members members = predicate_of(statement);
    RevocationRecord record;
    record.enrolment = record_subject(statement, "revocation");
    record.host_id = members.uuid("host");
    record.key_id = members.digest("key_id");
    if (!members.is_null("compromised_since")) record.compromised_since = members.number("compromised_since");
    record.actor = read_actor(members);
    record.made_at = members.instant("made_at");
    return record;
}

std::string serialise(const RetirementRecord& record) {
    json predicate{{"host", record.host_id}};
    add_actor(predicate, record.actor, record.made_at);
    return write_record(predicate::retirement, "retirement", record.enrolment, predicate);
}

RetirementRecord parse_retirement_record(std::string_view payload) {
    const json statement = read_in_toto(payload, predicate::retirement);
    Members members = predicate_of(statement);
    RetirementRecord record;
    record.enrolment = record_subject(statement, "retirement");
    record.host_id = members.uuid("host");
    record.actor = read_actor(members);
    record.made_at = members.instant("made_at");
    return record;
}

}  // namespace annexa::evidence
