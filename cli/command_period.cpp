// annexa status --from --to: the 93 controls over a period; with --control every finding and gap of it.
#include "cli/status_options.hpp"
#include "cli/text.hpp"
#include "cli/time_argument.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

constexpr std::array<std::string_view, 6> worst_first{"not_effective", "no_evidence",    "partly_effective",
                                                      "effective",     "not_applicable", "not_monitored"};
constexpr std::size_t most_printed = 20;

std::string decimal(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", number);
    std::string result{text};
    if (result.ends_with(".0")) result.resize(result.size() - 2);
    return result;
}

/// What is not nothing never reads as nothing.
std::string percent(const json& share) {
    const double value = share.get<double>();
    return value > 0 && value < 0.0005 ? "less than 0.1 %" : decimal(value * 100) + " %";
}

/// Days, or hours below one.
std::string duration(const json& seconds) {
    if (seconds.is_null()) return "–";
    const double value = seconds.get<double>();
    return value >= 86400 ? decimal(value / 86400) + " d" : decimal(value / 3600) + " h";
}

std::string figures_text(const json& figures) {
    std::string states;
    for (const auto& [state, days] : figures["host_days"].items())
        if (days.get<double>() > 0)
            states += (states.empty() ? "" : ", ") + decimal(days.get<double>()) + " " + spoken(state);
    if (states.empty()) return "no host-days";
    std::string text = "host-days: " + states;
    if (const auto findings = figures["intervals_total"].get<std::size_t>(); findings != 0)
        text += "; " + counted(findings, "finding") + ", the longest " + duration(figures["longest"]) +
                ", median time to fix " + duration(figures["median_time_to_fix"]);
    text += "; without fresh evidence " + percent(figures["gap_share"]);
    if (figures["late_share"].get<double>() > 0) text += ", on late evidence " + percent(figures["late_share"]);
    if (!figures["waivers"].empty()) text += "; " + counted(figures["waivers"].size(), "waiver");
    return text;
}

void print_csv(std::ostream& out, const json& answer) {
    constexpr const char* columns[] = {"id",        "title",      "theme",    "operation", "host_days_in_scope",
                                       "gap_share", "late_share", "findings", "longest",   "median_time_to_fix"};
    evidence::Table table{"status", {}, {}};
    for (const char* name : columns) table.columns.push_back({name, evidence::Type::text});
    constexpr const char* states[] = {"pass",  "fail",    "overdue", "waived",        "error",
                                      "stale", "missing", "deleted", "not_applicable"};
    for (const char* state : states) table.columns.push_back({"host_days_" + std::string{state}, evidence::Type::text});
    table.columns.push_back({"sentence", evidence::Type::text});
    for (const json& control : answer["controls"]) {
        evidence::Row row;
        for (const char* name : columns)
            row.emplace_back(text_of(control[std::string_view{name} == "findings" ? "intervals_total" : name]));
        for (const char* state : states) row.emplace_back(control["host_days"][state].dump());
        row.emplace_back(text_of(control, "sentence"));
        table.rows.push_back(std::move(row));
    }
    terminal::print_csv(out, table);
}

void print_head(const json& answer, const Terminal& terminal) {
    terminal.out << terminal.paint(Colour::bold, text_of(answer, "organization")) << "  " << short_time(answer["from"])
                 << " to " << short_time(answer["to"]) << " UTC, "
                 << counted(answer["hosts_in_scope"].get<std::size_t>(), "host") << " in scope at some time\n";
    if (answer["known_at"].is_string()) terminal.out << "as known at " << short_time(answer["known_at"]) << " UTC\n";
    terminal.out << alarms_text(answer["alarms"], terminal.paint);
}

void print_controls(const json& answer, const Terminal& terminal) {
    std::map<std::string, std::size_t> counts;
    for (const json& control : answer["controls"]) ++counts[control["operation"].get<std::string>()];
    std::string summary;
    for (const std::string_view operation : worst_first)
        if (const std::size_t count = counts[std::string{operation}]; count != 0)
            summary += (summary.empty() ? "" : ", ") +
                       terminal.paint(colour_of(operation), std::to_string(count) + " " + spoken(operation));
    terminal.out << summary << "\n\n";
    for (const std::string_view operation : worst_first) {
        for (const json& control : answer["controls"]) {
            if (control["operation"] != operation) continue;
            std::string id = text_of(control, "id");
            id.resize(std::max<std::size_t>(id.size(), 7), ' ');
            terminal.out << terminal.paint(Colour::bold, id) << terminal.paint(colour_of(operation), spoken(operation))
                         << "  " << text_of(control, "title") << '\n';
            if (operation == "not_monitored") continue;
            terminal.out << terminal::wrapped(text_of(control, "sentence"), "       ")
                         << terminal::wrapped(figures_text(control), "       ");
        }
    }
    terminal.out << "\nNext: `annexa status --from TIME --to TIME --control ID` lists the findings and gaps of one.\n";
}

/// At most so many of the lines, and how many more there are.
void print_some(const json& items, std::size_t total, const Terminal& terminal, std::string (*line)(const json&)) {
    for (std::size_t i = 0; i < std::min(most_printed, items.size()); ++i)
        terminal.out << terminal::wrapped("- " + line(items[i]), "    ");
    if (total > most_printed)
        terminal.out << "    and " << total - most_printed << " more: --format json has "
                     << std::min(total, items.size()) << '\n';
}

std::string interval_line(const json& interval) {
    return text_of(interval, "host_name") + " " + text_of(interval, "key") + ": open since " +
           short_time(interval["opened"]) +
           (interval["closed"].is_string() ? ", closed " + short_time(interval["closed"]) : ", not closed by the end") +
           ", allowed until " + short_time(interval["allowed_until"]);
}

std::string gap_line(const json& gap) {
    return text_of(gap, "host_name") + ": " + spoken(text_of(gap, "state")) + " " + short_time(gap["from"]) + " to " +
           short_time(gap["to"]);
}

void print_one(const json& control, const json& answer, const Terminal& terminal) {
    const std::string operation = text_of(control, "operation");
    terminal.out << '\n'
                 << terminal.paint(Colour::bold, text_of(control, "id") + "  " + text_of(control, "title")) << '\n'
                 << terminal.paint(colour_of(operation), spoken(operation)) << '\n'
                 << terminal::wrapped(text_of(control, "sentence"), "") << terminal::wrapped(figures_text(control), "");
    for (const json& check : control["checks"]) {
        terminal.out << "\n  " << terminal.paint(Colour::bold, text_of(check, "check")) << " ("
                     << text_of(check, "strength") << ")\n"
                     << terminal::wrapped(figures_text(check), "    ");
        print_some(check["intervals"], check["intervals_total"].get<std::size_t>(), terminal, interval_line);
        print_some(check["gaps"], check["gaps_total"].get<std::size_t>(), terminal, gap_line);
        for (const json& waiver : answer["waivers"])
            if (waiver["check"] == check["check"])
                terminal.out << terminal::wrapped(
                    "- waived " + short_time(waiver["from"]) + " to " + short_time(waiver["until"]) + ": " +
                        text_of(waiver, "reason") +
                        (waiver["single_person"] == true ? " (approved by the person who asked)" : ""),
                    "    ");
    }
    if (control["checks"].empty())
        terminal.out << "\nNo check looks at this control: it rests on documents and records.\n";
}

}  // namespace

Exit command_period_status(const StatusOptions& options, Client& client, const Terminal& terminal) {
    const evidence::Instant now = terminal.clock.now();
    const Arguments arguments{{"control", options.control},
                              {"host", options.host},
                              {"from", from_argument("--from", options.from)},
                              {"to", to_argument("--to", options.to, now)},
                              {"known_at", time_argument("--known-at", options.when.known_at, now)}};
    const json answer = client.get("/api/v1/status", arguments);
    if (options.format == Format::json) {
        terminal.out << answer.dump(2) << '\n';
    } else if (options.format == Format::csv) {
        print_csv(terminal.out, answer);
    } else {
        print_head(answer, terminal);
        if (options.control.empty())
            print_controls(answer, terminal);
        else
            for (const json& control : answer["controls"]) print_one(control, answer, terminal);
    }
    const json& controls = answer["controls"];
    const auto in_one_of_these = [&](const json& control) {
        return std::find(options.fail_on.begin(), options.fail_on.end(), control["operation"].get<std::string>()) !=
               options.fail_on.end();
    };
    return std::any_of(controls.begin(), controls.end(), in_one_of_these) ? Exit::findings : Exit::fine;
}

}  // namespace annexa::cli
