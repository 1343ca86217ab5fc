#include "cli/isms/audit_report.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace annexa::cli::test {

using nlohmann::json;

TEST_CASE("a report is a page on which nothing runs that an auditor wrote") {
    const Names names{json::array({{{"id", "R-0001"}, {"members", {{"title", "Carol <img src=x>"}}}}})};
    const json report{{"title", "Audit <script>alert(1)</script>"},
                      {"summary", "one & \"two\""},
                      {"conclusion", "mostly\nmet"},
                      {"auditors", json::array({{{"person", "R-0001"}, {"competence", "since 2020"}, {"lead", true}}})},
                      {"results", json::array({{{"requirement", "A.8.5"},
                                                {"result", "conforming"},
                                                {"facts", "</td><script>"},
                                                {"evidence", {1, 2}}}})}};
    const std::string page = audit_report_html(report, std::string(64, 'a'), names);
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("<img") == std::string::npos);
    CHECK_THAT(page, Catch::Contains("Audit &lt;script&gt;alert(1)&lt;/script&gt;"));
    CHECK_THAT(page, Catch::Contains("Carol &lt;img src=x&gt; (R-0001)"));
    CHECK_THAT(page, Catch::Contains("one &amp; &quot;two&quot;"));
    CHECK_THAT(page, Catch::Contains("<td>1, 2</td>"));
    CHECK_THAT(page, Catch::Contains(std::string(64, 'a')));
    CHECK(page.find("Interviews") == std::string::npos);  // what was not done has no section
}

}  // namespace annexa::cli::test
