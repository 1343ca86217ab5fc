#include "tests/agent/scripted_store.hpp"

#include "agent/evidence_of.hpp"
#include "evidence/checkpoint.hpp"
#include "evidence/enrolment.hpp"
#include "evidence/errors.hpp"
#include "evidence/proof.hpp"
#include "evidence/record.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <stdexcept>

namespace annexa::agent::testing {
namespace {

void demand(bool holds, const char* what) {
    if (!holds) throw std::runtime_error(what);
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    demand(extension != nullptr, "no extension");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

void set_life(X509* certificate, evidence::Instant from, evidence::Instant until) {
    ASN1_TIME_set(X509_getm_notBefore(certificate), evidence::unix_seconds(from));
    ASN1_TIME_set(X509_getm_notAfter(certificate), evidence::unix_seconds(until));
}

std::string pem_of(X509* certificate) {
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, certificate);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string pem{data, static_cast<std::size_t>(size)};
    BIO_free(out);
    return pem;
}

}  // namespace

/// A certificate authority as the store's, of a P-256 key.
struct ScriptedStore::Authority {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();

    explicit Authority(evidence::Instant now) {
        X509_set_version(certificate, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        set_life(certificate, now - std::chrono::hours{1}, now + std::chrono::hours{24 * 3650});
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("test CA"), -1, -1, 0);
        X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
        X509_set_pubkey(certificate, key);
        add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
        add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign");
        demand(X509_sign(certificate, key, EVP_sha256()) > 0, "no CA");
    }
    ~Authority() {
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    Authority(const Authority&) = delete;
    Authority& operator=(const Authority&) = delete;

    [[nodiscard]] std::string der() const {
        unsigned char* bytes = nullptr;
        const int size = i2d_X509(certificate, &bytes);
        std::string out{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
        OPENSSL_free(bytes);
        return out;
    }

    [[nodiscard]] std::string issue(const std::string& csr_pem, const std::string& host, evidence::Instant from,
                                    evidence::Instant until) const {
        BIO* in = BIO_new_mem_buf(csr_pem.data(), static_cast<int>(csr_pem.size()));
        X509_REQ* csr = PEM_read_bio_X509_REQ(in, nullptr, nullptr, nullptr);
        BIO_free(in);
        demand(csr != nullptr && X509_REQ_verify(csr, X509_REQ_get0_pubkey(csr)) == 1, "no CSR");
        X509* made = X509_new();
        X509_set_version(made, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(made), 2);
        set_life(made, from, until);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0);
        X509_set_issuer_name(made, X509_get_subject_name(certificate));
        X509_set_pubkey(made, X509_REQ_get0_pubkey(csr));
        add_extension(made, certificate, NID_ext_key_usage, "clientAuth");
        add_extension(made, certificate, NID_subject_alt_name, "URI:annexa:host:" + host);
        demand(X509_sign(made, key, EVP_sha256()) > 0, "no certificate");
        std::string pem = pem_of(made) + pem_of(certificate);
        X509_free(made);
        X509_REQ_free(csr);
        return pem;
    }
};

StoreAnswer problem_answer(int status, const std::string& code, std::optional<std::chrono::seconds> retry_after) {
    return {status,
            R"({"code":")" + code + R"(","detail":"as the script says","status":)" + std::to_string(status) +
                R"(,"title":"No","type":"https://annexa.example/problems/)" + code + R"("})",
            retry_after};
}

ScriptedStore::ScriptedStore(const evidence::Clock& clock)
    : clock_{clock}, authority_{std::make_shared<Authority>(clock.now())} {
    host_id = evidence::random_uuid();
    add_entries(1);  // a mark: no log of a store is empty
}

evidence::Token ScriptedStore::token() const {
    return {
        authority_->der(),    "t1", evidence::VerifierKey{origin, log_key.public_key()}, "agent", std::string(32, 's'),
        "https://localhost:1"};
}

StoreAnswer ScriptedStore::send(const StoreRequest& request) {
    requests.push_back(request);
    if (!script.empty()) {
        const Script next = std::move(script.front());
        script.pop_front();
        if (next) return next(request);
    }
    if (request.target == "/agent/v1/enroll") return enroll(request);
    if (request.target == "/agent/v1/renew") return renew(request);
    if (request.target.starts_with("/agent/v1/tables/")) return put_table(request);
    if (request.target == "/agent/v1/statements") return statements_in(request);
    return problem_answer(404, "not_found");
}

std::uint64_t ScriptedStore::append(const std::string& entry) {
    leaves_.push_back(evidence::leaf_hash(entry));
    return leaves_.size() - 1;
}

void ScriptedStore::add_entries(int count) {
    for (int i = 0; i < count; ++i) append("entry " + std::to_string(leaves_.size()));
}

void ScriptedStore::rewrite_log() { leaves_.front() = evidence::leaf_hash("another past"); }
void ScriptedStore::truncate_log(std::uint64_t size) { leaves_.resize(size); }

std::string ScriptedStore::checkpoint() {
    evidence::MerkleTree tree;
    for (const evidence::Digest& leaf : leaves_) tree.add(leaf);
    return evidence::sign_checkpoint({origin, tree.head(), {}}, log_key);
}

StoreAnswer ScriptedStore::enroll(const StoreRequest& request) {
    const evidence::EnrolmentRequest asked = evidence::open_enrolment_request(request.body);
    const std::string certificate = authority_->issue(asked.csr, host_id, clock_.now() - std::chrono::minutes{1},
                                                      clock_.now() + std::chrono::hours{24 * 90});
    BIO* in = BIO_new_mem_buf(asked.csr.data(), static_cast<int>(asked.csr.size()));
    X509_REQ* csr = PEM_read_bio_X509_REQ(in, nullptr, nullptr, nullptr);
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(X509_REQ_get0_pubkey(csr), &der);
    const evidence::Digest tls_id =
        evidence::sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    X509_REQ_free(csr);
    BIO_free(in);
    const evidence::EnrolmentRecord record{
        origin,       host_id,       asked.host_name,         asked.key,
        tls_id,       asked.machine, record_key.public_key(), recovery_key.public_key(),
        std::nullopt, clock_.now()};
    const evidence::Envelope envelope = evidence::seal(evidence::serialise(record), record_key);
    enrolment_ = envelope.digest();
    const std::uint64_t index = append(evidence::entry(envelope));
    evidence::MemoryHashes hashes;
    for (const evidence::Digest& leaf : leaves_) hashes.add(leaf);
    const evidence::EnrolmentAnswer answer{certificate,
                                           checkpoint(),
                                           envelope,
                                           index,
                                           evidence::inclusion_proof(index, leaves_.size(), hashes),
                                           host_id,
                                           record_key.public_key(),
                                           recovery_key.public_key()};
    return {200, evidence::serialise(answer), {}};
}

StoreAnswer ScriptedStore::renew(const StoreRequest& request) {
    const evidence::RenewalRequest asked = evidence::parse_renewal_request(evidence::parse_entry(request.body).payload);
    return {200,
            evidence::serialise_renewal_answer(authority_->issue(
                asked.csr, host_id, clock_.now() - std::chrono::minutes{1}, clock_.now() + renewed_life)),
            {}};
}

StoreAnswer ScriptedStore::put_table(const StoreRequest& request) {
    const std::string digest = request.target.substr(17, 64);
    if (evidence::sha256(decompress(request.body, std::size_t{16} << 20)).hex() != digest)
        return problem_answer(422, "digest_mismatch");
    return {tables.insert(digest).second ? 201 : 200, "", {}};
}

evidence::ChainHead ScriptedStore::head() const {
    return accepted.empty() ? evidence::ChainHead{0, enrolment_}
                            : evidence::ChainHead{evidence::parse_statement(accepted.back().payload).sequence,
                                                  accepted.back().digest()};
}

std::variant<evidence::Accepted, evidence::Refused> ScriptedStore::take(const evidence::Envelope& envelope) {
    const evidence::Statement statement = evidence::parse_statement(envelope.payload);
    const auto known = indexes_.find(envelope.digest().hex());
    if (known != indexes_.end()) return evidence::Accepted{known->second, {}};
    if (refuse)
        if (auto refused = refuse(statement)) return *refused;
    evidence::Refused missing{"tables_missing", "", {}, {}};
    for (const evidence::TableRef& table : evidence::named_tables(statement))
        if (!tables.contains(table.digest.hex())) missing.tables.push_back(table.digest);
    if (!missing.tables.empty()) return missing;
    if (statement.sequence != head().sequence + 1 || statement.previous != head().digest)
        return evidence::Refused{
            "chain_conflict",
            "",
            {},
            evidence::StoreHead{head(), accepted.empty() ? std::nullopt : std::optional{accepted.back()}}};
    accepted.push_back(envelope);
    const std::uint64_t index = append(evidence::entry(envelope));
    indexes_[envelope.digest().hex()] = index;
    return evidence::Accepted{index, {}};
}

StoreAnswer ScriptedStore::statements_in(const StoreRequest& request) {
    std::vector<evidence::Envelope> envelopes;
    for (const std::string& entry : evidence::decode_upload(request.body))
        envelopes.push_back(evidence::parse_entry(entry));
    const std::uint64_t named = evidence::parse_statement(envelopes.front().payload).log.head.size;
    evidence::Receipt receipt;
    for (const evidence::Envelope& envelope : envelopes) receipt.statements.push_back(take(envelope));
    evidence::MemoryHashes hashes;
    for (const evidence::Digest& leaf : leaves_) hashes.add(leaf);
    for (auto& answer : receipt.statements)
        if (auto* one = std::get_if<evidence::Accepted>(&answer))
            if (one->index < leaves_.size())
                one->inclusion_proof = evidence::inclusion_proof(one->index, leaves_.size(), hashes);
    receipt.checkpoint = checkpoint();
    if (named <= leaves_.size()) receipt.consistency_proof = evidence::consistency_proof(named, leaves_.size(), hashes);
    if (change_receipt) change_receipt(receipt);
    return {200, evidence::serialise(receipt), {}};
}

std::vector<evidence::Statement> ScriptedStore::statements() const {
    std::vector<evidence::Statement> all;
    for (const evidence::Envelope& envelope : accepted) all.push_back(evidence::parse_statement(envelope.payload));
    return all;
}

std::size_t ScriptedStore::count(const std::string& method_and_path) const {
    return static_cast<std::size_t>(std::count_if(requests.begin(), requests.end(), [&](const StoreRequest& request) {
        return (request.method + " " + request.target).starts_with(method_and_path);
    }));
}

}  // namespace annexa::agent::testing
