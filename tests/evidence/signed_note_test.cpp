#include "evidence/signed_note.hpp"
#include "evidence/checkpoint.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "tests/evidence/random.hpp"

#include <catch2/catch.hpp>

using namespace annexa::evidence;
using annexa::evidence::test::Random;

namespace {

const std::string dash = "\xe2\x80\x94 ";
const std::string known_vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const std::string known_text = "This is an example message.\n";
const std::string known_line =
    dash +
    "example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

PrivateKey log_key() { return PrivateKey::from_seed(std::string(32, 'l')); }
VerifierKey log_verifier() { return {"annexa/5c8a", log_key().public_key()}; }

std::string code_of(std::string_view note, const VerifierKey& key) {
    try {
        open_checkpoint(note, key);
        return "";
    } catch (const coded_error& problem) {
        return problem.code();
    }
}

}  // namespace

TEST_CASE("the known answer of C2SP signed-note") {
    const VerifierKey key = VerifierKey::parse(known_vkey);
    CHECK(key.name == "example.com/foo");
    CHECK(to_hex(key.id()) == "530d903a");
    CHECK(key.text() == known_vkey);
    const SignedNote note = parse_signed_note(known_text + "\n" + known_line);
    CHECK(note.text == known_text);
    CHECK(verify(note, key));
    CHECK(serialise(note) == known_text + "\n" + known_line);
}

TEST_CASE("a note with lines by others verifies, with a failing line by the known key it does not") {
    const VerifierKey key = VerifierKey::parse(known_vkey);
    const std::string other = dash + "witness.example AAAAAAAA\n";
    CHECK(verify(parse_signed_note(known_text + "\n" + other + known_line), key));
    CHECK(verify(parse_signed_note(known_text + "\n" + known_line + known_line), key));
    CHECK_FALSE(verify(parse_signed_note(known_text + "\n" + other), key));
    const std::string failing = dash + "example.com/foo " + to_base64(key.id() + std::string(64, 'x')) + "\n";
    CHECK_FALSE(verify(parse_signed_note(known_text + "\n" + known_line + failing), key));
    const std::string of_another_length = dash + "example.com/foo " + to_base64(key.id() + "x") + "\n";
    CHECK_FALSE(verify(parse_signed_note(known_text + "\n" + known_line + of_another_length), key));
    const std::string of_another_name = dash + "example.com/bar " + to_base64(key.id() + std::string(64, 'x')) + "\n";
    CHECK(verify(parse_signed_note(known_text + "\n" + known_line + of_another_name), key));
}

TEST_CASE("the text of a note ends at the last empty line") {
    const SignedNote note = parse_signed_note("a\n\nb\n\n" + known_line);
    CHECK(note.text == "a\n\nb\n");
}

TEST_CASE("sixteen signatures and more are read, and what is no note is refused") {
    std::string many = known_text + "\n";
    for (int i = 0; i < 16; ++i) many += dash + "w" + std::to_string(i) + " AAAAAAAA\n";
    CHECK(parse_signed_note(many + known_line).signatures.size() == 17);

    std::string too_many = known_text + "\n";
    for (int i = 0; i < 101; ++i) too_many += known_line;
    const auto bad = GENERATE_COPY(
        as<std::string>{}, "", "\n", "\n\n", known_text, known_text + "\n", known_text + known_line,
        known_text + "\n" + known_line.substr(0, known_line.size() - 1), known_text + "\n" + known_line + "x",
        "a\tb\n\n" + known_line, "a\r\n\n" + known_line, std::string("a\0\n\n", 4) + known_line,
        "\xff\n\n" + known_line, known_text + "\n- a AAAAAAAA\n", known_text + "\n" + dash + "a\n",
        known_text + "\n" + dash + "a \n", known_text + "\n" + dash + "a AAAA\n",
        known_text + "\n" + dash + "a AAAAAAA\n", known_text + "\n" + dash + " AAAAAAAA\n",
        known_text + "\n" + dash + "a+b AAAAAAAA\n", known_text + "\n" + dash + "a\xc2\xa0" + "b AAAAAAAA\n",
        known_text + "\n" + dash + "a AAAAAAAA AAAA\n", too_many);
    INFO(bad);
    CHECK_THROWS_AS(parse_signed_note(bad), format_error);
}

TEST_CASE("what is no verifier key is refused") {
    const auto bad =
        GENERATE(as<std::string>{}, "", "a", "a+b", "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                 "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                 "example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                 "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                 "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "example.com/foo+530d903a+",
                 "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2kAAAA", "a b+530d903a+AAAA");
    INFO(bad);
    CHECK_THROWS_AS(VerifierKey::parse(bad), format_error);
}

TEST_CASE("what cannot stand in a note is not signed") {
    CHECK_THROWS_AS(sign_note("no newline", "name", log_key()), error);
    CHECK_THROWS_AS(sign_note("a\tb\n", "name", log_key()), error);
    CHECK_THROWS_AS(sign_note("a\n", "na me", log_key()), error);
    CHECK_THROWS_AS(sign_note("a\n", "", log_key()), error);
}

TEST_CASE("a checkpoint signs, opens and reads back") {
    const Checkpoint checkpoint{"annexa/5c8a", {70'000, sha256("root")}, {}};
    const std::string note = sign_checkpoint(checkpoint, log_key());
    CHECK(note.starts_with("annexa/5c8a\n70000\n" + to_base64(sha256("root").view()) + "\n\n" + dash + "annexa/5c8a "));
    CHECK(open_checkpoint(note, log_verifier()) == checkpoint);
}

TEST_CASE("extension lines of a checkpoint are kept") {
    const Checkpoint checkpoint{"annexa/5c8a", {1, sha256("root")}, {"one", "two words"}};
    CHECK(parse_checkpoint_text(checkpoint_text(checkpoint)) == checkpoint);
    CHECK(open_checkpoint(sign_checkpoint(checkpoint, log_key()), log_verifier()) == checkpoint);
}

TEST_CASE("a checkpoint that does not hold has its code") {
    const auto signed_text = [](const std::string& text, const std::string& name) {
        return serialise({text, {sign_note(text, name, log_key())}});
    };
    const std::string root = to_base64(sha256("root").view());
    const auto code = [&](const std::string& text) {
        return code_of(signed_text(text, "annexa/5c8a"), log_verifier());
    };
    CHECK(code("annexa/5c8a\n1\n" + root + "\n").empty());
    CHECK(code("annexa/other\n1\n" + root + "\n") == "other_origin");
    CHECK(code("annexa/5c8a\n01\n" + root + "\n") == "bad_checkpoint");
    CHECK(code("annexa/5c8a\n-1\n" + root + "\n") == "bad_checkpoint");
    CHECK(code("annexa/5c8a\n+1\n" + root + "\n") == "bad_checkpoint");
    CHECK(code("annexa/5c8a\n18446744073709551616\n" + root + "\n") == "bad_checkpoint");
    CHECK(code("annexa/5c8a\n1\nAAAA\n") == "bad_checkpoint");
    CHECK(code("annexa/5c8a\n1\n") == "bad_checkpoint");
    CHECK(code("annexa/5c8a\n") == "bad_checkpoint");
    CHECK(code("annexa/5c8a\n1\n" + root + "\nx\n\ny\n") == "bad_checkpoint");
    CHECK(code_of("", log_verifier()) == "bad_checkpoint");
    CHECK(code_of(signed_text("annexa/5c8a\n1\n" + root + "\n", "annexa/other"), log_verifier()) == "bad_signature");
    CHECK(code_of(sign_checkpoint({"annexa/5c8a", {1, {}}, {}}, PrivateKey::generate()), log_verifier()) ==
          "bad_signature");
    CHECK_THROWS_AS(checkpoint_text({"an origin", {1, {}}, {}}), error);
}

TEST_CASE("any flipped bit of a checkpoint's note fails") {
    const Checkpoint checkpoint{"annexa/5c8a", {70'000, sha256("root")}, {}};
    const std::string note = sign_checkpoint(checkpoint, log_key());
    for (std::size_t bit = 0; bit < note.size() * 8; ++bit) {
        std::string bad = note;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        INFO("bit " << bit);
        CHECK_FALSE(code_of(bad, log_verifier()).empty());
    }
}

TEST_CASE("generated checkpoints read back as they were") {
    INFO("ANNEXA_TEST_SEED=" << test::seed());
    Random random;
    for (int i = 0; i < 200; ++i) {
        Checkpoint checkpoint{
            "annexa/" + random.identifier(), {random.bits() >> random.up_to(63), random.digest()}, {}};
        for (std::uint64_t k = random.up_to(3); k > 0; --k) checkpoint.extensions.push_back("x " + random.identifier());
        const VerifierKey key{checkpoint.origin, log_key().public_key()};
        CHECK(open_checkpoint(sign_checkpoint(checkpoint, log_key()), key) == checkpoint);
        CHECK(VerifierKey::parse(key.text()) == key);
    }
}
