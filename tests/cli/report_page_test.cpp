#include "cli/isms/report_page.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace annexa::cli::test {

using nlohmann::json;

TEST_CASE("a frozen document of any kind is a page with all that it holds but its salt, and nothing in it runs") {
    const Names names{json::array({{{"id", "R-0001"}, {"members", {{"title", "Bob"}}}}})};
    const json minutes{{"salt", "5a17"},
                       {"title", "Review"},
                       {"held_on", "2026-11-30"},
                       {"chair", "R-0001"},
                       {"conclusion", "suitable <script>alert(1)</script>"},
                       {"decisions", json::array({{{"decision", "go on"}, {"input", "d"}, {"actions", {"R-0007", "R-0008"}}},
                                                  {{"decision", "less"}, {"no_action", "nothing changes"}}})},
                       {"inputs", {{"digest", "abc"}, {"d", {{"raised", 2}, {"list", json::array({{{"who", "R-0001"}}})}}}}}};
    const std::string page = frozen_document_html(minutes, "Review <i>", std::string(64, 'a'), names);
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("5a17") == std::string::npos);
    CHECK_THAT(page, Catch::Contains("<h1>Review &lt;i&gt;</h1>"));
    CHECK_THAT(page, Catch::Contains("SHA-256 " + std::string(64, 'a')));
    CHECK_THAT(page, Catch::Contains("<strong>Chair:</strong> Bob (R-0001)"));
    CHECK_THAT(page, Catch::Contains("<strong>Held on:</strong> 2026-11-30"));
    CHECK_THAT(page, Catch::Contains("<th>Decision</th>"));
    CHECK_THAT(page, Catch::Contains("<td>R-0007, R-0008</td>"));
    CHECK_THAT(page, Catch::Contains("<td>nothing changes</td>"));
    CHECK_THAT(page, Catch::Contains("<h2>Inputs · d</h2>"));
    CHECK_THAT(page, Catch::Contains("<strong>Raised:</strong> 2"));
    CHECK_THAT(page, Catch::Contains("<h2>Inputs · d · list</h2>"));
    CHECK_THAT(page, Catch::Contains("<td>Bob (R-0001)</td>"));
}

}  // namespace annexa::cli::test
