#include "evidence/enrolment.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "evidence/proof.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace annexa::evidence;
using nlohmann::json;

namespace {

const Instant noon = parse_instant("2026-11-24T12:00:00.000Z");
const std::string host_id = "2b1e7f0a-7c1d-4d0a-9a3e-0c5d1f2e3a4b";

PrivateKey key(char seed) { return PrivateKey::from_seed(std::string(32, seed)); }

Token token() {
    return {.ca = "der",
            .id = "t-1",
            .log = {"annexa/5c8a", key('l').public_key()},
            .role = "agent",
            .secret = std::string(32, 's'),
            .url = "https://store.example:8443"};
}

EnrolmentRequest request() {
    return {.csr = "-----BEGIN CERTIFICATE REQUEST-----\n",
            .host_name = "web-1",
            .key = key('e').public_key(),
            .machine = sha256("machine"),
            .made_at = noon,
            .origin = "annexa/5c8a",
            .token = token().hash()};
}

EnrolmentRecord record() {
    return {.origin = "annexa/5c8a",
            .host_id = host_id,
            .host_name = "web-1",
            .key = key('e').public_key(),
            .tls_key_id = sha256("tls"),
            .machine = sha256("machine"),
            .record_key = key('r').public_key(),
            .recovery_key = key('y').public_key(),
            .replaces = std::nullopt,
            .made_at = noon};
}

EnrolmentAnswer answer(const EnrolmentRecord& enrolled, const PrivateKey& record_key = key('r')) {
    const Envelope envelope = seal(serialise(enrolled), record_key);
    MemoryHashes hashes;
    MerkleTree tree;
    for (const Digest& leaf : {leaf_hash("mark"), leaf_hash(entry(envelope)), leaf_hash("more")}) {
        hashes.add(leaf);
        tree.add(leaf);
    }
    return {.certificate = "-----BEGIN CERTIFICATE-----\n",
            .checkpoint = sign_checkpoint({"annexa/5c8a", tree.head(), {}}, key('l')),
            .enrolment = envelope,
            .index = 1,
            .inclusion_proof = inclusion_proof(1, 3, hashes),
            .host = enrolled.host_id,
            .record_key = record_key.public_key(),
            .recovery_key = key('y').public_key()};
}

std::string refusal(const EnrolmentAnswer& given) {
    try {
        verify_enrolment(given, token(), request());
        return "";
    } catch (const coded_error& problem) {
        return problem.code();
    }
}

std::string refusal(std::string_view body) {
    try {
        open_enrolment_request(body);
        return "";
    } catch (const coded_error& problem) {
        return problem.code();
    }
}

std::string encoded(const json& value) { return "annexa1." + to_base64url(canonical_json(value)); }

}  // namespace

TEST_CASE("a token is one string and reads back") {
    const std::string text = encode_token(token());
    CHECK(text.starts_with("annexa1.ey"));
    CHECK(text.find_first_of("+/= \n") == std::string::npos);
    CHECK(parse_token(text) == token());
    CHECK(parse_token("  " + text + "\n") == token());
    CHECK(bearer_hash(token().bearer()) == token().hash());
    CHECK(token().ca_fingerprint() == sha256("der"));
    CHECK(token().origin() == "annexa/5c8a");
}

TEST_CASE("a damaged token is refused in words that hold no secret") {
    const std::string text = encode_token(token());
    json good = json::parse(from_base64url(text.substr(8)));
    REQUIRE(parse_token(encoded(good)) == token());
    std::vector<std::string> bad{
        "",         "annexa1.", "annexa2." + text.substr(8), text.substr(0, text.size() - 3), text + "x",
        text + "=", "x" + text};
    const auto without = [&](const char* name) {
        json value = good;
        value.erase(name);
        return encoded(value);
    };
    const auto with = [&](const char* name, const json& member) {
        json value = good;
        value[name] = member;
        return encoded(value);
    };
    for (const char* name : {"ca", "id", "log", "origin", "role", "secret", "url"}) {
        bad.push_back(without(name));
        bad.push_back(with(name, 1));
        bad.push_back(with(name, ""));
    }
    bad.push_back(with("url", "http://store.example"));
    bad.push_back(with("url", "https://store.example/path"));
    bad.push_back(with("url", "https://user@store.example"));
    bad.push_back(with("url", "https://a b"));
    bad.push_back(with("origin", "annexa/other"));
    bad.push_back(with("role", "root"));
    bad.push_back(with("secret", "c3Nz"));
    for (const std::string& one : bad) {
        INFO(one);
        try {
            parse_token(one);
            FAIL("accepted");
        } catch (const error& problem) {
            CHECK_THAT(problem.what(), !Catch::Contains(to_base64(token().secret).substr(0, 10)));
            CHECK_THAT(problem.what(), !Catch::Contains(token().bearer().substr(0, 10)));
        }
    }
    CHECK(parse_token(with("later", 1)) == token());
}

TEST_CASE("a token that could not be read is not made") {
    Token bad = token();
    bad.secret = "short";
    CHECK_THROWS_AS(encode_token(bad), error);
    bad = token();
    bad.role = "root";
    CHECK_THROWS_AS(encode_token(bad), error);
    bad = token();
    bad.url = "store.example";
    CHECK_THROWS_AS(encode_token(bad), error);
}

TEST_CASE("what is no bearer secret is not known") {
    for (const char* bearer : {"", "x", "AAAA", "c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M=", "*"})
        CHECK_THROWS_AS(bearer_hash(bearer), coded_error);
}

TEST_CASE("an enrolment request opens with the key that it names") {
    const std::string body = entry(seal(request(), key('e')));
    CHECK(open_enrolment_request(body) == request());
    EnrolmentRequest image = request();
    image.machine.reset();
    CHECK(open_enrolment_request(entry(seal(image, key('e')))) == image);
    CHECK(refusal(entry(seal(request(), key('x')))) == "bad_signature");
    Envelope other_id = seal(request(), key('e'));
    other_id.keyid = sha256("x");
    CHECK(refusal(entry(other_id)) == "bad_signature");
    CHECK(refusal(entry(seal(serialise(record()), key('e')))) == "wrong_type");
    CHECK(refusal("{}") == "bad_json");
    CHECK(refusal(std::string(largest_entry_bytes + 1, 'x')) == "too_large");
}

TEST_CASE("an enrolment's answer reads back and verifies") {
    const EnrolmentAnswer given = answer(record());
    CHECK(parse_enrolment_answer(serialise(given)) == given);
    const VerifiedEnrolment verified = verify_enrolment(given, token(), request());
    CHECK(verified.record == record());
    CHECK(verified.digest == sha256(serialise(record())));
    CHECK(verified.checkpoint.head.size == 3);
    for (const char* body : {"", "{}", "[]", R"({"certificate":"x"})"})
        CHECK_THROWS_AS(parse_enrolment_answer(body), coded_error);
}

TEST_CASE("an answer that does not hold is refused with its code") {
    EnrolmentAnswer bad = answer(record());
    bad.checkpoint = sign_checkpoint({"annexa/5c8a", {3, sha256("x")}, {}}, key('x'));
    CHECK(refusal(bad) == "bad_signature");
    bad.checkpoint = "x";
    CHECK(refusal(bad) == "bad_checkpoint");
    bad = answer(record());
    bad.index = 2;
    CHECK(refusal(bad) == "bad_inclusion");
    bad = answer(record());
    bad.record_key = key('x').public_key();
    CHECK(refusal(bad) == "bad_signature");
    // the answer's record key is the one that signed, but the record names another
    CHECK(refusal(answer(record(), key('x'))) == "bad_answer");
    bad = answer(record());
    bad.recovery_key = key('x').public_key();
    CHECK(refusal(bad) == "bad_answer");
    bad = answer(record());
    bad.host = "00000000-0000-4000-8000-000000000000";
    CHECK(refusal(bad) == "bad_answer");

    EnrolmentRecord other = record();
    other.origin = "annexa/other";
    CHECK(refusal(answer(other)) == "other_origin");
    other = record();
    other.key = key('x').public_key();
    CHECK(refusal(answer(other)) == "bad_answer");
    other = record();
    other.machine.reset();
    CHECK(refusal(answer(other)) == "bad_answer");
    other = record();
    other.host_name = "web-2";
    CHECK(refusal(answer(other)) == "bad_answer");
}

TEST_CASE("any flipped bit of an enrolment record's envelope is refused") {
    const EnrolmentAnswer good = answer(record());
    REQUIRE(refusal(good).empty());
    for (std::size_t bit = 0; bit < good.enrolment.payload.size() * 8; bit += 7) {
        EnrolmentAnswer bad = good;
        bad.enrolment.payload[bit / 8] = static_cast<char>(bad.enrolment.payload[bit / 8] ^ (1 << (bit % 8)));
        CHECK(refusal(bad) == "bad_signature");
    }
}

TEST_CASE("a renewal's request and answer read back") {
    const RenewalRequest renewal{"csr", sha256("enrolment"), noon, "annexa/5c8a"};
    const Envelope envelope = seal(renewal, key('e'));
    CHECK(parse_renewal_request(open(envelope, key('e').public_key())) == renewal);
    CHECK_THROWS_AS(parse_renewal_request(serialise(record())), coded_error);
    CHECK(parse_renewal_answer(serialise_renewal_answer("PEM\n")) == "PEM\n");
    CHECK_THROWS_AS(parse_renewal_answer("{}"), coded_error);
}
