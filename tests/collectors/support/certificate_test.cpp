// What we read of certificates is what `openssl x509` reads of them, over many made with random keys, names, times and
// digests. The seed is printed; ANNEXA_TEST_SEED repeats a run.
#include "collectors/support/certificate.hpp"

#include "evidence/instant.hpp"
#include "support/golden.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <iostream>
#include <random>
#include <regex>

using namespace annexa;
using namespace annexa::collectors;

namespace {

struct Made {
    std::string file, algorithm;
    bool authority = false;
};

std::string line_after(const std::string& text, const std::string& begin) {
    const std::size_t at = text.find(begin);
    if (at == std::string::npos) return {};
    const std::size_t from = at + begin.size();
    std::string line = text.substr(from, text.find('\n', from) - from);
    while (line.ends_with(' ') && begin.ends_with(' ')) line.pop_back();  // of the text, not of a name
    return line;
}

// notAfter=2027-06-01 00:00:00Z
std::int64_t seconds(std::string date) {
    std::replace(date.begin(), date.end(), ' ', 'T');
    return evidence::unix_seconds(evidence::parse_instant(date));
}

Made make(const std::filesystem::path& folder, std::mt19937_64& random) {
    const auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random);
    };
    struct Kind {
        const char* algorithm;
        std::vector<std::string> options;
    };
    const std::vector<Kind> kinds{{"rsa", {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"}},
                                  {"rsa", {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1536"}},
                                  {"rsa-pss", {"-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:1024"}},
                                  {"ec", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}},
                                  {"ec", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"}},
                                  {"ec", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp224r1"}},
                                  {"ed25519", {"-algorithm", "ED25519"}},
                                  {"ed448", {"-algorithm", "ED448"}}};
    const Kind& kind = kinds[below(kinds.size())];
    const std::string key = (folder / "key.pem").string(), file = (folder / "certificate.pem").string();
    std::vector<std::string> command{"/usr/bin/openssl", "genpkey", "-out", key};
    command.insert(command.end(), kind.options.begin(), kind.options.end());
    REQUIRE(tests::run(command).exit_status == 0);
    const std::vector<std::string> names{
        "/CN=www.example.org", "/O=Beispiel, GmbH/CN=a#b",      "/CN=caf\xc3\xa9",
        "/CN= leading",        "/C=DE/O=x\"y/OU=a\\+b/CN=q;<>", "/CN=" + std::string(60, 'x')};
    const bool authority = below(2) == 0;
    command = {"/usr/bin/openssl",
               "req",
               "-x509",
               "-utf8",
               "-new",
               "-key",
               key,
               "-out",
               file,
               "-subj",
               names[below(names.size())],
               "-days",
               std::to_string(below(20000) + 1),
               "-set_serial",
               std::to_string(below(1U << 30) + 1),
               "-addext",
               std::string{"basicConstraints=critical,CA:"} + (authority ? "TRUE" : "FALSE"),
               "-addext",
               "subjectAltName=DNS:a.example.org,IP:192.0.2." + std::to_string(below(255)) + ",IP:2001:db8::1"};
    const std::vector<std::string> digests{"-sha1", "-sha256", "-sha384", "-sha512"};
    if (!std::string_view{kind.algorithm}.starts_with("ed")) command.push_back(digests[below(digests.size())]);
    const auto made = tests::run(command);
    INFO(made.errors);
    REQUIRE(made.exit_status == 0);
    return {file, kind.algorithm, authority};
}

}  // namespace

TEST_CASE("certificates are read as openssl x509 reads them", "[oracle]") {
    const std::uint64_t seed = tests::seed();
    std::cout << "certificate_test: ANNEXA_TEST_SEED=" << seed << "\n";
    std::mt19937_64 random{seed};
    const tests::TemporaryFolder folder;
    for (int i = 0; i < 100; ++i) {
        const Made made = make(folder.path(), random);
        const auto read = parse_certificates(tests::file_text(made.file));
        REQUIRE(read.certificates.size() == 1);
        CHECK_FALSE(read.damaged);
        const PublicCertificate& ours = read.certificates[0];
        const std::string said =
            tests::run({"/usr/bin/openssl", "x509", "-in", made.file, "-noout", "-subject", "-issuer", "-serial",
                        "-dates", "-dateopt", "iso_8601", "-fingerprint", "-sha256", "-nameopt", "RFC2253,-esc_msb"})
                .output;
        const std::string text = tests::run({"/usr/bin/openssl", "x509", "-in", made.file, "-noout", "-text"}).output;
        INFO("seed " << seed << ", certificate " << i << "\n" << said << text);
        CHECK(ours.subject == line_after(said, "subject="));
        CHECK(ours.issuer == line_after(said, "issuer="));
        CHECK(ours.serial == line_after(said, "serial="));
        CHECK(ours.not_valid_before == seconds(line_after(said, "notBefore=")));
        CHECK(ours.not_valid_after == seconds(line_after(said, "notAfter=")));
        std::string fingerprint = line_after(said, "Fingerprint=");
        fingerprint.erase(std::remove(fingerprint.begin(), fingerprint.end(), ':'), fingerprint.end());
        std::transform(fingerprint.begin(), fingerprint.end(), fingerprint.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        CHECK(ours.sha256 == fingerprint);
        CHECK(ours.key_algorithm == made.algorithm);
        std::smatch match;
        if (std::regex_search(text, match, std::regex{"Public-Key: \\((\\d+) bit\\)"}))
            CHECK(std::to_string(ours.bits.value_or(0)) == match[1].str());
        CHECK(ours.signature_algorithm == line_after(text, "Signature Algorithm: "));
        CHECK(ours.authority == made.authority);
        CHECK(ours.self_signed);
    }
}

TEST_CASE("what is no certificate is passed over, and what should be one and is none is said") {
    const std::string key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    CHECK(parse_certificates("").certificates.empty());
    CHECK_FALSE(parse_certificates("").damaged);
    CHECK_FALSE(parse_certificates(key).damaged);
    CHECK(parse_certificates("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").damaged);
    CHECK(parse_certificates("-----BEGIN CERTIFICATE-----\nAAAA\n").damaged);
    CHECK(parse_certificates("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n").damaged);
}
