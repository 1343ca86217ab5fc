// annexa isms report, annexa audit report: what a record froze (the report of an audit, the minutes and inputs of a
// management review, an assessment of risks, a plan), verified by its digest, as HTML, PDF or the bytes themselves.
#include "cli/client.hpp"
#include "cli/isms/audit_report.hpp"
#include "cli/isms/commands.hpp"
#include "cli/isms/output_format.hpp"
#include "cli/isms/records.hpp"
#include "cli/isms/report.hpp"
#include "cli/isms/report_page.hpp"
#include "cli/text.hpp"
#include "evidence/digest.hpp"
#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace annexa::cli {
namespace {

using evidence::error;
using nlohmann::json;

struct ReportOptions {
    std::string id, of;
    OutputOptions output;
};

struct Frozen {
    std::string name;  // member that names it: report, minutes, inputs; empty: the record's own digest
    std::string digest;
};

/// What the record froze, the document that stands for it first.
std::vector<Frozen> frozen_of(const json& record) {
    std::vector<Frozen> found;
    if (!record["members"].is_object()) return found;
    const json& members = record["members"];
    for (const char* name : {"report", "minutes", "inputs"})
        if (const auto member = members.find(name);
            member != members.end() && member->is_object() && member->contains("digest"))
            found.push_back({name, text_of(*member, "digest")});
    if (members.contains("digest")) found.push_back({"", text_of(members, "digest")});
    return found;
}

Frozen choose(const json& record, const ReportOptions& options) {
    const std::vector<Frozen> all = frozen_of(record);
    std::string names;
    for (const Frozen& one : all) {
        if (options.of.empty() || one.name == options.of) return one;
        names += (names.empty() ? "" : ", ") + one.name;
    }
    if (!all.empty()) throw error(options.id + " froze no " + options.of + "; it has " + names);
    throw error(options.id + " has frozen nothing yet; `annexa isms describe " + text_of(record, "kind") +
                "` names the actions that do, `annexa isms gaps` what is lacking");
}

std::string page_of(const json& record, const Frozen& frozen, const json& document, const Names& names) {
    if (text_of(record, "kind") == "audit") return audit_report_html(document, frozen.digest, names);
    const std::string title = record["members"].value("title", text_of(record, "id"));
    return frozen_document_html(document, frozen.name.empty() ? title : title + " – " + frozen.name, frozen.digest,
                                names);
}

Exit command_report(const ReportOptions& options, Client& client, const Terminal& terminal) {
    const json record = fetch_record(client, options.id);
    if (text_of(record, "kind") == "statement")
        throw error(options.id + " is the Statement of Applicability: `annexa soa --format html` or pdf prints it");
    const Frozen frozen = choose(record, options);
    const std::string bytes = client.download("/api/v1/files/" + frozen.digest);
    if (evidence::sha256(bytes).hex() != frozen.digest)
        throw error("what the store sent is not the document of the digest " + frozen.digest +
                    "; run annexa-server check there");
    if (options.output.format == "json") {
        put_text(options.output, terminal, bytes);
        return Exit::fine;
    }
    // Documents name records by their ids; so are they called here, with the title that each has now.
    const Names names{client.get("/api/v1/isms/records", {{"deleted", "yes"}})["records"]};
    const std::string page = page_of(record, frozen, json::parse(bytes), names);
    if (options.output.format == "pdf")
        put_pdf(options.output, terminal, page);
    else
        put_text(options.output, terminal, page);
    return Exit::fine;
}

}  // namespace

void add_report(Command& parent, const char* description, const char* footer) {
    static constexpr std::string_view formats[] = {"html", "pdf", "json"};
    auto o = std::make_shared<ReportOptions>();
    o->output.format = "html";
    Command report = parent.add("report", description,
                                std::string{"json is the document that was frozen, byte for byte; html and pdf say "
                                            "people's names and records' titles beside their ids. pdf takes the program weasyprint.\n\n"} +
                                    footer,
                                [o](Client& c, const Terminal& t) { return command_report(*o, c, t); });
    report.option("ID", o->id, "The record").required();
    report.option("--of", o->of, "Which document, where the record froze several").shown_as("report|minutes|inputs");
    add_output(report, o->output, formats);
}

void add_isms_report(Command& isms) {
    add_report(isms, "What a record froze as a page: minutes, plan, assessment, report; verified by its digest",
               "Examples:\n  annexa isms report R-0042 --out minutes.html\n  annexa isms report R-0042 --of inputs "
               "--format pdf --out inputs.pdf\n  annexa isms report R-0017 --format json | jq .risks");
}

}  // namespace annexa::cli
