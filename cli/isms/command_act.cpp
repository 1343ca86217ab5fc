// annexa isms act: what a person does with a record beyond editing it; each kind has its own.
#include "cli/command_line.hpp"
#include "cli/isms/act.hpp"
#include "cli/isms/assignments.hpp"
#include "cli/isms/commands.hpp"
#include "cli/isms/records.hpp"
#include "cli/text.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

struct ActOptions {
    std::string id, action;
    std::vector<std::string> assignments;
    Format format = Format::text;
};

const Action& find(const Kind& kind, const std::string& name) {
    if (const Action* action = find_action(kind, name)) return *action;
    std::string names;
    for (const Action& action : kind.actions) names += (names.empty() ? "" : ", ") + action.name;
    throw evidence::error("a record of the kind " + kind.name + " has no action " + name + "; it has " +
                          (names.empty() ? "none" : names + " (`annexa isms describe " + kind.name + "`)"));
}

Exit command_act(const ActOptions& options, Client& client, const Terminal& terminal) {
    const json before = fetch_record(client, options.id);
    const Kinds kinds = Kinds::from(client);
    const Action& action = find(kinds.get(text_of(before, "kind")), options.action);
    json input = json::object();
    assign(input, action.input, options.assignments);
    const json after = act(client, options.id, options.action, input);
    if (options.format == Format::json)
        terminal.out << after.dump(2) << '\n';
    else
        print_deed(before, after, terminal);
    return Exit::fine;
}

}  // namespace

json act(Client& client, const std::string& id, const std::string& action, const json& input) {
    return client.post(record_path(id) + "/actions/" + path_segment(action), input);
}

void print_deed(const json& before, const json& after, const Terminal& terminal) {
    terminal.out << terminal.paint(Colour::bold, text_of(after, "id")) << " version " << after["version"].dump()
                 << ", entry " << after["index"].dump() << '\n';
    if (!before["members"].is_object() || !after["members"].is_object()) return;
    for (const auto& [name, value] : after["members"].items())
        if (!before["members"].contains(name) || before["members"][name] != value)
            terminal.out << terminal::wrapped(name + ": " + brief(value, 300), "  ");
    for (const auto& [name, value] : before["members"].items())
        if (!after["members"].contains(name)) terminal.out << terminal::wrapped(name + ": taken away", "  ");
}

void add_isms_act(Command& isms) {
    auto o = std::make_shared<ActOptions>();
    Command command =
        isms.add("act", "Do with a record what its kind allows beyond editing: accept, verify, close, issue, freeze, …",
                 std::string{assignments_help} +
                     "`annexa isms describe KIND` lists the actions of a kind and what each asks for.\n\nExamples:\n"
                     "  annexa isms act R-0012 accept until=2027-12-31 reason='within the appetite'\n  annexa isms act "
                     "R-0005 issue\n"
                     "  annexa isms act R-0031 close note='mended'",
                 [o](Client& c, const Terminal& t) { return command_act(*o, c, t); });
    command.option("ID", o->id, "The record").required();
    command.option("ACTION", o->action, "What to do").required();
    command.option("INPUT", o->assignments, "NAME=VALUE").shown_as("NAME=VALUE …");
    command.format(o->format);
}

}  // namespace annexa::cli
