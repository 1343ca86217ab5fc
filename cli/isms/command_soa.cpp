// annexa soa: the Statement of Applicability as a text, a sheet or a page; its issues and what differs between them.
#include "cli/command_line.hpp"
#include "cli/isms/commands.hpp"
#include "cli/isms/output_format.hpp"
#include "cli/isms/records.hpp"
#include "cli/isms/statement.hpp"
#include "cli/isms/statement_texts.hpp"
#include "cli/text.hpp"
#include "evidence/errors.hpp"
#include "terminal/columns.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>
#include <sstream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

struct SoaOptions {
    When when;
    std::string number;
    OutputOptions output;
};

struct DifferenceOptions {
    When when;
    std::string from, to;
    Format format = Format::text;
};

struct IssueOptions {
    bool major = false;
    Format format = Format::text;
};

std::string applies(const json& row) {
    const json& applicable = row.at("applicable");
    return applicable.is_null() ? "undecided" : applicable.get<bool>() ? "yes" : "no";
}

std::string text_form(const json& statement, const Names& names, const Terminal& terminal) {
    std::ostringstream out;
    for (const auto& [name, value] : statement_head(statement, names))
        out << terminal.paint(Colour::bold, name + ":") << ' ' << terminal::printable(value) << '\n';
    terminal::Columns table;
    table.heads = {"CONTROL", "APPLIES", "IMPLEMENTED", "INDICATION", "NEWEST EVIDENCE", "OWNER", "TITLE"};
    for (const json& row : statement.at("rows")) {
        const json& indication = row.at("indication");
        const std::string status = indication.is_object() ? text_of(indication, "status") : "";
        const std::string word = applies(row);
        table.add({text_of(row, "control"), word, text_of(row, "implementation"), spoken(status),
                   text_of(row, "newest_evidence"), text_of(row, "owner_name"), text_of(row, "title")},
                  {Colour::none,
                   word == "undecided" ? Colour::yellow
                   : word == "no"      ? Colour::dim
                                       : Colour::none,
                   Colour::none, colour_of(status), Colour::none, Colour::none, Colour::none});
    }
    out << '\n' << table.text(terminal.paint);
    return out.str();
}

/// With the names of accounts where the role may see them.
Names names_of_all(Client& client) {
    Names names = Names::from(client);
    try {
        names.add_accounts(client.get("/api/v1/accounts").at("accounts"));
    } catch (const refused&) {  // readers see ids of accounts that are no person's
    }
    return names;
}

Exit command_soa(const SoaOptions& options, Client& client, const Terminal& terminal) {
    Arguments arguments{{"number", options.number}};
    options.when.add_to(arguments, terminal.clock);
    const json statement = client.get("/api/v1/isms/soa", arguments);
    const std::string& format = options.output.format;
    if (format == "json") {
        put_text(options.output, terminal, statement.dump(2) + "\n");
        return Exit::fine;
    }
    const Names names = names_of_all(client);
    if (format == "text") put_text(options.output, terminal, text_form(statement, names, terminal));
    if (format == "csv" || format == "xlsx")
        put_book(options.output, terminal, statement_book(statement, Kinds::from(client).get("applicability"), names));
    if (format == "html") put_text(options.output, terminal, statement_page(statement, names));
    if (format == "pdf") put_pdf(options.output, terminal, statement_page(statement, names));
    return Exit::fine;
}

Exit command_differences(const DifferenceOptions& options, Client& client, const Terminal& terminal) {
    Arguments arguments{{"from", options.from}, {"to", options.to}};
    options.when.add_to(arguments, terminal.clock);
    const json answer = client.get("/api/v1/isms/soa/differences", arguments);
    if (options.format == Format::json) {
        terminal.out << answer.dump(2) << '\n';
        return Exit::fine;
    }
    if (answer["differences"].empty()) {
        terminal.out << "no difference between " << text_of(answer, "from") << " and " << text_of(answer, "to") << '\n';
        return Exit::fine;
    }
    terminal::Columns table;
    table.heads = {"CONTROL", "MEMBER", "FROM", "TO"};
    for (const json& line : answer["differences"])
        table.add({text_of(line, "control"), text_of(line, "member"), brief(line["from"]), brief(line["to"])});
    terminal.out << table.text(terminal.paint);
    return Exit::fine;
}

/// The record of the statement; made where there is none yet, so that issuing is one command.
std::string statement_record(Client& client) {
    const json records = client.get("/api/v1/isms/records", {{"kind", "statement"}})["records"];
    if (!records.empty()) return text_of(records.front(), "id");
    const json change{
        {"record", "statement"}, {"kind", "statement"}, {"members", {{"title", "Statement of Applicability"}}}};
    return text_of(client.post("/api/v1/isms/changes", {{"changes", json::array({change})}}).at("applied").at(0), "id");
}

Exit command_issue(const IssueOptions& options, Client& client, const Terminal& terminal) {
    const std::string id = statement_record(client);
    const json record = client.post(record_path(id) + "/actions/issue", {{"step", options.major ? "major" : "minor"}});
    if (options.format == Format::json) {
        terminal.out << record.dump(2) << '\n';
        return Exit::fine;
    }
    const json& members = record.at("members");
    const auto excluded = members.contains("excluded") ? members["excluded"].size() : 0;
    terminal.out << "issued " << text_of(members, "number") << ": " << text_of(members, "applicable")
                 << " controls apply, " << excluded << " are excluded, " << text_of(members, "undecided")
                 << " are undecided; digest " << text_of(record, "digest") << '\n'
                 << "in force once another person approves it: `annexa isms approve " << id << "`\n";
    return Exit::fine;
}

}  // namespace

void add_soa(Command& line) {
    static constexpr std::string_view formats[] = {"text", "json", "csv", "xlsx", "html", "pdf"};
    auto shown = std::make_shared<SoaOptions>();
    Command soa = line.add(
        "soa", "The Statement of Applicability: the 93 controls and your own, whether they apply, why and how",
        std::string{times_help} +
            "csv has one header line and one record a control; xlsx has a second sheet that says what it is. What "
            "people\n"
            "decide in them is read back by `annexa isms import FILE --as soa`. pdf takes the program weasyprint.\n\n"
            "Examples:\n  annexa soa\n  annexa soa --format xlsx --out soa.xlsx\n  annexa soa --number 1.0 --format "
            "pdf "
            "--out soa-1.0.pdf\n  annexa soa --format json | jq -r '.rows[] | select(.applicable == null) | "
            ".control'\n  annexa soa diff --from 1.0",
        [shown](Client& c, const Terminal& t) { return command_soa(*shown, c, t); });
    const Option at = soa.when(shown->when);
    soa.option("--number", shown->number, "As this issue froze it").shown_as("1.0").excludes(at);
    add_output(soa, shown->output, formats);

    auto differing = std::make_shared<DifferenceOptions>();
    Command diff =
        soa.add("diff", "What people decided otherwise since an issue, or between two",
                "Examples:\n  annexa soa diff --from 1.0\n  annexa soa diff --from 1.0 --to 1.1 --format json",
                [differing](Client& c, const Terminal& t) { return command_differences(*differing, c, t); });
    diff.option("--from", differing->from, "The earlier issue").shown_as("1.0").required();
    diff.option("--to", differing->to, "The later one; what holds now without it").shown_as("1.1");
    diff.when(differing->when);
    diff.format(differing->format);

    auto issued = std::make_shared<IssueOptions>();
    Command issue = soa.add("issue", "Freeze all rows as the next numbered version, to be approved by another person",
                            "The first is 1.0; the next one adds to the second number, with --major to the first.\n\n"
                            "Examples:\n  annexa soa issue\n  annexa soa issue --major",
                            [issued](Client& c, const Terminal& t) { return command_issue(*issued, c, t); });
    issue.flag("--major", issued->major, "2.0 after 1.4");
    issue.format(issued->format);
}

}  // namespace annexa::cli
