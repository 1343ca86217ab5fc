// Every case folder tests/collectors/COLLECTOR/CASE: the collector over its tiny machine yields expected.json.
// ANNEXA_UPDATE_GOLDEN=1 writes expected.json anew; read the difference before you commit it.
#include "support/golden.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace annexa;

namespace {

const collectors::Collector* find_collector(const std::string& name) {
    for (const collectors::Collector* collector : collectors::all_collectors())
        if (collector->name == name) return collector;
    return nullptr;
}

}  // namespace

TEST_CASE("every case yields what it expects") {
    for (const std::filesystem::path& folder : tests::case_folders(ANNEXA_SOURCE_DIR "/tests/collectors")) {
        const std::string name = folder.parent_path().filename();
        DYNAMIC_SECTION(name << "/" << folder.filename().string()) {
            const collectors::Collector* collector = find_collector(name);
            REQUIRE(collector != nullptr);
            const auto machine = collectors::fixture_machine(folder.string());
            const std::string found = tests::golden_text(collectors::collect_here(*collector, *machine));
            if (tests::update_golden()) std::ofstream{folder / "expected.json"} << found;
            CHECK(found == tests::file_text(folder / "expected.json"));
        }
    }
}
