// annexa isms kinds, describe: what can be recorded, and what a record of a kind holds.
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

struct KindsOptions {
    std::string kind;
    Format format = Format::text;
};

Exit command_kinds(const KindsOptions& options, Client& client, const Terminal& terminal) {
    const json answer = client.get("/api/v1/isms/kinds");
    if (options.format == Format::json) {
        terminal.out << answer["kinds"].dump(2) << '\n';
        return Exit::fine;
    }
    terminal::Columns table;
    table.heads = {"STEP", "KIND", "CLAUSES", "APPROVED", "TITLE"};
    const Kinds kinds{answer};
    for (const Kind& kind : kinds.all())
        table.add({std::to_string(kind.step), kind.name, kind.clauses, kind.approvable ? "yes" : "no", kind.title},
                  {Colour::none, Colour::bold}, {true, false, false, false, false});
    terminal.out << table.text(terminal.paint) << "`annexa isms describe KIND` says what a record of it holds.\n";
    return Exit::fine;
}

std::string type_text(const Field& field) {
    std::string text = field.type;
    if (field.type == "line") text = "one line";
    if (field.type == "group") text = "members";
    if (field.type == "record" && !field.choices.empty()) text = "id of a ";
    if (field.type == "choice") text.clear();
    if (field.type == "record" || field.type == "choice")
        for (std::size_t i = 0; i < field.choices.size(); ++i)
            text += (i == 0 ? "" : field.type == "record" ? " or " : "|") + field.choices[i];
    return field.many ? "list of: " + text : text;
}

void print_fields(std::span<const Field> fields, const std::string& indent, const Terminal& terminal) {
    for (const Field& field : fields) {
        terminal.out << indent << terminal.paint(Colour::bold, field.name) << "  "
                     << terminal.paint(Colour::dim, type_text(field))
                     << (field.required ? terminal.paint(Colour::yellow, "  required") : "")
                     << (field.computed ? terminal.paint(Colour::dim, "  written by the store") : "") << '\n'
                     << terminal::wrapped(field.description, indent + "    ");
        print_fields(field.members, indent + "    ", terminal);
    }
}

Exit command_describe(const KindsOptions& options, Client& client, const Terminal& terminal) {
    const json answer = client.get("/api/v1/isms/kinds");
    const Kinds kinds{answer};
    const Kind& kind = kinds.get(options.kind);
    if (options.format == Format::json) {
        for (const json& each : answer["kinds"])
            if (each["kind"] == kind.name) terminal.out << each.dump(2) << '\n';
        return Exit::fine;
    }
    terminal.out << terminal.paint(Colour::bold, kind.title) << "  " << kind.name << ", step " << kind.step << " ("
                 << step_title(kind.step) << "), ISO/IEC 27001:2022 " << kind.clauses << '\n'
                 << (kind.single ? "There is one at most. " : "")
                 << (kind.approvable ? "It is approved by another person than its author.\n" : "It is not approved.\n")
                 << '\n'
                 << terminal.paint(Colour::bold, "MEMBERS") << '\n';
    print_fields(kind.fields, "  ", terminal);
    if (!kind.actions.empty()) terminal.out << '\n' << terminal.paint(Colour::bold, "ACTIONS") << '\n';
    for (const Action& action : kind.actions) {
        terminal.out << "  annexa isms act R-… " << terminal.paint(Colour::bold, action.name) << '\n'
                     << terminal::wrapped(action.description, "    ");
        print_fields(action.input, "      ", terminal);
    }
    return Exit::fine;
}

}  // namespace

void add_isms_kinds(Command& isms) {
    auto o = std::make_shared<KindsOptions>();
    isms.add("kinds", "The kinds of records that there are", "Example:\n  annexa isms kinds",
             [o](Client& c, const Terminal& t) { return command_kinds(*o, c, t); })
        .format(o->format);
    Command describe = isms.add("describe", "What a record of a kind holds, and what can be done with it",
                                "Examples:\n  annexa isms describe risk\n  annexa isms describe audit --format json",
                                [o](Client& c, const Terminal& t) { return command_describe(*o, c, t); });
    describe.option("KIND", o->kind, "The kind").required();
    describe.format(o->format);
}

}  // namespace annexa::cli
