// annexa checks, annexa findings.
#include "cli/command_line.hpp"
#include "cli/text.hpp"
#include "terminal/columns.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

struct ChecksOptions {
    When when;
    std::string host, check;
    Format format = Format::text;
};

json ask(std::string_view path, const ChecksOptions& options, Client& client, const Terminal& terminal) {
    Arguments arguments{{"host", options.host}, {"check", options.check}};
    options.when.add_to(arguments, terminal.clock);
    return client.get(path, arguments);
}

std::string states_text(const json& states) {
    std::string text;
    for (const auto& [state, hosts] : states.items())
        text += (text.empty() ? "" : ", ") + hosts.dump() + " " + spoken(state);
    return text;
}

Colour worst_colour(const json& states) {
    for (const char* state : {"overdue", "fail"})
        if (states.contains(state)) return Colour::red;
    for (const char* state : {"error", "missing", "stale", "deleted", "waived"})
        if (states.contains(state)) return Colour::yellow;
    return states.contains("pass") ? Colour::green : Colour::dim;
}

std::string controls_text(const json& check) {
    std::string text;
    for (const json& control : check["controls"]) text += (text.empty() ? "" : " ") + text_of(control, "id");
    return text;
}

Exit command_checks(const ChecksOptions& options, Client& client, const Terminal& terminal) {
    const json answer = ask("/api/v1/checks", options, client, terminal);
    if (options.format == Format::json) {
        terminal.out << answer["checks"].dump(2) << '\n';
        return Exit::fine;
    }
    terminal::Columns table;
    table.heads = {"CHECK", "SEVERITY", "CONTROLS", "HOSTS", "TITLE"};
    for (const json& check : answer["checks"])
        table.add({text_of(check, "check"), text_of(check, "severity"), controls_text(check),
                   states_text(check["states"]), text_of(check, "title")},
                  {Colour::none, Colour::none, Colour::dim, worst_colour(check["states"]), Colour::none});
    terminal.out << table.text(terminal.paint);
    json changes = json::array();
    for (const json& check : answer["checks"])
        for (const json& change : check["changes"]) changes.push_back(change);
    terminal.out << (changes.empty() ? "" : "\n") << changes_text(changes, terminal.paint);
    return Exit::fine;
}

Exit command_findings(const ChecksOptions& options, Client& client, const Terminal& terminal) {
    const json answer = ask("/api/v1/findings", options, client, terminal);
    if (options.format == Format::json) {
        json findings = answer["findings"];
        for (json& finding : findings) {
            const json& check = answer["checks"][finding["check"].get<std::string>()];
            for (const char* member : {"title", "severity", "controls", "remediation"}) finding[member] = check[member];
        }
        terminal.out << findings.dump(2) << '\n';
        return Exit::fine;
    }
    if (answer["findings"].empty()) {
        terminal.out << "no open finding as of " << short_time(answer["at"])
                     << " UTC; `annexa checks` shows what could not be looked at\n"
                     << changes_text(answer["changes"], terminal.paint);
        return Exit::fine;
    }
    std::string current;
    for (const json& finding : answer["findings"]) {
        const std::string id = text_of(finding, "check");
        if (id != current) {
            const json& check = answer["checks"][id];
            const std::string severity = text_of(check, "severity");
            terminal.out << (current.empty() ? "" : "\n") << terminal.paint(Colour::bold, id) << "  "
                         << terminal.paint(colour_of(severity), severity) << "  " << text_of(check, "title") << "  "
                         << terminal.paint(Colour::dim, controls_text(check)) << '\n'
                         << terminal::wrapped("Fix: " + text_of(check, "remediation"), "  ");
            current = id;
        }
        const json& columns = finding["columns"];
        std::string text;
        for (const auto& [name, value] : columns.items())
            if (name != "found" && name != "wanted" && name != "source" && !text_of(value).empty())
                text += (text.empty() ? "" : ", ") + name + " " + text_of(value);
        text += std::string{text.empty() ? "" : ": "} + "found " + text_of(columns, "found") + ", wanted " +
                text_of(columns, "wanted");
        if (const std::string source = text_of(columns, "source"); !source.empty()) text += " (" + source + ")";
        const std::string state = text_of(finding, "state");
        const std::string due = state == "waived"            ? "waived"
                                : finding["overdue"] == true ? "overdue since " + short_time(finding["overdue_at"])
                                                             : "to be fixed by " + short_time(finding["overdue_at"]);
        terminal.out << terminal::wrapped("- " + text_of(finding, "host_name") + ": " + text, "  ") << "    open since "
                     << short_time(finding["opened"]) << ", "
                     << terminal.paint(state == "waived"            ? Colour::dim
                                       : finding["overdue"] == true ? Colour::red
                                                                    : Colour::yellow,
                                       due)
                     << '\n';
    }
    terminal.out << (answer["changes"].empty() ? "" : "\n") << changes_text(answer["changes"], terminal.paint);
    return Exit::fine;
}

}  // namespace

void add_checks(Command& line) {
    auto o = std::make_shared<ChecksOptions>();
    const auto add = [&](const char* name, const char* description, const char* footer, Run run) {
        Command command = line.add(name, description, std::string{times_help} + footer, std::move(run));
        command.when(o->when);
        command.option("--host", o->host, "Of this host alone").shown_as("NAME");
        command.format(o->format);
        return command;
    };
    add("checks", "Each check in force, and how many hosts are in which state",
        "Examples:\n  annexa checks\n  annexa checks --host web-1",
        [o](Client& c, const Terminal& t) { return command_checks(*o, c, t); });
    add("findings", "What is open, by check with the fix, the gravest and longest overdue first",
        "Examples:\n  annexa findings\n  annexa findings --check ssh-root-login",
        [o](Client& c, const Terminal& t) { return command_findings(*o, c, t); })
        .option("--check", o->check, "Of this check alone")
        .shown_as("CHECK");
}

}  // namespace annexa::cli
