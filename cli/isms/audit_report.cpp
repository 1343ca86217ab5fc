#include "cli/isms/audit_report.hpp"

#include "cli/isms/report_page.hpp"

#include <nlohmann/json.hpp>

namespace annexa::cli {
namespace {

using nlohmann::json;

void add_plan(ReportPage& page) {
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

void add_findings(ReportPage& page) {
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

void add_basis(ReportPage& page) {
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
    ReportPage page{report, names};
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
    return page.html(title);
}

}  // namespace annexa::cli
