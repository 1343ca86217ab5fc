// annexa status: the 93 controls, the worst first, with a sentence why and the next step; or one control with all
// behind it.
#include "cli/command_line.hpp"
#include "cli/status_options.hpp"
#include "cli/text.hpp"
#include "cli/time_argument.hpp"
#include "policies/state.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

constexpr std::array<std::string_view, 6> worst_first{
    "not_effective", "insufficient_evidence", "partly_effective", "effective", "excluded", "not_assessed"};

void print_csv(std::ostream& out, const json& answer) {
    evidence::Table table{"status", {}, {}};
    for (const char* name : {"id", "title", "theme", "status", "operation", "records", "rule", "fresh", "late",
                             "in_scope", "evidenced_otherwise", "in_time", "since", "sentence"})
        table.columns.push_back({name, evidence::Type::text});
    for (const json& control : answer["controls"]) {
        evidence::Row row;
        for (const evidence::ColumnType& column : table.columns) {
            const bool of_coverage = column.name == "fresh" || column.name == "late" || column.name == "in_scope" ||
                                     column.name == "evidenced_otherwise";
            const json& value = of_coverage ? control["coverage"][column.name] : control[column.name];
            row.emplace_back(value.is_null()     ? std::string{}
                             : value.is_string() ? value.get<std::string>()
                                                 : value.dump());
        }
        table.rows.push_back(std::move(row));
    }
    terminal::print_csv(out, table);
}

void print_head(const json& answer, const Terminal& terminal) {
    const std::size_t hosts = answer["hosts_in_scope"].get<std::size_t>();
    terminal.out << terminal.paint(Colour::bold, text_of(answer, "organization")) << "  as of "
                 << short_time(answer["at"]) << " UTC, " << counted(hosts, "host") << " in scope\n";
    if (answer["known_at"].is_string()) terminal.out << "as known at " << short_time(answer["known_at"]) << " UTC\n";
    terminal.out << alarms_text(answer["alarms"], terminal.paint);
    if (hosts == 0)
        terminal.out << "no host is enrolled yet: `annexa-server token create --role agent`, then `annexa-agent "
                        "enroll` on a server\n";
}

std::string legs(const json& control) {
    const json& coverage = control["coverage"];
    std::string text = "operation " + spoken(text_of(control, "operation")) + ", coverage " + coverage["fresh"].dump() +
                       "/" + coverage["in_scope"].dump() + ", records " + text_of(control, "records") + ", rule " +
                       text_of(control, "rule");
    if (const json& otherwise = coverage["evidenced_otherwise"]; otherwise != 0)
        text += ", " + otherwise.dump() + " evidenced otherwise";
    if (coverage["late"] != 0) text += ", " + coverage["late"].dump() + " late";
    if (control["in_time"] != 0) text += ", " + control["in_time"].dump() + " failing within their time";
    return text;
}

/// Each change once, though its check may stand for several controls.
json changes_of(const json& answer) {
    json changes = json::array();
    for (const json& control : answer["controls"])
        for (const json& check : control["checks"])
            for (const json& change : check["changes"])
                if (std::find(changes.begin(), changes.end(), change) == changes.end()) changes.push_back(change);
    return changes;
}

/// What people concluded, beside what is computed.
void print_conclusions(const json& control, const Terminal& terminal, std::string_view indent) {
    for (const json& conclusion : control["conclusions"]) {
        std::string text = "concluded " + short_time(conclusion["at"]) + " by " + text_of(conclusion, "by") + ": " +
                           spoken(text_of(conclusion, "value"));
        if (!text_of(conclusion, "reason").empty()) text += ", " + text_of(conclusion, "reason");
        if (conclusion["period_from"].is_string() || conclusion["period_to"].is_string())
            text +=
                " (for " + short_time(conclusion["period_from"]) + " to " + short_time(conclusion["period_to"]) + ")";
        terminal.out << terminal::wrapped(text, indent);
    }
}

/// What documents and records there are, and what is expected.
void print_records(const json& control, const Terminal& terminal) {
    terminal.out << "\n  " << terminal.paint(Colour::bold, "records") << ": " << spoken(text_of(control, "records"))
                 << '\n';
    for (const char* kind : {"rule", "record"}) {
        const json& expected = control["expected"][kind];
        terminal.out << terminal::wrapped("expected " + std::string{kind} + ": " + text_of(expected, "what") +
                                              "; renewed every " +
                                              counted(expected["period_days"].get<std::size_t>(), "day") +
                                              "; usually with: " + text_of(control["expected"], "holder"),
                                          "    ");
        for (const json& fact : control["facts"]) {
            if (fact["kind"] != kind) continue;
            const std::string review = text_of(fact, "review");
            std::string text = "- " + text_of(fact, "reference") + ": " + text_of(fact, "what") + "; " +
                               (review == "none" ? "not yet approved" : review);
            if (fact["reviewed_at"].is_string()) text += " " + short_time(fact["reviewed_at"]);
            if (fact["single_person"] == true) text += " by the person who asked";
            if (fact["in_date_until"].is_string()) text += ", in date until " + short_time(fact["in_date_until"]);
            terminal.out << terminal::wrapped(text, "      ");
        }
    }
}

void print_controls(const json& answer, const Terminal& terminal) {
    std::map<std::string, std::size_t> counts;
    for (const json& control : answer["controls"]) ++counts[control["status"].get<std::string>()];
    std::string summary;
    for (const std::string_view status : worst_first)
        if (const std::size_t count = counts[std::string{status}]; count != 0)
            summary += (summary.empty() ? "" : ", ") +
                       terminal.paint(colour_of(status), std::to_string(count) + " " + spoken(status));
    terminal.out << summary << "\n\n";
    for (const std::string_view status : worst_first) {
        for (const json& control : answer["controls"]) {
            if (control["status"] != status) continue;
            std::string id = text_of(control, "id");
            id.resize(std::max<std::size_t>(id.size(), 7), ' ');
            terminal.out << terminal.paint(Colour::bold, id) << terminal.paint(colour_of(status), spoken(status))
                         << "  " << text_of(control, "title") << '\n';
            if (status == "not_assessed") {
                print_conclusions(control, terminal, "       ");
                continue;
            }
            terminal.out << terminal::wrapped(text_of(control, "sentence"), "       ");
            terminal.out << terminal::wrapped(legs(control), "       ");
            print_conclusions(control, terminal, "       ");
        }
    }
    terminal.out
        << "\nNext: `annexa findings` lists what to fix; `annexa status --control ID` shows what a status rests on.\n";
}

void print_result(const json& result, const Terminal& terminal) {
    const std::string state = text_of(result, "state");
    terminal.out << "    " << text_of(result, "host_name") << ": " << terminal.paint(colour_of(state), spoken(state));
    if (state == "waived") terminal.out << " (without waivers " << spoken(text_of(result, "beneath")) << ")";
    if (result["population"].is_number()) terminal.out << ", looked at " << result["population"].dump();
    if (result["reason"].is_string()) terminal.out << ", " << spoken(text_of(result, "reason"));
    if (result["collected_at"].is_string()) terminal.out << ", collected " << short_time(result["collected_at"]);
    if (result["late"] == true) terminal.out << ", late";
    if (!result["evidence"].empty()) {
        std::string entries;
        for (const json& index : result["evidence"]) entries += (entries.empty() ? "" : ", ") + index.dump();
        terminal.out << ", entry " << entries;
    }
    terminal.out << '\n';
    if (result["detail"].is_string()) terminal.out << terminal::wrapped(text_of(result, "detail"), "      ");
    for (const json& finding : result["findings"]) {
        std::string text;
        for (const auto& [name, value] : finding["columns"].items())
            if (const std::string cell = text_of(value); !cell.empty())
                text += (text.empty() ? "" : ", ") + name + " " + cell;
        terminal.out << terminal::wrapped("- " + text + "; open since " + short_time(finding["opened"]), "      ");
    }
}

void print_one(const json& control, const Terminal& terminal) {
    const std::string status = text_of(control, "status");
    terminal.out << '\n'
                 << terminal.paint(Colour::bold, text_of(control, "id") + "  " + text_of(control, "title")) << '\n'
                 << terminal.paint(colour_of(status), spoken(status));
    if (control["since"].is_string())
        terminal.out << " since " << short_time(control["since"]) << " UTC, as far as this store looked";
    terminal.out << '\n' << terminal::wrapped(text_of(control, "sentence"), "") << terminal::wrapped(legs(control), "");
    print_conclusions(control, terminal, "");
    print_records(control, terminal);
    for (const json& check : control["checks"]) {
        terminal.out << "\n  " << terminal.paint(Colour::bold, text_of(check, "check")) << " ("
                     << text_of(check, "strength") << ")\n";
        for (const json& result : control["results"])
            if (result["check"] == check["check"]) print_result(result, terminal);
    }
    if (control["checks"].empty())
        terminal.out << "\nNo check looks at this control: it rests on documents and records.\n";
    else
        terminal.out << "\nNext: `annexa evidence show ENTRY` verifies what a result rests on.\n";
}

Exit command_status(const StatusOptions& options, Client& client, const Terminal& terminal) {
    if (!options.from.empty() || !options.to.empty()) return command_period_status(options, client, terminal);
    Arguments arguments{{"control", options.control}, {"host", options.host}};
    options.when.add_to(arguments, terminal.clock);
    const json answer = client.get("/api/v1/status", arguments);
    if (options.format == Format::json) {
        terminal.out << answer.dump(2) << '\n';
    } else if (options.format == Format::csv) {
        print_csv(terminal.out, answer);
    } else {
        print_head(answer, terminal);
        terminal.out << changes_text(changes_of(answer), terminal.paint);
        if (options.control.empty())
            print_controls(answer, terminal);
        else
            for (const json& control : answer["controls"]) print_one(control, terminal);
    }
    const auto in_one_of_these = [&](const json& control) {
        return std::find(options.fail_on.begin(), options.fail_on.end(), control["status"].get<std::string>()) !=
               options.fail_on.end();
    };
    const json& controls = answer["controls"];
    return std::any_of(controls.begin(), controls.end(), in_one_of_these) ? Exit::findings : Exit::fine;
}

}  // namespace

void add_status(Command& line) {
    auto o = std::make_shared<StatusOptions>();
    Command status = line.add("status", "The status of the 93 controls of ISO/IEC 27001:2022 Annex A, the worst first",
                              std::string{times_help} +
                                  "Examples:\n  annexa status\n  annexa status --control A.8.5\n  annexa status --at "
                                  "2026-06-30 --format csv\n"
                                  "  annexa status --from 2026-01-01 --to 2026-06-30\n"
                                  "  annexa status --fail-on not_effective",
                              [o](Client& c, const Terminal& t) { return command_status(*o, c, t); });
    const Option at = status.when(o->when);
    Option from = status.option("--from", o->from, "Over a period that begins then; a day is its first moment");
    from.shown_as("TIME").excludes(at);
    status.option("--to", o->to, "The end of the period, now where it is not given; a day is part of it")
        .shown_as("TIME")
        .needs(from);
    status.option("--control", o->control, "One control, with every result behind it").shown_as("ID");
    status.option("--host", o->host, "As if this host were the only one in scope").shown_as("NAME");
    status.option("--fail-on", o->fail_on, "Exit 1 where a control has one of these statuses")
        .shown_as("STATUS,…")
        .split_at_commas()
        .check([](const std::string& text) {
            return policies::parse_status(text) ? std::string{}
                                                : "expected a status such as not_effective, found " + text;
        });
    status.format(o->format, true);
}

}  // namespace annexa::cli
