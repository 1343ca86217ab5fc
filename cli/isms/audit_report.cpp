#include "cli/isms/audit_report.hpp"

#include "cli/sheets/html.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <initializer_list>

namespace annexa::cli {
namespace {

using nlohmann::json;
using sheets::escaped;

constexpr const char* style =
    "body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 "
    "1em}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #999;padding:.3em .5em;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "h2{margin-top:1.8em}.digest{font-family:monospace;overflow-wrap:anywhere}p,td{white-space:pre-wrap}";

struct Column {
    const char* member;
    const char* head;
};

class Page {
  public:
    Page(const json& report, const Names& names) : report_{report}, names_{names} {}

    void heading(const char* text) { body_ += std::string{"<h2>"} + text + "</h2>\n"; }
    void line(const char* head, const std::string& text) {
        if (!text.empty()) body_ += "<p><strong>" + std::string{head} + ":</strong> " + escaped(text) + "</p>\n";
    }
    void member(const char* head, const char* name) { line(head, value_of(report_, name)); }
    void paragraph(const char* name) {
        if (const std::string text = value_of(report_, name); !text.empty()) body_ += "<p>" + escaped(text) + "</p>\n";
    }
    void digest(const std::string& text) { body_ += "<p class=\"digest\">SHA-256 " + escaped(text) + "</p>\n"; }

    /// A section with a row an item; none where the list is not there.
    void table(const char* title, const char* list, std::initializer_list<Column> columns) {
        const auto found = report_.find(list);
        if (found == report_.end() || !found->is_array() || found->empty()) return;
        heading(title);
        body_ += "<table><thead><tr>";
        for (const Column& column : columns) body_ += std::string{"<th>"} + column.head + "</th>";
        body_ += "</tr></thead><tbody>\n";
        for (const json& item : *found) {
            body_ += "<tr>";
            for (const Column& column : columns) body_ += "<td>" + escaped(value_of(item, column.member)) + "</td>";
            body_ += "</tr>\n";
        }
        body_ += "</tbody></table>\n";
    }

    [[nodiscard]] const std::string& body() const { return body_; }

  private:
    [[nodiscard]] std::string text(const json& value) const {
        if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
        if (!value.is_string()) return value.dump();
        std::string words = value.get<std::string>();
        const std::string name = names_.of(words);
        return name == words || name.empty() ? words : name + " (" + words + ")";
    }
    [[nodiscard]] std::string value_of(const json& object, const char* name) const {
        const auto found = object.find(name);
        if (found == object.end() || found->is_null()) return {};
        if (!found->is_array()) return text(*found);
        std::string words;
        for (const json& item : *found) words += (words.empty() ? "" : ", ") + text(item);
        return words;
    }

    const json& report_;
    const Names& names_;
    std::string body_;
};

void add_plan(Page& page) {
    page.heading("What was audited");
    page.member("Objective", "objective");
    page.member("Scope", "scope");
    page.member("Criteria", "criteria");
    page.member("Clauses and controls", "requirements");
    page.member("Hosts", "hosts");
    page.member("Period, from", "period_from");
    page.member("Period, to", "period_to");
    page.member("Held from", "held_from");
    page.member("Held to", "held_to");
    page.member("Methods", "methods");
    page.table("Auditors", "auditors", {{"person", "Auditor"}, {"competence", "Competence"}, {"lead", "Leads"}});
    page.table("Independence overridden", "independence_overrides",
               {{"person", "Auditor"},
                {"conflicts", "What stands against it"},
                {"reason", "Why all the same"},
                {"by", "Decided by"},
                {"at", "When"}});
}

void add_findings(Page& page) {
    page.table("Results", "results",
               {{"requirement", "Requirement"},
                {"result", "Result"},
                {"facts", "Facts"},
                {"evidence", "Entries of the log"},
                {"records", "Records"},
                {"nonconformity", "Nonconformity"}});
    page.table("Nonconformities", "nonconformities",
               {{"record", "Record"},
                {"title", "Title"},
                {"grade", "Grade"},
                {"requirements", "Requirements"},
                {"facts", "Facts"},
                {"state", "State"}});
    page.table("Not examined", "not_examined", {{"requirement", "Requirement"}, {"why_not", "Why not"}});
    page.heading("For those who go on");
    page.member("Good practices", "good_practices");
    page.member("Obstacles", "obstacles");
    page.member("Differing opinions", "differing_opinions");
    page.member("Agreed next", "follow_up");
    page.member("Distribution", "distribution");
    page.member("Confidentiality", "confidentiality");
}

void add_basis(Page& page) {
    page.table("Populations", "populations",
               {{"name", "Name"},
                {"of", "Of"},
                {"items", "Items"},
                {"digest", "Digest"},
                {"nonce_hash", "Hash of the nonce, logged before"},
                {"frozen_at", "Frozen"},
                {"nonce", "Nonce"}});
    page.table("Samples", "samples",
               {{"population", "Population"},
                {"draw", "Draw"},
                {"method", "Method"},
                {"size", "Size"},
                {"seed", "Seed"},
                {"checkpoint_size", "Checkpoint"},
                {"items", "Drawn"},
                {"reason", "Reason"}});
    page.table("Evidence verified", "evidence_verified",
               {{"index", "Entry"},
                {"type", "What it is"},
                {"host", "Host"},
                {"digest", "Digest"},
                {"checkpoint_size", "Proved in a tree of"},
                {"at", "When"}});
    page.table("Looked at by hand", "reperformances",
               {{"host", "Host"}, {"check", "Check"}, {"done_on", "When"}, {"how", "How"}, {"agreed", "Agreed"}});
    page.table("Interviews", "interviews",
               {{"person", "Person"},
                {"function", "Function"},
                {"held_on", "When"},
                {"requirements", "About"},
                {"notes", "Notes"}});
    page.table("Observations", "observations",
               {{"place", "Where"}, {"held_on", "When"}, {"requirements", "About"}, {"notes", "Notes"}});
    page.table("Documents read", "documents",
               {{"record", "Record"},
                {"name", "Name"},
                {"edition", "Edition"},
                {"requirements", "About"},
                {"notes", "Notes"}});
    page.table("Status of the controls audited, at the end of the period", "controls",
               {{"control", "Control"}, {"status", "Status"}, {"sentence", "Why"}});
    page.table("Reports taken back", "reports_taken_back",
               {{"digest", "Digest"}, {"reason", "Reason"}, {"at", "When"}, {"by", "By"}});
}

}  // namespace

std::string audit_report_html(const json& report, const std::string& digest, const Names& names) {
    const std::string title = report.value("title", "Internal audit");
    Page page{report, names};
    page.member("Organization", "organization");
    page.member("Audit", "audit");
    page.member("Report made", "made_at");
    page.member("By", "made_by");
    page.digest(digest);
    page.heading("Summary");
    page.paragraph("summary");
    page.heading("Conclusion");
    page.paragraph("conclusion");
    add_plan(page);
    add_findings(page);
    add_basis(page);
    return sheets::html_page(title, style, "<h1>" + escaped(title) + "</h1>\n" + page.body());
}

}  // namespace annexa::cli
