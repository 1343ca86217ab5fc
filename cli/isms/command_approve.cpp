// annexa isms approve, reject: a person's word on exactly one version.
#include "cli/command_line.hpp"
#include "cli/isms/commands.hpp"
#include "cli/isms/records.hpp"
#include "cli/text.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

struct ApproveOptions {
    std::string id, digest, note;
    Format format = Format::text;
};

/// The members that are other than in the version that is approved, each with what it was and is.
void print_changes(const json& record, Client& client, const Terminal& terminal) {
    if (!record["approved"].is_object() || !record["members"].is_object()) return;
    const json version = record["approved"]["version"];
    if (version == record["version"]) return;
    const json before = client.get(record_path(text_of(record, "id")), {{"version", version.dump()}})["members"];
    terminal.out << "since version " << version.dump() << ", which is approved:\n";
    for (const auto& [name, value] : record["members"].items())
        if (!before.contains(name) || before[name] != value)
            terminal.out << terminal::wrapped(
                name + ": " + (before.contains(name) ? brief(before[name]) + " → " : "") + brief(value), "  ");
    for (const auto& [name, value] : before.items())
        if (!record["members"].contains(name)) terminal.out << terminal::wrapped(name + ": taken away", "  ");
}

Exit command_judge(const ApproveOptions& options, const char* decision, Client& client, const Terminal& terminal) {
    const json record = fetch_record(client, options.id);
    const std::string digest = options.digest.empty() ? text_of(record, "digest") : options.digest;
    const bool text = options.format == Format::text;
    if (text && digest == text_of(record, "digest")) {
        terminal.out << terminal.paint(Colour::bold, options.id) << "  " << text_of(record, "kind") << "  "
                     << (record["members"].is_object() ? text_of(record["members"], "title") : "") << ", version "
                     << record["version"].dump() << '\n';
        print_changes(record, client, terminal);
    }
    const json approval = client.post(record_path(options.id) + "/approval",
                                      {{"digest", digest}, {"decision", decision}, {"note", options.note}});
    if (!text) {
        terminal.out << approval.dump(2) << '\n';
        return Exit::fine;
    }
    terminal.out << text_of(approval, "decision") << ", digest " << text_of(approval, "digest") << ", entry "
                 << approval["index"].dump() << '\n';
    if (approval["single_person"] == true)
        terminal.out << terminal.paint(
            Colour::yellow,
            "you wrote it and nobody else may approve: the record says that a single person did both\n");
    return Exit::fine;
}

}  // namespace

void add_isms_approve(Command& isms) {
    auto o = std::make_shared<ApproveOptions>();
    const auto add = [&](const char* name, const char* decision, const char* description, const char* footer) {
        Command command = isms.add(name, description, footer, [o, decision](Client& c, const Terminal& t) {
            return command_judge(*o, decision, c, t);
        });
        command.option("ID", o->id, "The record").required();
        command
            .option(
                "--digest", o->digest,
                "Exactly the version that you looked at, as annexa isms get shows it; refused if another came since")
            .shown_as("SHA256");
        command.option("--note", o->note, "What is to be said to it").shown_as("TEXT");
        command.format(o->format);
    };
    add("approve", "approved", "Approve the last version of a record that another wrote",
        "Without --digest it is the last version, whose changes are shown. A later change is not approved by "
        "it.\n\nExamples:\n"
        "  annexa isms approve R-0042\n  annexa isms approve R-0042 --digest "
        "05f6cc45a6e2c63ddd15fe1cbcf4e8bfb2cd1d0e063f58f8f1c117b5d2948033");
    add("reject", "rejected", "Reject the last version of a record",
        "Example:\n  annexa isms reject R-0042 --note 'the impact is too low'");
}

}  // namespace annexa::cli
