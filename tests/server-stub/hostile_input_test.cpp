// Properties that hold whatever comes: the same that the fuzz targets (fuzz/) assert, over a fixed pseudo-random walk.
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "server-stub/configuration/configuration.hpp"
#include "server-stub/http/router.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace annexa;
using namespace annexa::store;

namespace {

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

/// The same target, every byte of every segment percent-encoded.
std::string written(const Target& target) {
    std::string out;
    std::size_t at = 0;
    while (at < target.path.size()) {
        const std::size_t end = std::min(target.path.find('/', at + 1), target.path.size());
        out += '/' + percent_encoded(target.path.substr(at + 1, end - at - 1));
        at = end;
    }
    for (std::size_t i = 0; i < target.query.size(); ++i)
        out += (i == 0 ? '?' : '&') + percent_encoded(target.query[i].first) + '=' + percent_encoded(target.query[i].second);
    return out;
}

std::string mutate(std::string text, std::mt19937& random, std::string_view alphabet) {
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>{0, n - 1}(random); };
    for (std::size_t changes = below(4) + 1; changes > 0; --changes) {
        const std::size_t at = below(text.size() + 1);
        switch (below(3)) {
            case 0: text.insert(at, 1, alphabet[below(alphabet.size())]); break;
            case 1: if (at < text.size()) text.erase(at, below(4) + 1); break;
            default: if (at < text.size()) text[at] = alphabet[below(alphabet.size())];
        }
    }
    return text;
}

}  // namespace

TEST_CASE("a target that is taken has one reading: plain segments, and the same when it is written anew") {
    std::mt19937 random{20261124};
    const std::string alphabet = std::string{"/.%?&=#a0F2e:@ ;+\\"} + std::string{"\0\n\x7f\xc3\xa9\xff", 6};
    const std::string seeds[] = {"/api/v1/hosts/web%201?at=2026-11-24&x=%26", "/log/tile/0/x001/x234/067.p/112", "/", "/a/%2e%2e/b", "/%2fetc"};
    unsigned taken = 0;
    for (int round = 0; round < 20'000; ++round) {
        const std::string text = mutate(seeds[static_cast<std::size_t>(round) % std::size(seeds)], random, alphabet);
        const auto target = parse_target(text);
        if (!target) continue;
        ++taken;
        CAPTURE(text);
        REQUIRE(target->path.starts_with('/'));
        REQUIRE(evidence::is_plain_text(target->path));
        const std::string fenced = target->path + "/";
        if (target->path != "/") {
            REQUIRE(fenced.find("//") == std::string::npos);
            REQUIRE(fenced.find("/./") == std::string::npos);
            REQUIRE(fenced.find("/../") == std::string::npos);
        }
        for (const char c : target->path) REQUIRE(static_cast<unsigned char>(c) >= 0x20);
        const auto again = parse_target(target->path == "/" && target->query.empty() ? "/" : written(*target));
        if (target->path == "/") continue;  // the root has no segment to write
        if (written(*target).size() > 4096) continue;
        REQUIRE(again);
        REQUIRE(again->path == target->path);
        REQUIRE(again->query == target->query);
    }
    CHECK(taken > 2000);  // the walk does not only meet what is refused
}

TEST_CASE("a configuration is read or refused at a place, whatever stands in it") {
    std::mt19937 random{8};
    const std::string alphabet = std::string{" \n\t:-{}[]\"'#&*!|>%@`,ax0/."} + std::string{"\0\xff\xc3", 3};
    const std::string seed =
        "data: /srv/annexa\norganization: Example Ltd\nlisten: {agents: \"127.0.0.1:0\", people: \"[::1]:9444\"}\n"
        "agents_url: https://annexa.example.org:8443\ntls:\n  people: {certificate: /a, key: /b}\nlog: {level: debug}\n";
    unsigned read = 0;
    for (int round = 0; round < 3000; ++round) {
        const std::string text = mutate(seed, random, alphabet);
        CAPTURE(text);
        try {
            const Configuration configuration = parse_configuration(text, "server.yaml");
            REQUIRE(configuration.data.is_absolute());
            ++read;
        } catch (const evidence::error& error) {
            REQUIRE(std::string{error.what()}.starts_with("server.yaml:"));
        }
    }
    CHECK(read > 100);
}
