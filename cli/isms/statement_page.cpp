#include "cli/isms/statement.hpp"
#include "cli/isms/statement_texts.hpp"
#include "cli/sheets/html.hpp"
#include "cli/text.hpp"

#include <nlohmann/json.hpp>

#include <map>

namespace annexa::cli {
namespace {

using nlohmann::json;
using sheets::escaped;
using statement::text_in;

constexpr std::string_view style = R"(
@page { size: A4 landscape; margin: 12mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; } }
body { font: 10pt/1.4 "DejaVu Sans", "Liberation Sans", sans-serif; color: #1b1f24; margin: 1.5em; }
h1 { font-size: 18pt; margin: 0 0 .6em; }
h2 { font-size: 12pt; margin: 1.6em 0 .4em; break-after: avoid; }
table { border-collapse: collapse; }
.head { margin: 0 0 1em; }
.head th, .head td { border: 0; background: none; padding: .1em 1.2em .1em 0; font-weight: normal; }
.head th { color: #57606a; white-space: nowrap; }
.rows { width: 100%; table-layout: fixed; font-size: 8pt; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { box-sizing: border-box; border: .5pt solid #c5ccd3; padding: .35em .5em; text-align: left; vertical-align: top; white-space: pre-line; overflow-wrap: anywhere; }
th { background: #e8edf3; }
.control { width: 14%; } .applies { width: 9%; } .why { width: 20%; } .how { width: 17%; }
.owner { width: 9%; } .evidence { width: 12%; } .state { width: 19%; }
.no { color: #57606a; }
.undecided { color: #9a3412; font-weight: bold; }
.word { color: #57606a; }
@media print { body { margin: 0; } h1 { font-size: 16pt; } }
)";

constexpr std::string_view table_head = R"(<thead><tr><th class="control">Control</th><th class="applies">Applies</th>
<th class="why">Why, or why not</th><th class="how">Implementation</th><th class="owner">Owner</th>
<th class="evidence">Evidence</th><th class="state">Indication and conclusion</th></tr></thead>
)";

constexpr std::pair<std::string_view, std::string_view> themes[] = {
    {"organizational", "Organizational controls"},
    {"people", "People controls"},
    {"physical", "Physical controls"},
    {"technological", "Technological controls"},
    {"own", "The organization's own controls"},
};

/// Parts of a cell, a line each; empty ones are left out.
class Cell {
  public:
    void add(const std::string& text) {
        if (!text.empty()) html_ += (html_.empty() ? "" : "\n") + escaped(text);
    }
    void add(std::string_view word, const std::string& text) {
        if (!text.empty())
            html_ += (html_.empty() ? "<span class=\"word\">" : "\n<span class=\"word\">") + std::string{word} +
                     "</span> " + escaped(text);
    }
    [[nodiscard]] std::string html() const { return "<td dir=\"auto\">" + html_ + "</td>"; }

  private:
    std::string html_;
};

std::string applies(const json& row) {
    const json& applicable = row.at("applicable");
    if (applicable.is_null()) return "<td class=\"undecided\">undecided</td>";
    return applicable.get<bool>() ? "<td>yes</td>" : "<td class=\"no\">no</td>";
}

std::string row_html(const json& row) {
    Cell control, why, how, owner, evidence, state;
    control.add(text_in(row, "control"));
    control.add(text_in(row, "title"));
    control.add(text_in(row, "description"));
    std::string grounds;
    for (const json& ground : row.at("ground"))
        grounds += (grounds.empty() ? "" : ", ") + spoken(ground.get<std::string>());
    why.add(grounds);
    why.add(text_in(row, "justification"));
    why.add(statement::titled(row, "based_on"));
    why.add("excluded:", text_in(row, "exclusion"));
    how.add(text_in(row, "implementation"));
    how.add("planned until", text_in(row, "planned_until"));
    how.add(text_in(row, "how"));
    owner.add(text_in(row, "owner_name"));
    owner.add("next review", text_in(row, "next_review"));
    evidence.add(statement::evidence(row));
    evidence.add(statement::titled(row, "links"));
    state.add(statement::indication(row));
    state.add(statement::legs(row));
    state.add("concluded:", statement::conclusion(row));
    state.add("waived:", statement::waivers(row));
    return "<tr>" + control.html() + applies(row) + why.html() + how.html() + owner.html() + evidence.html() +
           state.html() + "</tr>\n";
}

std::string counts(const json& rows) {
    std::map<std::string, std::size_t> implemented;
    std::size_t apply = 0, excluded = 0, undecided = 0;
    for (const json& row : rows) {
        const json& applicable = row.at("applicable");
        if (applicable.is_null()) ++undecided;
        if (applicable == false) ++excluded;
        if (applicable != true) continue;
        ++apply;
        ++implemented[text_in(row, "implementation")];
    }
    return counted(rows.size(), "control") + ": " + std::to_string(apply) + " apply (" +
           std::to_string(implemented["fully"]) + " fully implemented, " + std::to_string(implemented["partly"]) +
           " partly, " + std::to_string(implemented["planned"]) + " planned, " + std::to_string(implemented["not"]) +
           " not, " + std::to_string(implemented[""]) + " not said), " + std::to_string(excluded) + " excluded, " +
           std::to_string(undecided) + " undecided";
}

}  // namespace

std::string statement_page(const json& statement, const Names& names) {
    std::string body = "<h1>Statement of Applicability</h1>\n<table class=\"head\">\n";
    const auto line = [&](const std::string& name, const std::string& value) {
        body += "<tr><th>" + escaped(name) + "</th><td dir=\"auto\">" + escaped(value) + "</td></tr>\n";
    };
    for (const auto& [name, value] : statement_head(statement, names)) line(name, value);
    const json& rows = statement.at("rows");
    line("Controls", counts(rows));
    body += "</table>\n";
    for (const auto& [theme, title] : themes) {
        std::string table;
        for (const json& row : rows)
            if (text_in(row, "theme") == theme) table += row_html(row);
        if (table.empty()) continue;
        body += "<h2>" + std::string{title} + "</h2>\n<table class=\"rows\">\n" + std::string{table_head} +
                "<tbody>\n" + table + "</tbody>\n</table>\n";
    }
    return sheets::html_page("Statement of Applicability – " + text_in(statement, "organization"), style, body);
}

}  // namespace annexa::cli
