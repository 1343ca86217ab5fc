#include "evidence/envelope.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"

#include "tests/support/each_row.hpp"

#include <catch2/catch.hpp>

using namespace annexa::evidence;

namespace {

PrivateKey key() { return PrivateKey::from_seed(std::string(32, '\x01')); }

std::string code_of(std::string_view bytes) {
    try {
        parse_entry(bytes);
        return "";
    } catch (const coded_error& problem) {
        return problem.code();
    }
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("DSSE's own example of what is signed") {
    CHECK(pre_authentication_encoding("http://example.com/HelloWorld", "hello world") ==
          "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    CHECK(pre_authentication_encoding("", "") == "DSSEv1 0  0 ");
}

TEST_CASE("an envelope seals, opens and reads back") {
    const Envelope envelope = seal(R"({"a":1})", key());
    CHECK(envelope.keyid == key().public_key().id());
    CHECK(open(envelope, key().public_key()) == R"({"a":1})");
    CHECK(parse_entry(entry(envelope)) == envelope);
    CHECK(envelope.digest() == sha256(R"({"a":1})"));
    CHECK_FALSE(verify(envelope, PrivateKey::generate().public_key()));
    CHECK_THROWS_AS(open(envelope, PrivateKey::generate().public_key()), coded_error);
}

TEST_CASE("envelope refuses: a payload one byte too large, and takes the largest") {
    const Envelope envelope = seal(std::string(largest_payload_bytes, 'x'), key());
    CHECK(entry(envelope).size() <= largest_entry_bytes);
    CHECK(parse_entry(entry(envelope)) == envelope);
    CHECK_THROWS_AS(seal(std::string(largest_payload_bytes + 1, 'x'), key()), coded_error);
    Envelope larger = envelope;
    larger.payload.push_back('x');
    CHECK(code_of(entry(larger)) == "too_large");
    CHECK(code_of(std::string(largest_entry_bytes + 1, ' ')) == "too_large");
}

namespace {

struct BadEntry {
    const char* name;
    std::string (*text)(const std::string& good);
};

const BadEntry bad_entries[] = {
    {"nothing", [](const std::string&) { return std::string{}; }},
    {"a list", [](const std::string&) { return std::string{"[]"}; }},
    {"white space behind", [](const std::string& good) { return good + " "; }},
    {"white space before", [](const std::string& good) { return " " + good; }},
    {"white space within", [](const std::string& good) { return replaced(good, "\",\"sig", "\", \"sig"); }},
    {"a further member", [](const std::string& good) { return replaced(good, "}]}", "}],\"x\":1}"); }},
    {"a member of another name", [](const std::string& good) { return replaced(good, "\"sig\"", "\"sag\""); }},
    {"a further member of a signature",
     [](const std::string& good) { return replaced(good, "\"sig\"", "\"a\":1,\"sig\""); }},
    {"another payload type", [](const std::string& good) { return replaced(good, "in-toto", "in-tota"); }},
    {"duplicate members",
     [](const std::string& good) { return replaced(good, "\"payload\":\"", "\"payload\":\"e30=\",\"payload\":\""); }},
    {"base64 without its padding",
     [](const std::string& good) { return replaced(good, "eyJhIjoxfQ==", "eyJhIjoxfQ"); }},
    {"base64 with bits that say nothing",
     [](const std::string& good) { return replaced(good, "eyJhIjoxfQ==", "eyJhIjoxfR=="); }},
    {"base64 of another alphabet",
     [](const std::string& good) { return replaced(good, "eyJhIjoxfQ==", "eyJhIjoxf-=="); }},
    {"an escape that is not needed",
     [](const std::string& good) { return replaced(good, "eyJhIjoxfQ==", "\\u0065yJhIjoxfQ=="); }},
    {"two signatures",
     [](const std::string& good) { return replaced(good, "\"signatures\":[{", "\"signatures\":[{},{"); }},
    {"a key id that is none", [](const std::string& good) { return replaced(good, "\"keyid\":\"", "\"keyid\":\"0"); }},
    {"a NUL byte",
     [](const std::string& good) { return replaced(good, "\"keyid\":\"", std::string{"\"keyid\":\""} + '\0'); }},
    {"invalid UTF-8", [](const std::string& good) { return replaced(good, "\"keyid\":\"", "\"keyid\":\"\xff"); }},
    {"nesting that is too deep", [](const std::string&) { return std::string(20'000, '['); }},
};

void is_refused(const BadEntry& bad) {
    const std::string good = entry(seal(R"({"a":1})", key()));
    REQUIRE(code_of(good).empty());
    CHECK(code_of(bad.text(good)) == "bad_json");
}

const annexa::test::EachRow<bad_entries, is_refused> each_refusal{"envelope refuses: ", "[envelope]",
                                                                  CATCH_INTERNAL_LINEINFO};

}  // namespace

TEST_CASE("envelope refuses: a tampered entry, whichever bit was flipped") {
    const Envelope envelope = seal(R"({"a":"some payload"})", key());
    const std::string good = entry(envelope);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        bool accepted = false;
        try {
            const Envelope read = parse_entry(bad);
            accepted = verify(read, key().public_key()) && read.keyid == envelope.keyid;
        } catch (const coded_error&) {
            // refused: as good
        }
        INFO("bit " << bit);
        CHECK_FALSE(accepted);
    }
}

TEST_CASE("a foreign envelope may use either alphabet and hold more") {
    const Signature signature = key().sign(pre_authentication_encoding("text/plain", "\xff\xfe?>"));
    std::string url = to_base64url(signature.view());
    const std::string text = R"({"extra":[1],"signatures":[{"sig":"AAAA"},{"keyid":"k","sig":")" + url +
                             R"(","cert":"x"}],"payloadType":"text/plain","payload":"__4_Pg"})";
    const ForeignEnvelope envelope = parse_foreign_envelope(text);
    CHECK(envelope.payload == "\xff\xfe?>");
    CHECK(envelope.signatures.size() == 2);
    CHECK_FALSE(envelope.signatures[0].keyid);
    CHECK(verify(envelope, key().public_key()));
    CHECK_FALSE(verify(envelope, PrivateKey::generate().public_key()));
    CHECK_THROWS_AS(parse_foreign_envelope("{}"), format_error);
    CHECK_THROWS_AS(parse_foreign_envelope(R"({"payload":"*","payloadType":"x","signatures":[]})"), format_error);
}

TEST_CASE("our own envelope is a foreign one too") {
    CHECK(verify(parse_foreign_envelope(entry(seal("{}", key()))), key().public_key()));
}
