#include "server-stub/enrolment/registrar.hpp"

#include "evidence/enrolment.hpp"
#include "evidence/errors.hpp"
#include "evidence/receipt.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"
#include "server-stub/log/log.hpp"
#include "server-stub/server/data_folder.hpp"

#include <mutex>
#include <set>

namespace annexa::store {
namespace {

using evidence::coded_error;
using namespace std::chrono_literals;

constexpr auto oldest_renewal_request = 24h;

/// Keys that are being enrolled at this moment: the same request twice at once must not make two hosts.
class InHand {
  public:
    bool take(const Digest& key) {
        const std::lock_guard lock{mutex_};
        return keys_.insert(key).second;
    }
    void release(const Digest& key) {
        const std::lock_guard lock{mutex_};
        keys_.erase(key);
    }

  private:
    std::mutex mutex_;
    std::set<Digest> keys_;
};

class Taken {
  public:
    Taken(InHand& all, const Digest& key) : all_{all}, key_{key} {
        if (!all_.take(key_)) throw coded_error("busy", "this key is being enrolled by another request at this moment");
    }
    ~Taken() { all_.release(key_); }
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;

  private:
    InHand& all_;
    Digest key_;
};

void check_state(const Enrolment& enrolment) {
    switch (enrolment.state) {
        case EnrolmentState::active: return;
        case EnrolmentState::replaced: throw coded_error("unknown_key", "this enrolment was replaced by a later one of the same host");
        case EnrolmentState::retired: throw coded_error("retired", "the host is retired");
        case EnrolmentState::revoked: throw coded_error("revoked", "the key of this enrolment is revoked");
        case EnrolmentState::two_machines: throw coded_error("two_machines", "two machines use this enrolment; enrol the host anew");
    }
}

}  // namespace

struct Registrar::Parts {
    Store& store;
    Log& log;
    const CertificateAuthority& authority;
    const Identity& identity;
    const evidence::PrivateKey& record_key;
    const evidence::Clock& clock;
    InHand in_hand;

    [[nodiscard]] Token known_token(std::string_view bearer) const;
    void use(const Token& token, const Digest& key) const;
    [[nodiscard]] std::string answer(const Enrolment& enrolment) const;
    [[nodiscard]] Enrolment enrol_anew(const Token& token, const evidence::EnrolmentRequest& request) const;
};

Token Registrar::Parts::known_token(std::string_view bearer) const {
    if (bearer.empty()) throw coded_error("token_missing", "send the header Authorization: Bearer with a token of the role agent");
    std::optional<Token> token;
    try {
        const Digest hash = evidence::bearer_hash(bearer);
        token = store.token(hash);
        if (token && !evidence::equal_constant_time(token->secret.view(), hash.view())) token.reset();
    } catch (const coded_error&) {
        token.reset();
    }
    if (!token) throw coded_error("token_unknown", "this store does not know the token");
    if (token->role != "agent") throw coded_error("forbidden", "this token is a person's: annexa-server token create --role agent makes one for a host");
    return *token;
}

void Registrar::Parts::use(const Token& token, const Digest& key) const {
    const evidence::Instant now = clock.now();
    if (token.revoked) throw coded_error("token_revoked", "the token was revoked");
    if (token.expires && now >= *token.expires) throw coded_error("token_expired", "the token expired at " + evidence::to_string(*token.expires));
    if (!store.use_token(token.secret, key.hex(), now)) throw coded_error("token_used", "the token has been used as often as it may be");
}

std::string Registrar::Parts::answer(const Enrolment& enrolment) const {
    const LogHead head = log.head();
    const std::vector<std::string> entries = store.entries(enrolment.index, 1);
    if (entries.size() != 1) throw coded_error("unavailable", "the enrolment record cannot be read");
    return evidence::serialise(evidence::EnrolmentAnswer{.certificate = enrolment.certificate,
                                                         .checkpoint = head.checkpoint,
                                                         .enrolment = evidence::parse_entry(entries.front()),
                                                         .index = enrolment.index,
                                                         .inclusion_proof = log.inclusion_proof(enrolment.index, head.tree.size),
                                                         .host = enrolment.host,
                                                         .record_key = identity.record_key,
                                                         .recovery_key = identity.recovery_key});
}

Enrolment Registrar::Parts::enrol_anew(const Token& token, const evidence::EnrolmentRequest& request) const {
    const evidence::Instant now = clock.now();
    std::optional<evidence::EnrolmentRecord::Replaces> replaces;
    if (token.host) {
        const auto host = store.host(*token.host);
        if (!host) throw coded_error("conflict", "the host that the token is for is not there any more");
        if (host->retired) throw coded_error("retired", "the host that the token is for is retired");
        const auto current = store.enrolment(host->enrolment);
        if (current) replaces = {.enrolment = current->id, .sequence = current->head.sequence, .head = current->head.digest};
    }
    const std::string host_id = token.host.value_or(evidence::random_uuid());
    // What can be refused is refused before the token is used: a request that failed may be made again with the same token.
    const CertificateAuthority::ClientCertificate certificate = authority.issue_client(request.csr, host_id, now);
    use(token, request.key.id());

    const evidence::EnrolmentRecord record{.origin = identity.origin,
                                           .host_id = host_id,
                                           .host_name = request.host_name,
                                           .key = request.key,
                                           .tls_key_id = Digest::from_hex(certificate.tls_key_id),
                                           .machine = request.machine,
                                           .record_key = identity.record_key,
                                           .recovery_key = identity.recovery_key,
                                           .replaces = replaces,
                                           .made_at = now};
    const evidence::Envelope envelope = evidence::seal(evidence::serialise(record), record_key);
    Enrolment row;
    row.id = envelope.digest();
    row.host = host_id;
    row.evidence_key = request.key.spki();
    row.key_id = request.key.id();
    row.tls_key_id = certificate.tls_key_id;
    row.certificate = certificate.chain;
    row.token = token.id;
    row.machine = request.machine;
    if (replaces) row.replaces = replaces->enrolment;
    row.made_at = now;
    std::optional<evidence::ChainHead> closes;
    if (replaces) closes = {.sequence = replaces->sequence, .digest = replaces->head};
    LogEntry logged{.bytes = evidence::entry(envelope), .change = HostEnrolled{.enrolment = row, .host_name = request.host_name, .closes = closes}};
    try {
        row.index = log.append({std::move(logged)}).at(0);
    } catch (const contradiction&) {
        // A statement of the old enrolment, or another new one, came first. The token counts one key once, so asking again is free.
        throw coded_error("busy", "the host's chain moved while it was being enrolled anew");
    }
    return row;
}

Registrar::Registrar(Store& store, Log& log, const CertificateAuthority& authority, const Identity& identity,
                     const evidence::PrivateKey& record_key, const evidence::Clock& clock)
    : parts_{std::make_unique<Parts>(store, log, authority, identity, record_key, clock)} {}

Registrar::~Registrar() = default;

std::string Registrar::enrol(std::string_view bearer, std::string_view body) {
    const Token token = parts_->known_token(bearer);
    const evidence::EnrolmentRequest request = evidence::open_enrolment_request(body);
    if (!evidence::equal_constant_time(request.token.view(), token.secret.view()))
        throw coded_error("schema", "token: the request was made with another token than the one that is shown");
    if (request.origin != parts_->identity.origin)
        throw coded_error("other_origin", "the request is for " + request.origin + "; this store is " + parts_->identity.origin);

    const Taken taken{parts_->in_hand, request.key.id()};
    if (const auto known = parts_->store.enrolment_by_key(request.key.id())) {
        check_state(*known);
        if (known->token != token.id) {
            if (token.host && *token.host != known->host) throw coded_error("conflict", "this key is that of another host than the token is for");
            parts_->use(token, request.key.id());
        }
        return parts_->answer(*known);
    }
    return parts_->answer(parts_->enrol_anew(token, request));
}

std::string Registrar::renew(std::string_view body) {
    const evidence::Envelope envelope = evidence::parse_entry(body);
    const auto enrolment = parts_->store.enrolment_by_key(envelope.keyid);
    if (!enrolment) throw coded_error("unknown_key", "this store has not enrolled the key that signed the request");
    const std::string& payload = evidence::open(envelope, evidence::PublicKey::from_spki(enrolment->evidence_key));
    const evidence::RenewalRequest request = evidence::parse_renewal_request(payload);
    check_state(*enrolment);
    if (request.origin != parts_->identity.origin)
        throw coded_error("other_origin", "the request is for " + request.origin + "; this store is " + parts_->identity.origin);
    if (request.enrolment != enrolment->id) throw coded_error("foreign_host", "the request names another enrolment than that of its key");
    const evidence::Instant now = parts_->clock.now();
    // A request that was recorded once must not renew for ever for whoever has stolen the TLS key.
    if (request.made_at < now - oldest_renewal_request || request.made_at > now + oldest_renewal_request)
        throw coded_error("schema", "made_at: more than a day from this server's time, " + evidence::to_string(now));
    const auto certificate = parts_->authority.issue_client(request.csr, enrolment->host, now);
    return evidence::serialise_renewal_answer(certificate.chain);
}

}  // namespace annexa::store
