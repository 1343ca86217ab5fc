// docs/evidence-format.md: its worked examples are what the code makes. ANNEXA_UPDATE_GOLDEN=1 writes them anew.
#include "tests/evidence/examples.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

using annexa::evidence::test::examples;

namespace {

const std::filesystem::path document = std::filesystem::path{ANNEXA_SOURCE_DIR} / "docs/evidence-format.md";

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// Where the text of an example stands in the document: after "<!-- example: NAME -->" and the fence.
struct Place {
    std::size_t begin;
    std::size_t length;
};

std::optional<Place> find(const std::string& text, const std::string& name) {
    const std::string head = "<!-- example: " + name + " -->\n```\n";
    const std::size_t at = text.find(head);
    if (at == std::string::npos) return std::nullopt;
    const std::size_t begin = at + head.size();
    return Place{begin, text.find("\n```\n", begin) - begin};
}

}  // namespace

TEST_CASE("the examples of docs/evidence-format.md are what the code makes") {
    std::string text = read_file(document);
    const char* update = std::getenv("ANNEXA_UPDATE_GOLDEN");
    std::size_t seen = 0;
    for (auto [name, bytes] : examples()) {
        while (bytes.ends_with('\n')) bytes.pop_back();
        INFO(name);
        const auto place = find(text, name);
        REQUIRE(place);
        if (update != nullptr && std::string_view{update} == "1") text.replace(place->begin, place->length, bytes);
        const auto now = find(text, name);
        CHECK(text.substr(now->begin, now->length) == bytes);
        ++seen;
    }
    if (update != nullptr && std::string_view{update} == "1") std::ofstream{document, std::ios::binary} << text;
    std::size_t marked = 0;
    for (std::size_t at = text.find("<!-- example: "); at != std::string::npos;
         at = text.find("<!-- example: ", at + 1))
        ++marked;
    CHECK(marked == seen);
}
