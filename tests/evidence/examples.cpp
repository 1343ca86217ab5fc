#include "tests/evidence/examples.hpp"

#include "evidence/encoding.hpp"
#include "evidence/enrolment.hpp"
#include "evidence/proof.hpp"
#include "evidence/receipt.hpp"
#include "evidence/statement.hpp"
#include "evidence/table.hpp"
#include "evidence/tile.hpp"

namespace annexa::evidence::test {
namespace {

PrivateKey key(char byte) { return PrivateKey::from_seed(std::string(32, byte)); }

const std::string origin = "annexa/6f1a2b3c-4d5e-4f60-8172-839405a6b7c8";
const std::string host = "2b1e7f0a-7c1d-4d0a-9a3e-0c5d1f2e3a4b";

std::string hex_lines(const std::vector<std::pair<std::string, std::string>>& lines) {
    std::string text;
    for (const auto& [name, bytes] : lines) text.append(name).append(" ").append(bytes).append("\n");
    text.pop_back();
    return text;
}

/// A log in memory, with what its store would answer.
struct Log {
    std::vector<std::string> entries;
    MemoryHashes hashes;
    MerkleTree tree;

    void add(const Envelope& envelope) {
        entries.push_back(entry(envelope));
        hashes.add(leaf_hash(entries.back()));
        tree.add(leaf_hash(entries.back()));
    }
    [[nodiscard]] std::string checkpoint() const { return sign_checkpoint({origin, tree.head(), {}}, key(2)); }
};

Table users() {
    return {"users",
            {{"username", Type::text}, {"uid", Type::integer}, {"shell", Type::text}},
            {{"root", std::int64_t{0}, "/bin/bash"}, {"caf\xe9", std::int64_t{1000}, std::monostate{}}}};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> examples() {
    const std::string salt = table_salt(users(), std::string(32, 's'));
    const std::string table = canonical(users(), salt);
    const Instant start = parse_instant("2026-11-24T12:00:00.000Z");
    const Instant later = start + std::chrono::hours{1};

    const Token token{.ca = "DER",
                      .id = "b7c1",
                      .log = {origin, key(2).public_key()},
                      .role = "agent",
                      .secret = std::string(32, '\x05'),
                      .url = "https://annexa.example.org:8443"};
    const EnrolmentRequest request{.csr = "-----BEGIN CERTIFICATE REQUEST-----\n",
                                   .host_name = "web-1",
                                   .key = key(1).public_key(),
                                   .machine = sha256("machine"),
                                   .made_at = start,
                                   .origin = origin,
                                   .token = token.hash()};
    const EnrolmentRecord record{.origin = origin,
                                 .host_id = host,
                                 .host_name = "web-1",
                                 .key = key(1).public_key(),
                                 .tls_key_id = sha256("TLS key"),
                                 .machine = sha256("machine"),
                                 .record_key = key(3).public_key(),
                                 .recovery_key = key(4).public_key(),
                                 .replaces = std::nullopt,
                                 .made_at = start};
    Log log;
    const std::string mark = serialise(MarkRecord{origin, start});
    const Envelope enrolment = seal(serialise(record), key(3));
    log.add(seal(mark, key(3)));
    log.add(enrolment);
    const TreeHead known = log.tree.head();
    const EnrolmentAnswer answer{.certificate = "-----BEGIN CERTIFICATE-----\n",
                                 .checkpoint = log.checkpoint(),
                                 .enrolment = enrolment,
                                 .index = 1,
                                 .inclusion_proof = inclusion_proof(1, 2, log.hashes),
                                 .host = host,
                                 .record_key = key(3).public_key(),
                                 .recovery_key = key(4).public_key()};

    Statement statement;
    statement.host = {host, "web-1", enrolment.digest()};
    statement.agent = {"0.1.0", key(1).public_key().id()};
    statement.sequence = 1;
    statement.previous = enrolment.digest();
    statement.log = {origin, known};
    statement.made_at = later;
    statement.boot_id = "d0c6a9fe-0000-4000-8000-000000000001";
    statement.clock_synchronized = true;
    statement.machine = sha256("machine");
    statement.results = {{.collector = "users",
                          .collected_at = later,
                          .same_as = std::nullopt,
                          .reason = std::nullopt,
                          .duration_ms = 3,
                          .tables = {{"users", sha256(table)}}},
                         {.collector = "audit_rules",
                          .collected_at = later,
                          .same_as = std::nullopt,
                          .status = Status::error,
                          .reason = Reason::permission_denied,
                          .duration_ms = 1,
                          .tables = {}}};
    const std::string payload = serialise(statement);
    const Envelope sent = seal(payload, key(1));
    log.add(seal(serialise(MarkRecord{origin, later}), key(3)));
    log.add(sent);
    const Receipt receipt{log.checkpoint(),
                          consistency_proof(known.size, log.tree.size(), log.hashes),
                          {Accepted{3, inclusion_proof(3, log.tree.size(), log.hashes)}}};
    Receipt refused = receipt;
    refused.statements = {
        Refused{"tables_missing", "the store does not hold 1 table that it names", {sha256(table)}, std::nullopt}};

    return {
        {"keys", hex_lines({{"evidence key, SPKI (base64)", key(1).public_key().base64()},
                            {"evidence key, key id       ", key(1).public_key().id().hex()},
                            {"log key, verifier key      ", token.log.text()},
                            {"record key, SPKI (base64)  ", key(3).public_key().base64()},
                            {"recovery key, SPKI (base64)", key(4).public_key().base64()}})},
        {"table", table},
        {"table digest", sha256(table).hex()},
        {"statement", payload},
        {"signed bytes", pre_authentication_encoding(statement_payload_type, payload).substr(0, 60)},
        {"entry", entry(sent)},
        {"mark", mark},
        {"enrolment record", serialise(record)},
        {"token", encode_token(token)},
        {"enrolment request", open(seal(request, key(1)), key(1).public_key())},
        {"enrolment answer", serialise(answer)},
        {"tree", hex_lines({{"leaf 0 (mark)     ", log.hashes.hash(0, 0).hex()},
                            {"leaf 1 (enrolment)", log.hashes.hash(0, 1).hex()},
                            {"leaf 2 (mark)     ", log.hashes.hash(0, 2).hex()},
                            {"leaf 3 (statement)", log.hashes.hash(0, 3).hex()},
                            {"root of size 2    ", known.root.hex()},
                            {"root of size 4    ", log.tree.root().hex()}})},
        {"checkpoint", log.checkpoint()},
        {"upload", encode_upload(std::vector{sent})},
        {"receipt", serialise(receipt)},
        {"refusal", serialise(refused)},
    };
}

}  // namespace annexa::evidence::test
