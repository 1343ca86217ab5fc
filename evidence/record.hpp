// Records: entries of the log that are not an agent's statement. An in-toto Statement v1 with one subject, record:KIND,
// and the digest of what it speaks of (of nothing: of the empty string).
//
// What people wrote (reasons, names, keys of findings) is never in a record: it is a blob outside the log, named by its
// digest. A record bears the account's id and the session, never a name.
#pragma once

#include "evidence/instant.hpp"
#include "evidence/key.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::evidence {

namespace predicate {
constexpr std::string_view evidence = "https://annexa.example/evidence/v1";
constexpr std::string_view enrolment_request = "https://annexa.example/enrolment-request/v1";
constexpr std::string_view renewal_request = "https://annexa.example/renewal-request/v1";
constexpr std::string_view enrolment = "https://annexa.example/enrolment/v1";
constexpr std::string_view mark = "https://annexa.example/mark/v1";
constexpr std::string_view policy = "https://annexa.example/policy/v1";
constexpr std::string_view waiver = "https://annexa.example/waiver/v1";
constexpr std::string_view acknowledgement = "https://annexa.example/acknowledgement/v1";
constexpr std::string_view account = "https://annexa.example/account/v1";
constexpr std::string_view record = "https://annexa.example/record/v1";
constexpr std::string_view approval = "https://annexa.example/approval/v1";
constexpr std::string_view deletion = "https://annexa.example/deletion/v1";
constexpr std::string_view revocation = "https://annexa.example/revocation/v1";
constexpr std::string_view retirement = "https://annexa.example/retirement/v1";
}  // namespace predicate

enum class Signer { evidence_key, record_key };

/// Each key signs one kind of thing: a verifier refuses a predicateType that is not its signer's (`wrong_type`).
bool may_sign(Signer signer, std::string_view predicate_type);

/// The form that all records share.
struct Record {
    std::string predicate_type;
    std::string kind;              // subject record:KIND
    Digest subject;                // of what it speaks of; sha256("") of nothing
    std::string predicate = "{}";  // canonical JSON of an object
    bool operator==(const Record&) const = default;
};

std::string serialise(const Record& record);
/// Any predicateType. Throws coded_error `too_large`, `bad_json` or `schema`.
Record parse_record(std::string_view payload);

/// The predicateType of any payload of ours. Throws as parse_record does.
std::string predicate_type_of(std::string_view payload);

/// Who decided, by ids that mean nothing outside the store.
struct Actor {
    std::string account;
    std::string session;
    bool operator==(const Actor&) const = default;
};

/// enrolment/v1, subject record:enrolment, the evidence key's id. Begins a chain.
struct EnrolmentRecord {
    struct Replaces {
        Digest enrolment;
        std::uint64_t sequence = 0;  // head of the chain that is closed; 0: it had no statement
        Digest head;
        bool operator==(const Replaces&) const = default;
    };
    std::string origin;
    std::string host_id;
    std::string host_name;
    PublicKey key;     // evidence
    KeyId tls_key_id;  // SHA-256 of the TLS key's SubjectPublicKeyInfo
    std::optional<Digest> machine;
    PublicKey record_key;
    PublicKey recovery_key;
    std::optional<Replaces> replaces;
    Instant made_at;
    bool operator==(const EnrolmentRecord&) const = default;
};

/// mark/v1, subject record:mark, of nothing: the store's time, first entry of each group commit, never earlier than the
/// last.
struct MarkRecord {
    std::string origin;
    Instant made_at;
    bool operator==(const MarkRecord&) const = default;
};

/// policy/v1, subject record:policy, the pack's digest: a person adopted a pack.
struct PolicyRecord {
    Digest pack;
    std::string name;
    std::string version;
    std::string parameters = "{}";  // canonical JSON of an object: parameter → value, those set differently
    std::map<std::string, std::uint64_t> tolerances;  // check → hosts, those set differently
    std::map<std::string, std::uint64_t> fix_within;  // check → seconds that a finding may be open, likewise
    std::optional<Digest> document;                   // the organization's text that it is tied to
    Actor actor;
    Instant made_at;
    bool operator==(const PolicyRecord&) const = default;
};

/// waiver/v1, acknowledgement/v1, account/v1, record/v1, approval/v1 and deletion/v1; subject record:KIND, the digest of the document
/// decided upon.
struct DecisionRecord {
    std::string kind;      // waiver, acknowledgement, account, record, approval, deletion
    Digest document;       // canonical JSON, a blob
    std::string id;        // of the thing, the same in all decisions on it: a UUID; record, approval, deletion: R-0042
    std::string decision;  // waiver: proposed, approved, rejected, withdrawn; acknowledgement: acknowledged;
                           // account: added, invited, role_changed, disabled, enabled, password_set, code_set, token_made,
                           // token_revoked; record: written, deleted; approval: approved, rejected; deletion: erased
    Actor actor;
    Instant made_at;
    std::optional<std::uint64_t> version = std::nullopt;  // record, approval: of the record, from 1; else nothing
    bool operator==(const DecisionRecord&) const = default;
};

/// revocation/v1, subject record:revocation, the enrolment's digest.
struct RevocationRecord {
    Digest enrolment;
    std::string host_id;
    KeyId key_id;
    std::optional<std::uint64_t> compromised_since;  // log index; nothing: the key was not abused
    Actor actor;
    Instant made_at;
    bool operator==(const RevocationRecord&) const = default;
};

/// retirement/v1, subject record:retirement, the enrolment's digest: the host is no more; its evidence stays.
struct RetirementRecord {
    Digest enrolment;
    std::string host_id;
    Actor actor;
    Instant made_at;
    bool operator==(const RetirementRecord&) const = default;
};

/// Whether parse_decision_record reads records of this predicateType.
bool is_decision(std::string_view predicate_type);

/// R- and a number of at least four digits, without further leading zeros.
bool is_record_id(std::string_view text);

// Payloads: canonical JSON.
std::string serialise(const EnrolmentRecord& record);
std::string serialise(const MarkRecord& record);
std::string serialise(const PolicyRecord& record);
std::string serialise(const DecisionRecord& record);
std::string serialise(const RevocationRecord& record);
std::string serialise(const RetirementRecord& record);

// Throw coded_error: `too_large`, `bad_json`, `wrong_type` or `schema` (names the member). Unknown members pass.
EnrolmentRecord parse_enrolment_record(std::string_view payload);
MarkRecord parse_mark_record(std::string_view payload);
PolicyRecord parse_policy_record(std::string_view payload);
DecisionRecord parse_decision_record(std::string_view payload);
RevocationRecord parse_revocation_record(std::string_view payload);
RetirementRecord parse_retirement_record(std::string_view payload);

}  // namespace annexa::evidence
