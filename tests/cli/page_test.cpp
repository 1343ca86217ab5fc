#include "cli/sheets/html.hpp"
#include "cli/sheets/pdf.hpp"
#include "tests/support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace annexa;
using namespace annexa::cli::sheets;

namespace {

/// PATH as it is asked for, as long as this lives.
class Path {
  public:
    explicit Path(const std::string& path) : before_{std::getenv("PATH")} { ::setenv("PATH", path.c_str(), 1); }
    ~Path() { ::setenv("PATH", before_.c_str(), 1); }
    Path(const Path&) = delete;
    Path& operator=(const Path&) = delete;

  private:
    std::string before_;
};

void put_program(const std::filesystem::path& path, const std::string& script) {
    std::ofstream{path} << "#!/bin/sh\n" << script;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

}  // namespace

TEST_CASE("html: what a user wrote is text", "[sheets]") {
    CHECK(escaped("<script>alert('1') & \"x\"</script>") ==
          "&lt;script&gt;alert(&#39;1&#39;) &amp; &quot;x&quot;&lt;/script&gt;");
    CHECK(escaped("日本\n\t🔒") == "日本\n\t🔒");
    const std::string bad{"\0\x1b\x7f\xc2\x9b\xff\xef\xbf\xbf", 9};
    std::string expected;
    for (int i = 0; i < 6; ++i) expected += "\xEF\xBF\xBD";
    CHECK(escaped(bad) == expected);
}

TEST_CASE("html: a page lets nothing in but its own style", "[sheets]") {
    const std::string page = html_page("a<b", "p{color:red}", "<p>x</p>");
    // printf 'p{color:red}' | openssl dgst -sha256 -binary | base64
    CHECK(page.find("content=\"default-src 'none'; style-src 'sha256-p0bF+un5yUb9MBO6xRb8kPHlY2BdpHVtLiFkDrZPF64='; "
                    "base-uri 'none'; form-action 'none'\"") != std::string::npos);
    CHECK(page.find("<title>a&lt;b</title>") != std::string::npos);
    CHECK(page.find("<style>p{color:red}</style>") != std::string::npos);
}

TEST_CASE("pdf: where the program is missing, the package is named", "[sheets]") {
    const test::TemporaryDirectory folder;
    const Path path{folder.path().string() + "::."};
    CHECK_THROWS_WITH(write_pdf("<p>", folder / "a.pdf"), Catch::Matchers::Contains("apt install weasyprint"));
}

TEST_CASE("pdf: the program gets files and no token, and its last words are said", "[sheets]") {
    const test::TemporaryDirectory folder;
    const Path path{folder.path().string() + ":/bin:/usr/bin"};
    ::setenv("ANNEXA_TOKEN", "secret", 1);
    put_program(folder / "weasyprint", "env >\"$3\"; cat \"$2\" >>\"$3\"\n");
    write_pdf("<p>page</p>", folder / "-a.pdf");
    std::ifstream in{folder / "-a.pdf"};
    const std::string seen{std::istreambuf_iterator<char>{in}, {}};
    CHECK(seen.find("<p>page</p>") != std::string::npos);
    CHECK(seen.find("ANNEXA_TOKEN") == std::string::npos);
    ::unsetenv("ANNEXA_TOKEN");
    put_program(folder / "weasyprint", "echo no fonts >&2; exit 3\n");
    CHECK_THROWS_WITH(write_pdf("<p>", folder / "b.pdf"), Catch::Matchers::EndsWith("made no PDF: no fonts"));
    CHECK_FALSE(std::filesystem::exists(folder / "b.pdf"));
}
