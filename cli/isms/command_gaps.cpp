// annexa isms gaps: what the standard asks for and is missing. annexa todo: what is due.
#include "cli/command_line.hpp"
#include "cli/isms/commands.hpp"
#include "cli/isms/records.hpp"
#include "cli/text.hpp"
#include "terminal/columns.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

struct GapsOptions {
    When when;
    std::uint64_t step = 0;  // 0: all
    Format format = Format::text;
};

struct TodoOptions {
    When when;
    std::uint64_t days = 30;
    std::string owner;
    bool mine = false;
    Format format = Format::text;
};

Exit command_gaps(const GapsOptions& options, Client& client, const Terminal& terminal) {
    Arguments arguments;
    options.when.add_to(arguments, terminal.clock);
    const json answer = client.get("/api/v1/isms/gaps", arguments);
    json gaps = json::array();
    for (const json& gap : answer["gaps"])
        if (options.step == 0 || gap["step"] == options.step) gaps.push_back(gap);
    if (options.format == Format::json) {
        terminal.out << gaps.dump(2) << '\n';
        return Exit::fine;
    }
    if (gaps.empty()) {
        terminal.out << "no gap that the store can see as of " << short_time(answer["at"]) << " UTC\n";
        return Exit::fine;
    }
    terminal.out << counted(gaps.size(), "gap") << " as of " << short_time(answer["at"])
                 << " UTC. Next: " << terminal.paint(Colour::bold, text_of(gaps[0], "next")) << '\n';
    int step = 0;
    for (const json& gap : gaps) {
        if (gap["step"] != step) {
            step = gap["step"].get<int>();
            terminal.out << '\n'
                         << terminal.paint(Colour::bold, std::to_string(step) + " " + std::string{step_title(step)})
                         << '\n';
        }
        terminal.out << terminal::wrapped("- " + text_of(gap, "clause") + ": " + text_of(gap, "sentence"), "  ")
                     << "    " << terminal.paint(Colour::dim, text_of(gap, "next")) << '\n';
    }
    return Exit::fine;
}

json wanted_due(const TodoOptions& options, Client& client, json due) {
    if (!options.mine && options.owner.empty()) return due;
    std::string owner = options.owner;
    if (options.mine) {
        const std::string account = text_of(client.get("/api/v1/session"), "account");
        const json persons = client.get("/api/v1/isms/records", {{"kind", "person"}})["records"];
        for (const json& person : persons)
            if (text_of(person["members"], "account") == account) owner = text_of(person, "id");
        if (owner.empty())
            throw evidence::error(
                "no person's record names your account; `annexa isms init` makes one, or annexa isms set person "
                "title=… account=" +
                account);
    }
    json found = json::array();
    for (const json& one : due)
        if (one["owner"] == owner) found.push_back(one);
    return found;
}

Exit command_todo(const TodoOptions& options, Client& client, const Terminal& terminal) {
    Arguments arguments{{"days", std::to_string(options.days)}};
    options.when.add_to(arguments, terminal.clock);
    const json answer = client.get("/api/v1/isms/due", arguments);
    const json due = wanted_due(options, client, answer["due"]);
    if (options.format == Format::json) {
        terminal.out << due.dump(2) << '\n';
        return Exit::fine;
    }
    if (due.empty()) {
        terminal.out << "nothing is due within " << counted(options.days, "day") << '\n';
        return Exit::fine;
    }
    const Names names = Names::from(client);
    terminal::Columns table;
    table.heads = {"DUE", "WHAT", "RECORD", "KIND", "OWNER", "TITLE"};
    for (const json& one : due) {
        const bool overdue = one["overdue"] == true;
        const std::string date = one["date"].is_null() ? "now" : text_of(one, "date") + (overdue ? " overdue" : "");
        table.add({date, text_of(one, "what"), text_of(one, "record"), text_of(one, "kind"),
                   one["owner"].is_null() ? "nobody" : names.of(text_of(one, "owner")), brief(one["title"])},
                  {overdue                 ? Colour::red
                   : one["date"].is_null() ? Colour::yellow
                                           : Colour::none});
    }
    terminal.out << table.text(terminal.paint);
    return Exit::fine;
}

}  // namespace

void add_isms_gaps(Command& isms) {
    auto o = std::make_shared<GapsOptions>();
    Command gaps = isms.add(
        "gaps", "What the standard asks for and is missing, by step, the next thing to do first",
        std::string{times_help} +
            "Each gap names the command that closes it; put values in place of …\n\nExamples:\n"
            "  annexa isms gaps\n  annexa isms gaps --step 5\n  annexa isms gaps --format json | jq -r '.[0].next'",
        [o](Client& c, const Terminal& t) { return command_gaps(*o, c, t); });
    gaps.number("--step", o->step, "Of this step of the ten alone", 1, 10);
    gaps.when(o->when);
    gaps.format(o->format);
}

void add_todo(Command& line) {
    auto o = std::make_shared<TodoOptions>();
    Command todo = line.add(
        "todo", "What is due, overdue, waits for approval or has no owner",
        std::string{times_help} +
            "Examples:\n  annexa todo\n  annexa todo --mine --days 7\n  annexa todo --owner R-0003 --format json",
        [o](Client& c, const Terminal& t) { return command_todo(*o, c, t); });
    todo.number("--days", o->days, "What is due within so many days; 30 without it", 0, 3660);
    Option owner = todo.option("--owner", o->owner, "Of this person or role alone");
    owner.shown_as("ID");
    todo.flag("--mine", o->mine, "Yours alone").excludes(owner);
    todo.when(o->when);
    todo.format(o->format);
}

}  // namespace annexa::cli
