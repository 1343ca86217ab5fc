#include "cli/isms/report_page.hpp"

#include "cli/isms/cells.hpp"
#include "cli/sheets/html.hpp"
#include "cli/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace annexa::cli {
namespace {

using nlohmann::json;
using sheets::escaped;

constexpr const char* style =
    "body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 "
    "1em}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #999;padding:.3em .5em;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "h2{margin-top:1.8em}.digest{font-family:monospace;overflow-wrap:anywhere}p,td{white-space:pre-wrap}";

bool is_list_of_objects(const json& value) {
    return value.is_array() && !value.empty() &&
           std::all_of(value.begin(), value.end(), [](const json& item) { return item.is_object(); });
}

/// The members that the items have, in the order in which they are met, with their heads.
std::vector<std::pair<std::string, std::string>> columns_of(const json& list) {
    std::vector<std::pair<std::string, std::string>> columns;
    for (const json& item : list)
        for (const auto& [name, value] : item.items())
            if (std::none_of(columns.begin(), columns.end(),
                             [&, &name = name](const auto& each) { return each.first == name; }))
                columns.emplace_back(name, heading(name));
    return columns;
}

}  // namespace

void ReportPage::heading(std::string_view text) { body_ += "<h2>" + escaped(text) + "</h2>\n"; }

void ReportPage::line(std::string_view head, const std::string& text) {
    if (!text.empty()) body_ += "<p><strong>" + escaped(head) + ":</strong> " + escaped(text) + "</p>\n";
}

void ReportPage::paragraph(std::string_view name) {
    if (const std::string text = value_of(document_, name); !text.empty()) body_ += "<p>" + escaped(text) + "</p>\n";
}

void ReportPage::digest(const std::string& text) { body_ += "<p class=\"digest\">SHA-256 " + escaped(text) + "</p>\n"; }

void ReportPage::table(std::string_view title, std::string_view list,
                       std::initializer_list<std::pair<std::string, std::string>> columns) {
    const auto found = document_.find(list);
    if (found == document_.end() || !found->is_array() || found->empty()) return;
    heading(title);
    rows(*found, std::span{columns.begin(), columns.size()});
}

void ReportPage::everything(std::initializer_list<std::string_view> but) { object(document_, "", but); }

std::string ReportPage::html(const std::string& title) const {
    return sheets::html_page(title, style, "<h1>" + escaped(title) + "</h1>\n" + body_);
}

std::string ReportPage::text(const json& value) const {
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (value.is_object()) {
        std::string words;
        for (const auto& [name, member] : value.items())
            if (const std::string one = value_of(value, name); !one.empty())
                words += (words.empty() ? "" : "\n") + spoken(name) + ": " + one;
        return words;
    }
    if (!value.is_string()) return value.dump();
    std::string words = value.get<std::string>();
    const std::string name = names_.of(words);
    return name == words || name.empty() ? words : name + " (" + words + ")";
}

std::string ReportPage::value_of(const json& object, std::string_view name) const {
    const auto found = object.find(name);
    if (found == object.end() || found->is_null()) return {};
    if (!found->is_array()) return text(*found);
    std::string words;
    for (const json& item : *found) words += (words.empty() ? "" : item.is_object() ? "\n\n" : ", ") + text(item);
    return words;
}

void ReportPage::object(const json& value, std::string_view path, std::initializer_list<std::string_view> but) {
    // What is a line stands before what takes a section of its own.
    for (const auto& [name, member] : value.items())
        if (std::find(but.begin(), but.end(), name) == but.end() && !member.is_object() && !is_list_of_objects(member))
            line(cli::heading(name), value_of(value, name));
    for (const auto& [name, member] : value.items()) {
        if (std::find(but.begin(), but.end(), name) != but.end()) continue;
        const std::string title = path.empty() ? cli::heading(name) : std::string{path} + " · " + spoken(name);
        if (is_list_of_objects(member)) {
            heading(title);
            rows(member, columns_of(member));
        } else if (member.is_object() && !member.empty()) {
            heading(title);
            object(member, title, {});
        }
    }
}

void ReportPage::rows(const json& list, std::span<const std::pair<std::string, std::string>> columns) {
    body_ += "<table><thead><tr>";
    for (const auto& [member, head] : columns) body_ += "<th>" + escaped(head) + "</th>";
    body_ += "</tr></thead><tbody>\n";
    for (const json& item : list) {
        body_ += "<tr>";
        for (const auto& [member, head] : columns) body_ += "<td>" + escaped(value_of(item, member)) + "</td>";
        body_ += "</tr>\n";
    }
    body_ += "</tbody></table>\n";
}

std::string frozen_document_html(const json& document, const std::string& title, const std::string& digest,
                                 const Names& names) {
    ReportPage page{document, names};
    page.digest(digest);
    page.everything({"salt", "title"});
    return page.html(title);
}

}  // namespace annexa::cli
