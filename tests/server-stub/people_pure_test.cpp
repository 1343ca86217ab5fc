// One-time codes, passwords and the throttle, by their published vectors and by what they promise.
#include "evidence/encoding.hpp"
#include "server-stub/people/one_time_code.hpp"
#include "server-stub/people/own_tokens.hpp"
#include "server-stub/people/password.hpp"
#include "server-stub/people/sign_in_guard.hpp"
#include "server-stub/people/throttle.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace annexa;
using namespace annexa::store;
using namespace std::chrono_literals;

namespace {

const evidence::Instant noon = evidence::parse_instant("2026-11-24T12:00:00Z");
constexpr std::string_view secret_20 = "12345678901234567890";

}  // namespace

TEST_CASE("people: HOTP gives the values of RFC 4226 appendix D") {
    constexpr std::array<std::string_view, 10> values{"755224", "287082", "359152", "969429", "338314",
                                                      "254676", "287922", "162583", "399871", "520489"};
    for (std::size_t count = 0; count < values.size(); ++count) CHECK(hotp(secret_20, count) == values.at(count));
}

TEST_CASE("people: TOTP gives the values of RFC 6238 appendix B") {
    struct Row {
        std::int64_t time;
        std::string_view sha1, sha256, sha512;
    };
    constexpr std::array rows{
        Row{59, "94287082", "46119246", "90693936"},         Row{1111111109, "07081804", "68084774", "25091201"},
        Row{1111111111, "14050471", "67062674", "99943326"}, Row{1234567890, "89005924", "91819424", "93441116"},
        Row{2000000000, "69279037", "90698825", "38618901"}, Row{20000000000, "65353130", "77737706", "47863826"}};
    const std::string repeated = "1234567890123456789012345678901234567890123456789012345678901234";
    for (const Row& row : rows) {
        const std::uint64_t step = code_step(evidence::Instant{std::chrono::seconds{row.time}});
        CHECK(hotp(secret_20, step, 8, CodeHash::sha1) == row.sha1);
        CHECK(hotp(repeated.substr(0, 32), step, 8, CodeHash::sha256) == row.sha256);
        CHECK(hotp(repeated, step, 8, CodeHash::sha512) == row.sha512);
    }
}

TEST_CASE("people: a code is taken one step early or late, not two, and not once a later one was") {
    const std::uint64_t now = code_step(noon);
    const auto match = [&](std::uint64_t step, std::uint64_t last) {
        return matching_step(secret_20, hotp(secret_20, step), noon, last);
    };
    CHECK(match(now, 0) == now);
    CHECK(match(now - 1, 0) == now - 1);
    CHECK(match(now + 1, 0) == now + 1);
    CHECK_FALSE(match(now - 2, 0));
    CHECK_FALSE(match(now + 2, 0));
    CHECK_FALSE(match(now, now));
    CHECK_FALSE(match(now - 1, now));
    CHECK(match(now + 1, now) == now + 1);
    for (const char* bad : {"", "1", "0000000", "12345a", "      "})
        CHECK_FALSE(matching_step(secret_20, bad, noon, 0));
}

TEST_CASE("people: base32 gives the values of RFC 4648 section 10, and an authenticator's URI holds it") {
    CHECK(to_base32("") == "");
    CHECK(to_base32("f") == "MY");
    CHECK(to_base32("fo") == "MZXQ");
    CHECK(to_base32("foo") == "MZXW6");
    CHECK(to_base32("foob") == "MZXW6YQ");
    CHECK(to_base32("fooba") == "MZXW6YTB");
    CHECK(to_base32("foobar") == "MZXW6YTBOI");
    CHECK(otpauth_uri("annexa Bäckerei & Co", "ada@example.org", "foobar") ==
          "otpauth://totp/"
          "annexa%20B%C3%A4ckerei%20%26%20Co:ada%40example.org?secret=MZXW6YTBOI&issuer=annexa%20B%C3%A4ckerei%20%26%"
          "20Co&algorithm=SHA1&digits=6&period=30");
    CHECK(new_code_secret().size() == 20);
    CHECK(new_code_secret() != new_code_secret());
}

TEST_CASE("people: scrypt gives the values of RFC 7914 section 12") {
    CHECK(evidence::to_hex(scrypt("password", "NaCl", {10, 8, 16}, 64)) ==
          "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83"
          "ee6d8360cbdfa2cc0640");
    CHECK(evidence::to_hex(scrypt("pleaseletmein", "SodiumChloride", {14, 8, 1}, 64)) ==
          "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d65"
          "1e40dfcf017b45575887");
}

TEST_CASE("people: a hash says how it was made, fits its password alone, and is salted") {
    constexpr ScryptCost cheap{10, 8, 1};
    const std::string hash = hash_by_scrypt("correct horse battery", cheap);
    CHECK(hash.starts_with("$scrypt$ln=10,r=8,p=1$"));
    CHECK(verify_password("correct horse battery", hash));
    CHECK_FALSE(verify_password("correct horse batterY", hash));
    CHECK_FALSE(verify_password("", hash));
    CHECK(hash_by_scrypt("correct horse battery", cheap) != hash);
    const std::string standard = hash_password("correct horse battery");
    CHECK(standard.starts_with(has_argon2id() ? "$argon2id$v=19$m=65536,t=3,p=1$" : "$scrypt$ln=17,r=8,p=1$"));
    CHECK(verify_password("correct horse battery", standard));
    CHECK_FALSE(verify_password("correct horse battery", decoy_hash()));
    CHECK(decoy_hash().size() == standard.size());
}

TEST_CASE("people: a hash of another form, or one that would cost too much, fits nothing") {
    const std::string end = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for (const std::string& bad :
         {std::string{}, std::string{"$"}, "$scrypt$ln=10,r=8" + end, "$scrypt$ln=10,r=8,p=0" + end,
          "$scrypt$ln=30,r=8,p=1" + end, "$scrypt$ln=20,r=64,p=1" + end, "$scrypt$ln=4294967296,r=8,p=1" + end,
          "$scrypt$r=8,ln=10,p=1" + end, "$bcrypt$ln=10,r=8,p=1" + end, "$argon2id$v=19$m=999999999,t=3,p=1" + end,
          std::string{"$scrypt$ln=10,r=8,p=1$AAAA$AAAA"}, std::string{"$scrypt$ln=10,r=8,p=1$!$!!!!"}})
        CHECK_FALSE(verify_password("correct horse battery", bad));
}

TEST_CASE("people: a password has twelve characters, whatever they are, and is not the name") {
    CHECK_FALSE(password_problem("correct horse", "ada", "Ada"));
    CHECK_FALSE(password_problem("aaaaaaaaaaaa", "ada", "Ada"));  // no rule on composition
    CHECK_FALSE(password_problem("ääääääääääää", "ada", "Ada"));
    CHECK_FALSE(password_problem(std::string(1024, 'a'), "ada", "Ada"));
    CHECK(password_problem("aaaaaaaaaaa", "ada", "Ada"));
    CHECK(password_problem("äääääääääää", "ada", "Ada"));  // eleven characters in 22 bytes
    CHECK(password_problem(std::string(1025, 'a'), "ada", "Ada"));
    CHECK(password_problem("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "ada", "Ada"));
    CHECK(password_problem("Ada.Lovelace@x", "ada.lovelace@x", "Ada"));
    CHECK(password_problem("ada KING lovelace", "ada", "Ada King Lovelace"));
}

TEST_CASE("people: who guesses waits longer each time, up to a bound, and is forgiven with time") {
    Throttle throttle;
    evidence::Instant now = noon;
    for (unsigned i = 0; i < Throttle::free_by_login; ++i) REQUIRE(throttle.attempt("ada", "192.0.2.1", now) == 0s);
    CHECK(throttle.attempt("ada", "192.0.2.1", now) == 1s);
    CHECK(throttle.attempt("ada", "198.51.100.9", now) == 1s);  // nor from elsewhere
    CHECK(throttle.attempt("eve", "192.0.2.1", now) == 0s);     // another name may
    std::chrono::seconds longest{0};
    for (int i = 0; i < 40; ++i) {
        while (throttle.attempt("ada", "192.0.2." + std::to_string(i), now) > 0s) now += 1s;
        longest = std::max(longest, throttle.attempt("ada", "203.0.113.1", now));
    }
    CHECK(longest == Throttle::longest_delay);
    now += Throttle::longest_delay;
    CHECK(throttle.attempt("ada", "203.0.113.1", now) == 0s);
    now += Throttle::memory;
    for (unsigned i = 0; i < Throttle::free_by_login; ++i) CHECK(throttle.attempt("ada", "203.0.113.1", now) == 0s);
}

TEST_CASE("people: an outsider locks nobody out of where they have signed in before") {
    Throttle throttle;
    REQUIRE(throttle.attempt("ada", "10.0.0.7", noon) == 0s);
    throttle.succeeded("ada", "10.0.0.7", noon);
    for (int i = 0; i < 30; ++i) static_cast<void>(throttle.attempt("ada", "192.0.2." + std::to_string(i), noon));
    CHECK(throttle.attempt("ada", "192.0.2.200", noon) > 0s);
    CHECK(throttle.attempt("ada", "10.0.0.7", noon) == 0s);
    throttle.succeeded("ada", "10.0.0.7", noon);
    // there too, guesses are slowed down
    for (unsigned i = 0; i < Throttle::free_by_login; ++i) CHECK(throttle.attempt("ada", "10.0.0.7", noon) == 0s);
    CHECK(throttle.attempt("ada", "10.0.0.7", noon) > 0s);
    throttle.forgive("ada");
    CHECK(throttle.attempt("ada", "10.0.0.7", noon) == 0s);
    CHECK(throttle.attempt("ada", "192.0.2.200", noon) == 0s);
}

TEST_CASE("people: one address that tries many names waits, and an account of one's own does not help") {
    Throttle throttle;
    unsigned judged = 0;
    for (int i = 0; i < 200; ++i) {
        if (throttle.attempt("name" + std::to_string(i), "2001:db8::" + std::to_string(i % 9), noon) == 0s) ++judged;
        if (throttle.attempt("eve", "2001:db8::1", noon) == 0s) throttle.succeeded("eve", "2001:db8::1", noon);
    }
    CHECK(judged == Throttle::free_by_address);
    CHECK(network_of("2001:db8::1:2:3:4") == "2001:db8::");
    CHECK(network_of("::ffff:192.0.2.1") == "192.0.2.1");
    CHECK(network_of("192.0.2.1") == "192.0.2.1");
}

TEST_CASE("people: the secret of codes rests sealed, for its account and key alone") {
    const SignInGuard guard{std::string(32, 'k')};
    const std::string sealed = guard.seal("account 1", secret_20);
    CHECK(sealed.find(secret_20) == std::string::npos);
    CHECK(guard.seal("account 1", secret_20) != sealed);
    CHECK(guard.open("account 1", sealed) == secret_20);
    CHECK_FALSE(guard.open("account 2", sealed));
    CHECK_FALSE(SignInGuard{std::string(32, 'x')}.open("account 1", sealed));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        CHECK_FALSE(guard.open("account 1", changed));
        CHECK_FALSE(guard.open("account 1", sealed.substr(0, i)));
    }
}

TEST_CASE("people: a token's paths open themselves and what is below them") {
    CHECK(opens({}, "/api/v1/hosts"));
    CHECK(opens({"/api/v1/status"}, "/api/v1/status"));
    CHECK(opens({"/api/v1/hosts"}, "/api/v1/hosts/web-1/acknowledgement"));
    CHECK(opens({"/log", "/api"}, "/api/v1/hosts"));
    CHECK_FALSE(opens({"/api/v1/status"}, "/api/v1/statuses"));
    CHECK_FALSE(opens({"/api/v1/status"}, "/api/v1"));
}

TEST_CASE("people: roles hold what isms.md says, and no two that one person may not have") {
    CHECK(may(Role::editor, Permission::edit));
    CHECK_FALSE(may(Role::editor, Permission::approve));
    CHECK(may(Role::approver, Permission::edit));
    CHECK(may(Role::approver, Permission::approve));
    CHECK(may(Role::auditor, Permission::read));
    CHECK(may(Role::auditor, Permission::audit));
    CHECK_FALSE(may(Role::auditor, Permission::edit));
    CHECK_FALSE(may(Role::approver, Permission::audit));
    CHECK(may(Role::admin, Permission::administer));
    CHECK_FALSE(may(Role::admin, Permission::edit));
    CHECK_FALSE(may(Role::admin, Permission::approve));
    CHECK(may(full_admin, Permission::approve));
    for (const Permission permission :
         {Permission::read, Permission::edit, Permission::approve, Permission::audit, Permission::administer})
        CHECK_FALSE(may(Role::agent, permission));
    for (const char* good :
         {"agent", "reader", "auditor", "editor", "approver", "admin", "admin,editor", "admin,approver"})
        CHECK(roles_text(parse_roles(good).value()) == good);
    CHECK(parse_roles("approver,admin") == full_admin);
    for (const char* bad : {"", "root", "auditor,editor", "admin,auditor", "admin,agent", "admin,admin",
                            "editor,approver", "admin,", "admin,editor,approver"})
        CHECK_FALSE(parse_roles(bad));
    CHECK(within(Role::reader, Role::auditor));
    CHECK(within(Role::editor, Role::approver));
    CHECK_FALSE(within(Role::auditor, Role::approver));
    CHECK_FALSE(within(full_admin, Role::admin));
    CHECK(common(full_admin, Role::editor) == Roles{Role::editor});
    CHECK(common(full_admin, Role::admin) == Roles{Role::admin});
    CHECK(common(Role::approver, Role::auditor) == Roles{Role::reader});
}
