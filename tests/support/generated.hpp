// Files of the repository that are written from the code: compared, or with ANNEXA_UPDATE_GOLDEN=1 written anew
// (scripts/generate).
#pragma once

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

namespace annexa::test {

inline bool updates_generated() {
    const char* value = std::getenv("ANNEXA_UPDATE_GOLDEN");
    return value != nullptr && std::string_view{value} == "1";
}

inline std::string read_whole(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

inline void check_generated(const std::filesystem::path& path, const std::string& text) {
    if (updates_generated()) {
        std::filesystem::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << text;
    }
    INFO(path << " differs from the code; `scripts/generate` writes it anew");
    CHECK(read_whole(path) == text);
}

/// A folder of generated files holds these and no other; others are removed where it is written anew.
inline void check_nothing_else(const std::filesystem::path& folder, const std::set<std::string>& names) {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) found.insert(entry.path().filename().string());
    if (updates_generated())
        for (const std::string& name : found)
            if (!names.contains(name)) std::filesystem::remove(folder / name);
    if (!updates_generated()) CHECK(found == names);
}

}  // namespace annexa::test
