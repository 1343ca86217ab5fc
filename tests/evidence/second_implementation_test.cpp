// Canonical JSON against another implementation: Node's.
#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "tests/evidence/random.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <unistd.h>
#include <bit>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

using namespace annexa::evidence;
using annexa::evidence::test::Random;
using nlohmann::json;

namespace {

struct TemporaryFolder {
    std::filesystem::path path;
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "annexa-evidence-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

struct Output {
    std::string text;
    int status = -1;
};

Output run(const std::string& command) {
    Output output;
    FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    char buffer[4096];
    for (std::size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.text.append(buffer, got);
    output.status = pclose(pipe);
    return output;
}

bool has_node() {
    if (run("node --version 2>/dev/null").status == 0) return true;
    WARN("skipped: there is no node on this machine to compare with");
    return false;
}

/// What Node prints for lines of input, as lines.
std::vector<std::string> node(const std::string& what, const std::vector<std::string>& input) {
    const TemporaryFolder folder;
    const std::filesystem::path file = folder.path / "input";
    std::ofstream out{file, std::ios::binary};
    for (const std::string& line : input) out << line << '\n';
    out.close();
    const Output output =
        run("node '" ANNEXA_SOURCE_DIR "/tests/evidence/canonical_json.mjs' " + what + " '" + file.string() + "'");
    REQUIRE(output.status == 0);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < output.text.size();) {
        const std::size_t end = output.text.find('\n', at);
        lines.push_back(output.text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

json document(Random& random, int depth) {
    switch (random.up_to(depth > 0 ? 6 : 4)) {
        case 0:
            return nullptr;
        case 1:
            return random.chance(2);
        case 2:
            return random.number();
        case 3:
            return static_cast<std::int64_t>(random.up_to(2 * largest_json_integer)) - largest_json_integer;
        case 4:
            return random.text(8);
        case 5: {
            json array = json::array();
            for (std::uint64_t i = random.up_to(4); i > 0; --i) array.push_back(document(random, depth - 1));
            return array;
        }
        default: {
            json object = json::object();
            for (std::uint64_t i = random.up_to(6); i > 0; --i) object[random.text(4)] = document(random, depth - 1);
            return object;
        }
    }
}

}  // namespace

TEST_CASE("generated doubles print as Node prints them") {
    if (!has_node()) return;
    INFO("ANNEXA_TEST_SEED=" << test::seed());
    Random random;
    std::vector<double> numbers;
    std::vector<std::string> input;
    for (int i = 0; i < 20'000; ++i) {
        numbers.push_back(random.number());
        const auto bits = std::bit_cast<std::uint64_t>(numbers.back());
        std::string bytes;
        for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(bits >> shift));
        input.push_back(to_hex(bytes));
    }
    const std::vector<std::string> expected = node("numbers", input);
    REQUIRE(expected.size() == numbers.size());
    int wrong = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (ecmascript_number(numbers[i]) == expected[i]) continue;
        UNSCOPED_INFO(input[i] << ": " << ecmascript_number(numbers[i]) << ", Node prints " << expected[i]);
        ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("generated documents have the canonical form that Node gives them") {
    if (!has_node()) return;
    INFO("ANNEXA_TEST_SEED=" << test::seed());
    Random random;
    std::vector<json> documents;
    std::vector<std::string> input;
    for (int i = 0; i < 3'000; ++i) {
        documents.push_back(document(random, 4));
        input.push_back(documents.back().dump());
    }
    const std::vector<std::string> expected = node("documents", input);
    REQUIRE(expected.size() == documents.size());
    int wrong = 0;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        if (canonical_json(documents[i]) == expected[i]) continue;
        UNSCOPED_INFO(input[i] << ": " << canonical_json(documents[i]) << ", Node: " << expected[i]);
        ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("what the strict reader reads of a generated document is what was written") {
    INFO("ANNEXA_TEST_SEED=" << test::seed());
    Random random;
    int read = 0;
    for (int i = 0; i < 1'000; ++i) {
        const std::string bytes = canonical_json(document(random, 4));
        INFO(bytes);
        std::string again;
        try {
            again = canonical_json(parse_json(bytes));
            ++read;
        } catch (const format_error& problem) {
            // A whole double beyond 2^53 prints as an integer that the profile refuses: only tables have such cells.
            CHECK_THAT(problem.expected(), Catch::StartsWith("an integer within"));
            continue;
        }
        CHECK(again == bytes);
    }
    CHECK(read > 500);
}
