// A test of its own for each row of a table, so that the list of tests (ctest -N) names every refusal, and one that
// fails is named.
//
//     const Refusal refusals[] = {{"a member twice", …}, …};
//     void is_refused(const Refusal& refusal) { CHECK(…); }
//     const test::EachRow<refusals, is_refused> each{"the reader refuses: ", "[json]", CATCH_INTERNAL_LINEINFO};
//
// A row's member `name` is the end of its test's name. The table has to stand before this in its file.
#pragma once

#include <catch2/catch.hpp>
#include <cstddef>
#include <string>
#include <utility>

namespace annexa::test {

template <const auto& rows, auto test, std::size_t index>
void run_row() {
    test(rows[index]);
}

template <const auto& rows, auto test>
struct EachRow {
    EachRow(const std::string& prefix, const char* tags, const Catch::SourceLineInfo& place) {
        enrol(prefix, tags, place, std::make_index_sequence<std::size(rows)>{});
    }

  private:
    template <std::size_t... index>
    static void enrol(const std::string& prefix, const char* tags, const Catch::SourceLineInfo& place,
                      std::index_sequence<index...>) {
        (enrol_one<index>(prefix + rows[index].name, tags, place), ...);
    }

    template <std::size_t index>
    static void enrol_one(const std::string& name, const char* tags, const Catch::SourceLineInfo& place) {
        Catch::AutoReg{Catch::makeTestInvoker(&run_row<rows, test, index>), place, Catch::StringRef{},
                       Catch::NameAndTags{name, tags}};
    }
};

}  // namespace annexa::test
