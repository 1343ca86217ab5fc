// An internal audit: what it is about, by whom, what was looked at and what was found.
#include "server-stub/isms/auditing.hpp"
#include "server-stub/isms/coverage.hpp"
#include "server-stub/isms/next_command.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

constexpr std::string_view programmes[] = {"audit_programme"};
constexpr std::string_view persons[] = {"person"};
constexpr std::string_view nonconformities[] = {"nonconformity"};
constexpr std::string_view themes[] = {"organizational", "people", "physical", "technological"};
constexpr std::string_view methods[] = {"interview", "observation", "document_review", "sampling", "reperformance"};
constexpr std::string_view outcomes[] = {"conforming", "minor", "major", "opportunity", "not_examined"};

constexpr Field auditor_fields[] = {
    {"person", FieldType::record, "Who audits", flag::required, persons},
    {"account", FieldType::account, "The account that the auditor works with; absent: the person's"},
    {"competence", FieldType::text, "What makes the auditor fit for it: training, experience"},
    {"lead", FieldType::boolean, "Whether the auditor leads the team"},
};
constexpr Field result_fields[] = {
    {"requirement", FieldType::requirement, "The clause or control", flag::required},
    {"result", FieldType::choice, "What was found", flag::required, outcomes},
    {"facts", FieldType::text, "What was seen, and what the result rests on"},
    {"why_not", FieldType::text, "Why it was not examined"},
    {"evidence", FieldType::integer, "Entries of the log that were looked at, by index", flag::many},
    {"records", FieldType::record, "Records that were looked at", flag::many},
    {"nonconformity", FieldType::record, "The nonconformity that was raised", 0, nonconformities},
};
constexpr Field interview_fields[] = {
    {"person", FieldType::record, "Who was asked", 0, persons},
    {"function", FieldType::line, "As what: the person's function"},
    {"held_on", FieldType::date, "When"},
    {"requirements", FieldType::requirement, "About which clauses and controls", flag::many},
    {"notes", FieldType::text, "What was asked and said"},
};
constexpr Field observation_fields[] = {
    {"held_on", FieldType::date, "When"},
    {"place", FieldType::line, "Where"},
    {"requirements", FieldType::requirement, "About which clauses and controls", flag::many},
    {"notes", FieldType::text, "What was seen", flag::required},
};
constexpr Field document_fields[] = {
    {"record", FieldType::record, "The record that was read"},
    {"name", FieldType::line, "What was read, where it is no record"},
    {"edition", FieldType::line, "Which version or date of it"},
    {"requirements", FieldType::requirement, "About which clauses and controls", flag::many},
    {"notes", FieldType::text, "What it said"},
};
constexpr Field reperformance_fields[] = {
    {"host", FieldType::host, "The host that was looked at by hand", flag::required},
    {"check", FieldType::check, "The check that was done again", flag::required},
    {"done_on", FieldType::date, "When", flag::required},
    {"how", FieldType::text, "What was typed and seen", flag::required},
    {"agreed", FieldType::boolean, "Whether it agreed with what annexa says", flag::required},
};
constexpr Field override_fields[] = {
    {"person", FieldType::record, "The auditor", flag::required},
    {"conflicts", FieldType::text, "What stands against the auditor's independence", flag::many},
    {"reason", FieldType::text, "Why the auditor audits all the same", flag::required},
    {"by", FieldType::account, "Who decided it: neither the auditor nor who wrote the audit", flag::required},
    {"at", FieldType::instant, "When", flag::required},
};
constexpr Field population_fields[] = {
    {"name", FieldType::line, "What samples call it", flag::required},
    {"of", FieldType::line, "hosts, host_days or records", flag::required},
    {"from", FieldType::date, "First day of the period", flag::required},
    {"to", FieldType::date, "Last day of the period", flag::required},
    {"items", FieldType::integer, "How many there are", flag::required},
    {"digest", FieldType::digest, "Of the frozen list", flag::required | flag::frozen},
    {"nonce_hash", FieldType::digest, "Of the auditor's nonce, as it was logged before", flag::required},
    {"frozen_version", FieldType::integer, "The version of this record that froze it", flag::required},
    {"frozen_at", FieldType::instant, "When", flag::required},
    {"frozen_by", FieldType::account, "By whom", flag::required},
    {"nonce", FieldType::line, "The nonce, since the first draw"},
};
constexpr Field sample_fields[] = {
    {"population", FieldType::line, "Drawn from", flag::required},
    {"draw", FieldType::integer, "The how manieth draw from it: each later one is a redraw", flag::required},
    {"method", FieldType::line, "random, stratified or judgemental", flag::required},
    {"by_tag", FieldType::line, "The tag of hosts that makes the strata"},
    {"size", FieldType::integer, "How many were asked for, of each stratum where there are any"},
    {"seed", FieldType::digest, "SHA-256 of the nonce, a line break and the checkpoint's body"},
    {"checkpoint_size", FieldType::integer, "Entries of the first checkpoint that holds the freeze"},
    {"checkpoint_root", FieldType::digest, "Root of that checkpoint"},
    {"items", FieldType::line, "What was drawn", flag::required | flag::many},
    {"reason", FieldType::text, "Why these, or why again"},
    {"at", FieldType::instant, "When", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
};
constexpr Field evidence_fields[] = {
    {"index", FieldType::integer, "Entry of the log", flag::required},
    {"digest", FieldType::digest, "Of its payload", flag::required},
    {"type", FieldType::line, "What it is", flag::required},
    {"host", FieldType::host, "Whose statement it is"},
    {"checkpoint_size", FieldType::integer, "Entries of the checkpoint that it was proved against", flag::required},
    {"checkpoint_root", FieldType::digest, "Root of that checkpoint", flag::required},
    {"at", FieldType::instant, "When it was verified", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
};
constexpr Field report_fields[] = {
    {"digest", FieldType::digest, "Of the frozen report", flag::required | flag::frozen},
    {"version", FieldType::integer, "The version of this record that it came with", flag::required},
    {"at", FieldType::instant, "When", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
};
constexpr Field taken_back_fields[] = {
    {"digest", FieldType::digest, "Of the report that was taken back", flag::required | flag::frozen},
    {"reason", FieldType::text, "Why", flag::required},
    {"at", FieldType::instant, "When", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
};
constexpr Field fields[] = {
    {"programme", FieldType::record, "The programme that it belongs to", 0, programmes},
    {"objective", FieldType::text, "What it is to find out"},
    {"scope", FieldType::text, "What it is about: units, sites, processes"},
    {"requirements", FieldType::requirement, "Clauses and controls that are audited; 9 is all of 9.1 to 9.3",
     flag::many},
    {"themes", FieldType::choice, "Themes of Annex A of which every control is audited", flag::many, themes},
    {"hosts", FieldType::host, "Hosts that are audited; none named: all", flag::many},
    {"criteria", FieldType::text, "What is audited against"},
    {"period_from", FieldType::date, "First day that is looked at"},
    {"period_to", FieldType::date, "Last day that is looked at"},
    {"methods", FieldType::choice, "How", flag::many, methods},
    {"auditors", FieldType::group, "Who audits", flag::many, {}, auditor_fields},
    {"held_from", FieldType::date, "First day of the audit"},
    {"held_to", FieldType::date, "Audit is to be done", flag::due},
    {"cancelled", FieldType::text, "Why it is not held"},
    {"results", FieldType::group, "What was found, for each clause and control", flag::many, {}, result_fields},
    {"interviews", FieldType::group, "Who was asked", flag::many, {}, interview_fields},
    {"observations", FieldType::group, "What was watched", flag::many, {}, observation_fields},
    {"documents", FieldType::group, "What was read", flag::many, {}, document_fields},
    {"reperformances", FieldType::group, "Hosts looked at by hand", flag::many, {}, reperformance_fields},
    {"nonce_hash", FieldType::digest, "Of a nonce for the next population", flag::computed},
    {"independence_overrides",
     FieldType::group,
     "Auditors who are not independent, and why they audit",
     flag::computed | flag::many,
     {},
     override_fields},
    {"populations",
     FieldType::group,
     "What samples are drawn from",
     flag::computed | flag::many,
     {},
     population_fields},
    {"samples", FieldType::group, "Every draw", flag::computed | flag::many, {}, sample_fields},
    {"evidence_verified",
     FieldType::group,
     "Entries of the log that were verified",
     flag::computed | flag::many,
     {},
     evidence_fields},
    {"report", FieldType::group, "The report", flag::computed, {}, report_fields},
    {"reports_taken_back",
     FieldType::group,
     "Reports that were taken back before sign-off",
     flag::computed | flag::many,
     {},
     taken_back_fields},
};

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    constexpr std::string_view planned[] = {"objective",   "scope",     "requirements", "criteria",
                                            "period_from", "period_to", "methods",      "auditors"};
    for (const Record* audit : records.of_kind("audit")) {
        const auto& members = *audit->members;
        if (has(members, "cancelled") || members.contains("report")) continue;
        const std::string title = text_in(members, "title");
        std::string lacking;
        for (const std::string_view member : planned)
            if (!has(members, member) && !(member == "requirements" && has(members, "themes")))
                lacking += (lacking.empty() ? "" : ", ") + std::string{member};
        if (!lacking.empty()) {
            gaps.push_back({9, "9.2.2", audit->id, "The plan of the audit " + title + " lacks: " + lacking + ".",
                            "annexa isms set " + audit->id + " " + lacking.substr(0, lacking.find(',')) + "=…"});
            continue;
        }
        if (!has(members, "held_to") || text_in(members, "held_to") >= day_of(facts.now)) continue;
        const std::vector<Problem> lacks = report_lacks(*audit, facts);
        gaps.push_back({9, "9.2.2", audit->id,
                        "The audit " + title + " was to be done by " + text_in(members, "held_to") +
                            " and has no report" +
                            (lacks.empty() ? "." : ": " + lacks.front().path + " " + lacks.front().message + "."),
                        command_to_act(audit->id, "report", audit_actions())});
    }
}

bool open(const nlohmann::json& members) { return !members.contains("report") && !has(members, "cancelled"); }

}  // namespace

extern const Kind audit{.name = "audit",
                        .plural = "audits",
                        .title = "Internal audit",
                        .step = 9,
                        .clauses = "9.2.1",
                        .fields = fields,
                        .missing = "No internal audit is planned or done.",
                        .deletable = false,
                        .ends_in = "report",
                        .write = Permission::audit,
                        .rules = audit_rules,
                        .gaps = gaps,
                        .open = open,
                        .actions = audit_actions()};

}  // namespace annexa::store::isms
