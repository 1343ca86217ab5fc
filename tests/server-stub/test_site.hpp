// A store with its log and its ingest, and a host that speaks to it, in one process: real keys, real signatures, real
// proofs; only the network is left out.
#pragma once

#include "evidence/envelope.hpp"
#include "evidence/receipt.hpp"
#include "evidence/record.hpp"
#include "evidence/statement.hpp"
#include "evidence/table.hpp"
#include "policies/schema.hpp"
#include "server-stub/check/store_check.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"
#include "server-stub/ingest/ingest.hpp"
#include "server-stub/log/log.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/storage/memory_blobs.hpp"
#include "server-stub/storage/zstd_frame.hpp"
#include "tests/support/manual_clock.hpp"

#include <map>
#include <memory>
#include <set>

namespace annexa::store::test {

constexpr std::string_view origin = "annexa/00000000-0000-4000-8000-000000000001";

inline policies::Schemas test_schemas() {
    policies::Schemas schemas;
    policies::TableSchema users;
    users.name = "users";
    users.columns = {{"uid", evidence::Type::integer, false, false, ""},
                     {"username", evidence::Type::text, false, false, ""},
                     {"pid", evidence::Type::integer, false, true, ""},
                     {"shell", evidence::Type::text, true, false, ""}};
    schemas.tables.emplace("users", users);
    return schemas;
}

/// The keys of a store, as PEM: what outlives a process that is killed.
struct SiteKeys {
    std::string log = evidence::PrivateKey::generate().pem();
    std::string record = evidence::PrivateKey::generate().pem();
    std::string recovery = evidence::PrivateKey::generate().pem();
    TlsIdentity authority = CertificateAuthority::create(origin, annexa::test::ManualClock{}.now());
};

/// The token that every TestHost enrols with, and the account that decides.
constexpr const char* site_token = "00000000-0000-4000-8000-0000000000aa";
constexpr const char* site_account = "00000000-0000-4000-8000-0000000000bb";

/// Everything that a server is made of, over a Store and Blobs that the test brings.
struct Site {
    Site(Store& a_store, Blobs& some_blobs, IngestLimits limits = {}, LogOptions options = quick(),
         const SiteKeys& keys = {})
        : store{a_store},
          blobs{some_blobs},
          log_key{evidence::PrivateKey::from_pem(keys.log)},
          record_key{evidence::PrivateKey::from_pem(keys.record)},
          recovery_key{evidence::PrivateKey::from_pem(keys.recovery)},
          authority_files{keys.authority} {
        start(limits, options);
    }

    static LogOptions quick() {
        LogOptions options;
        options.gather = std::chrono::milliseconds{0};
        options.settle = std::chrono::milliseconds{0};
        return options;
    }
    void start(IngestLimits limits = {}, LogOptions options = quick()) {
        stop();
        log = std::make_unique<Log>(store, std::string{origin}, evidence::PrivateKey::from_pem(log_key.pem()),
                                    evidence::PrivateKey::from_pem(record_key.pem()), clock, options);
        ingest = std::make_unique<Ingest>(store, blobs, *log, clock, schemas, limits);
    }
    void stop() {
        ingest.reset();
        log.reset();
    }
    [[nodiscard]] evidence::VerifierKey verifier() const { return {std::string{origin}, log_key.public_key()}; }

    /// What init leaves in a store beside its log, for tests that check or serve the whole of it.
    void initialise() {
        store.add_account({.id = site_account, .name = "ada", .role = "admin", .made_at = clock.now()});
        Token token;
        token.id = site_token;
        token.secret = evidence::sha256("secret");
        token.role = "agent";
        token.made_at = clock.now();
        store.add_token(token);
        write_identity(store, {.origin = std::string{origin},
                               .organization = "Example",
                               .names = {"localhost"},
                               .log = verifier(),
                               .record_key = record_key.public_key(),
                               .recovery_key = recovery_key.public_key(),
                               .local_account = site_account});
    }
    /// keys/ as init writes it.
    [[nodiscard]] KeyFiles key_files() const {
        const TlsIdentity server = authority.issue_server({"localhost"}, clock.now());
        return {{"log.pem", log_key.pem()},
                {"record.pem", record_key.pem()},
                {"ca.pem", authority_files.key},
                {"ca.crt", authority_files.certificates},
                {"server.pem", server.key + server.certificates}};
    }

    Store& store;
    Blobs& blobs;
    annexa::test::ManualClock clock;
    policies::Schemas schemas = test_schemas();
    evidence::PrivateKey log_key;
    evidence::PrivateKey record_key;
    evidence::PrivateKey recovery_key;
    TlsIdentity authority_files;
    CertificateAuthority authority{authority_files};
    std::unique_ptr<Log> log;
    std::unique_ptr<Ingest> ingest;
};

/// A table as a host uploads it.
struct PackedTable {
    std::string name;
    std::string bytes;
    Digest digest;
    std::string frame;
    [[nodiscard]] TableRef ref() const { return {name, digest}; }
};

inline PackedTable packed(std::string name, std::string bytes) {
    PackedTable table{std::move(name), std::move(bytes), {}, {}};
    table.digest = evidence::sha256(table.bytes);
    table.frame = compress(table.bytes);
    return table;
}

inline PackedTable users_table(const std::string& username) {
    evidence::Table table{
        "users",
        {{"uid", evidence::Type::integer}, {"username", evidence::Type::text}, {"shell", evidence::Type::text}},
        {{std::int64_t{1000}, username, "/bin/sh"}, {std::int64_t{0}, "root", std::monostate{}}}};
    return packed("users", evidence::canonical(table, "00112233445566778899aabbccddeeff"));
}

/// One host: its key, its chain, the newest tree that it has verified.
class TestHost {
  public:
    explicit TestHost(Site& site, std::string id = evidence::random_uuid(), std::string name = "web1")
        : site_{&site}, id_{std::move(id)}, name_{std::move(name)} {
        enrol();
    }

    void enrol(std::optional<evidence::EnrolmentRecord::Replaces> replaces = {}) {
        const CertificateAuthority::ClientCertificate certificate =
            site_->authority.issue_client(make_certificate_request(name_).csr, id_, site_->clock.now());
        const evidence::EnrolmentRecord record{std::string{origin},
                                               id_,
                                               name_,
                                               key_.public_key(),
                                               Digest::from_hex(certificate.tls_key_id),
                                               machine_,
                                               site_->record_key.public_key(),
                                               site_->recovery_key.public_key(),
                                               replaces,
                                               site_->clock.now()};
        const evidence::Envelope envelope = evidence::seal(evidence::serialise(record), site_->record_key);
        Enrolment enrolment;
        enrolment.id = envelope.digest();
        enrolment.host = id_;
        enrolment.evidence_key = key_.public_key().spki();
        enrolment.key_id = key_.public_key().id();
        enrolment.tls_key_id = certificate.tls_key_id;
        enrolment.certificate = certificate.chain;
        enrolment.token = site_token;
        enrolment.machine = machine_;
        if (replaces) enrolment.replaces = replaces->enrolment;
        enrolment.made_at = site_->clock.now();
        enrolment.quota = {100, site_->clock.now()};
        std::optional<evidence::ChainHead> closes;
        if (replaces) closes = evidence::ChainHead{replaces->sequence, replaces->head};
        site_->log->append({{evidence::entry(envelope), HostEnrolled{enrolment, name_, closes}}});
        enrolment_ = enrolment.id;
        chain_ = {0, enrolment_};
        known_ = site_->log->head().tree;
    }

    [[nodiscard]] evidence::Result result(const std::string& collector, std::vector<TableRef> tables = {}) const {
        evidence::Result made;
        made.collector = collector;
        made.collected_at = site_->clock.now();
        made.tables = std::move(tables);
        return made;
    }
    [[nodiscard]] static evidence::Result same_as(evidence::Result result, std::uint64_t sequence) {
        evidence::Result made;
        made.collector = result.collector;
        made.collected_at = result.collected_at;
        made.same_as = sequence;
        return made;
    }

    /// The next statement of the chain, not yet signed.
    [[nodiscard]] evidence::Statement next(std::vector<evidence::Result> results = {}) const {
        evidence::Statement statement;
        statement.host = {id_, name_, enrolment_};
        statement.agent = {"0.1.0", key_.public_key().id()};
        statement.sequence = chain_.sequence + 1;
        statement.previous = chain_.digest;
        statement.log = {std::string{origin}, known_};
        statement.made_at = site_->clock.now();
        statement.boot_id = boot_id;
        statement.clock_synchronized = true;
        statement.machine = machine_;
        statement.results = std::move(results);
        return statement;
    }
    [[nodiscard]] evidence::Envelope sealed(const evidence::Statement& statement) const {
        return evidence::seal(evidence::serialise(statement), key_);
    }

    void put(const PackedTable& table) const {
        site_->ingest->put_table(id_, table.digest.hex(), table.name, table.frame);
    }

    evidence::Receipt send(std::vector<evidence::Envelope> envelopes) const {
        return evidence::parse_receipt(site_->ingest->submit(id_, evidence::encode_upload(envelopes)));
    }
    /// Sends, verifies the receipt as an agent does, and goes on behind it where it was accepted.
    evidence::Receipt deliver(const evidence::Statement& statement) {
        const evidence::Envelope envelope = sealed(statement);
        const evidence::Receipt receipt = send({envelope});
        const std::vector<Digest> leaves{evidence::leaf_hash(evidence::entry(envelope))};
        const evidence::LogJudgement judgement = evidence::verify_receipt(receipt, site_->verifier(), known_, leaves);
        if (judgement.verdict != evidence::LogVerdict::ok)
            throw evidence::error("the receipt does not hold: " + judgement.detail);
        if (std::holds_alternative<evidence::Accepted>(receipt.statements.at(0))) {
            chain_ = {statement.sequence, envelope.digest()};
            known_ = judgement.checkpoint.head;
        }
        return receipt;
    }

    Site* site_;
    std::string id_;
    std::string name_;
    std::string boot_id = "11111111-1111-4111-8111-111111111111";
    evidence::PrivateKey key_ = evidence::PrivateKey::generate();
    std::optional<Digest> machine_ = evidence::sha256("machine");
    Digest enrolment_;
    evidence::ChainHead chain_;
    evidence::TreeHead known_;
};

/// "accepted", or the code of the refusal.
inline std::string outcome(const evidence::Receipt& receipt, std::size_t index = 0) {
    const auto& answer = receipt.statements.at(index);
    return std::holds_alternative<evidence::Accepted>(answer) ? "accepted" : std::get<evidence::Refused>(answer).code;
}

/// The code with which a call is refused, or "nothing".
template <class Call>
std::string code_of(Call call) {
    try {
        call();
    } catch (const evidence::coded_error& refused) {
        return refused.code();
    }
    return "nothing";
}

/// All that a refusal must leave as it was.
struct Traces {
    LogHead head;
    std::vector<StatementRow> statements;
    std::map<Digest, std::uint64_t> held;
    std::vector<Digest> blobs;
    bool operator==(const Traces&) const = default;
};
inline Traces traces(const Site& site) {
    return {site.store.log_head(), site.store.statements({}), site.store.held(), site.blobs.list()};
}

}  // namespace annexa::store::test
