// Damaged headers, and cryptsetup as the oracle: what it makes we read as it dumps it.
#include "collectors/support/luks_header.hpp"

#include "collectors/host.hpp"

#include "support/process.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace annexa;
using namespace annexa::collectors;
namespace fs = std::filesystem;

namespace {

std::string file_text(const fs::path& path, std::size_t most) {
    std::ifstream file{path, std::ios::binary};
    std::string text(most, '\0');
    file.read(text.data(), static_cast<std::streamsize>(most));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

fs::path case_header(const char* name) {
    return fs::path{ANNEXA_SOURCE_DIR} / "tests/collectors/luks_devices" / name / "header.bin";
}

struct TemporaryVolume {
    fs::path path;
    explicit TemporaryVolume(const std::string& options) {
        std::string name = (fs::temp_directory_path() / "annexa-luks-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = fs::path{name} / "volume";
        std::ofstream{path};
        fs::resize_file(path, std::uintmax_t{20} << 20);
        tests::shell("echo -n secret | cryptsetup luksFormat -q " + options + " " + path.string() + " - 2>&1");
    }
    TemporaryVolume(const TemporaryVolume&) = delete;
    TemporaryVolume& operator=(const TemporaryVolume&) = delete;
    ~TemporaryVolume() { fs::remove_all(path.parent_path()); }
};

}  // namespace

TEST_CASE("luks: what is none is nothing, what is damaged is refused") {
    CHECK_FALSE(parse_luks_header("/dev/x", ""));
    CHECK_FALSE(parse_luks_header("/dev/x", std::string(5000, '\0')));
    const std::string good = file_text(case_header("luks2"), 16384);
    REQUIRE(parse_luks_header("/dev/x", good));
    for (const std::size_t size : {7UL, 8UL, 100UL, 591UL, 4096UL, 16383UL})
        CHECK_THROWS_AS(parse_luks_header("/dev/x", good.substr(0, size)), host_error);
    std::string version = good;
    version[7] = 3;
    CHECK_THROWS_WITH(parse_luks_header("/dev/x", version), Catch::Contains("/dev/x: LUKS header: version 3"));
    std::string size = good;
    size[9] = 1;  // petabytes
    CHECK_THROWS_AS(parse_luks_header("/dev/x", size), host_error);
    // every byte of the parts that are read, changed: never a crash, and never accepted under the checksum
    for (std::size_t at = 8; at < 5200; at += 37) {
        std::string damaged = good;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
        const bool in_checksum_rest = at >= 480 && at < 512;  // the field has 64 bytes, sha256 fills 32
        const bool names_checksum = at >= 72 && at < 104;     // another algorithm cannot be checked here
        if (in_checksum_rest || names_checksum) continue;
        INFO(at);
        CHECK_THROWS_AS(parse_luks_header("/dev/x", damaged), host_error);
    }
}

TEST_CASE("luks: cryptsetup's own dump says the same", "[oracle]") {
    if (!fs::exists("/usr/sbin/cryptsetup") && !fs::exists("/sbin/cryptsetup")) return;
    const auto options =
        GENERATE(as<std::string>{},
                 "--type luks2 --pbkdf argon2id --pbkdf-force-iterations 4 --pbkdf-memory 64 --pbkdf-parallel 1",
                 "--type luks2 --pbkdf pbkdf2 --hash sha512 --pbkdf-force-iterations 1000 --cipher aes-xts-plain64 "
                 "--key-size 256",
                 "--type luks2 --pbkdf argon2i --pbkdf-force-iterations 5 --pbkdf-memory 128 --pbkdf-parallel 2 "
                 "--cipher aes-cbc-essiv:sha256 --key-size 256");
    INFO(options);
    const TemporaryVolume volume{options};
    const auto header = parse_luks_header("volume", file_text(volume.path, luks_header_bytes));
    REQUIRE(header);
    const auto dump =
        nlohmann::json::parse(tests::shell("cryptsetup luksDump --dump-json-metadata " + volume.path.string()));
    CHECK(header->version == 2);
    CHECK(header->encrypted);
    CHECK(header->cipher == dump["segments"]["0"]["encryption"].get<std::string>());
    REQUIRE(header->slots.size() == dump["keyslots"].size());
    const auto& slot = dump["keyslots"]["0"];
    CHECK(header->slots[0].kdf == slot["kdf"]["type"].get<std::string>());
    CHECK(header->slots[0].key_bits == slot["key_size"].get<int>() * 8);
    CHECK(header->slots[0].iterations ==
          (slot["kdf"].contains("time") ? slot["kdf"]["time"] : slot["kdf"]["iterations"]).get<std::int64_t>());
    CHECK(header->slots[0].memory_kib == slot["kdf"].value("memory", 0));
}

TEST_CASE("luks: version 1 as cryptsetup dumps it", "[oracle]") {
    if (!fs::exists("/usr/sbin/cryptsetup") && !fs::exists("/sbin/cryptsetup")) return;
    const TemporaryVolume volume{
        "--type luks1 --pbkdf-force-iterations 1234 --cipher aes-xts-plain64 --key-size 512 --hash sha256"};
    const auto header = parse_luks_header("volume", file_text(volume.path, luks_header_bytes));
    REQUIRE(header);
    const std::string dump = tests::shell("cryptsetup luksDump " + volume.path.string());
    INFO(dump);
    CHECK(dump.find(header->uuid) != std::string::npos);
    CHECK(header->cipher == "aes-xts-plain64");
    CHECK(header->key_bits == 512);
    REQUIRE(header->slots.size() == 1);
    CHECK(dump.find("Iterations:         \t" + std::to_string(header->slots[0].iterations)) != std::string::npos);
    CHECK(header->slots[0].hash == "sha256");
}
