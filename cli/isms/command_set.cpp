// annexa isms set, delete, erase: changing records, each upon the version that was looked at.
#include "cli/command_line.hpp"
#include "cli/isms/assignments.hpp"
#include "cli/isms/commands.hpp"
#include "cli/isms/input_file.hpp"
#include "cli/isms/record_document.hpp"
#include "cli/isms/records.hpp"
#include "cli/text.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace annexa::cli {
namespace {

using evidence::error;
using nlohmann::json;
using terminal::Colour;

struct SetOptions {
    std::string target, file;
    std::vector<std::string> assignments;
    std::uint64_t base = 0;  // 0: the last, or what the file says
    bool dry_run = false;
    Format format = Format::text;
};

struct EraseOptions {
    std::string id, ground;
    std::uint64_t base = 0;
};

RecordDocument read_target(const SetOptions& options, const Kinds& kinds) {
    RecordDocument document;
    document.members = std::make_shared<const json>(json::object());
    if (!options.file.empty()) document = read_document(read_input(options.file), options.file, kinds);
    if (options.target.find('=') != std::string::npos)
        throw error("say first which record or kind: annexa isms set KIND|ID " + options.target);
    if (is_record_id(options.target)) {
        if (!document.id.empty() && document.id != options.target)
            throw error(options.file + ": is of " + document.id + ", not of " + options.target);
        document.id = options.target;
    } else if (!options.target.empty()) {
        const std::string kind = kinds.get(options.target).name;
        if (!document.kind.empty() && document.kind != kind)
            throw error(options.file + ": is of the kind " + document.kind + ", not of " + kind);
        document.kind = kind;
    }
    if (document.id.empty() && document.kind.empty())
        throw error("say which record (its id), or of which kind a new one is; `annexa isms kinds` lists them");
    return document;
}

/// A change of a record that is there: what was not said stays, or the whole as the file has it.
json edit_of(const RecordDocument& document, const SetOptions& options, const Kinds& kinds, Client& client) {
    const json record = fetch_record(client, document.id);
    if (!record["members"].is_object()) throw error(document.id + " was erased; make a new record");
    const Kind& kind = kinds.get(text_of(record, "kind"));
    json members = options.file.empty() ? *document_of(record, kind).members : *document.members;
    assign(members, kind.fields, options.assignments);
    const json base = options.base != 0  ? json(options.base)
                      : document.version ? json(*document.version)
                                         : record["version"];
    return {{"record", document.id}, {"kind", kind.name}, {"base", base}, {"members", std::move(members)}};
}

json addition_of(const RecordDocument& document, const SetOptions& options, const Kinds& kinds) {
    if (options.base != 0) throw error("--base goes with a record that is there; a new one has no version yet");
    const Kind& kind = kinds.get(document.kind);
    json members = *document.members;
    assign(members, kind.fields, options.assignments);
    return {{"record", "the new " + kind.name}, {"kind", kind.name}, {"members", std::move(members)}};
}

std::string joined(const json& list) {
    std::string text;
    for (const json& each : list) text += (text.empty() ? "" : ", ") + text_of(each);
    return text;
}

void print_applied(const json& applied, const json& change, const Kind& kind, bool dry_run, const Terminal& terminal) {
    const std::string id = dry_run && applied["created"] == true ? "a new record" : text_of(applied, "id");
    if (applied["created"] == true) {
        terminal.out << (dry_run ? "would make " : "made ") << terminal.paint(Colour::bold, id) << "  " << kind.name
                     << "  " << text_of(change["members"], "title") << '\n';
    } else if (applied["differences"].empty()) {
        terminal.out << id << " is so already: nothing changed\n";
        return;
    } else {
        terminal.out << terminal.paint(Colour::bold, id) << (dry_run ? " would have version " : " version ")
                     << applied["version"].dump() << ": " << joined(applied["differences"]) << '\n';
    }
    if (kind.approvable && !dry_run) terminal.out << "it waits for approval: `annexa isms approve " << id << "`\n";
}

Exit command_set(const SetOptions& options, Client& client, const Terminal& terminal) {
    const Kinds kinds = Kinds::from(client);
    const RecordDocument document = read_target(options, kinds);
    const json change =
        document.id.empty() ? addition_of(document, options, kinds) : edit_of(document, options, kinds, client);
    const json answer =
        client.post("/api/v1/isms/changes", {{"changes", json::array({change})}, {"dry_run", options.dry_run}});
    const json& applied = answer.at("applied").at(0);
    if (options.format == Format::json)
        terminal.out << applied.dump(2) << '\n';
    else
        print_applied(applied, change, kinds.get(text_of(applied, "kind")), options.dry_run, terminal);
    return Exit::fine;
}

Exit command_delete(const EraseOptions& options, Client& client, const Terminal& terminal) {
    const json record = fetch_record(client, options.id);
    const json base = options.base != 0 ? json(options.base) : record["version"];
    const json change{{"record", options.id}, {"base", base}, {"delete", true}};
    client.post("/api/v1/isms/changes", {{"changes", json::array({change})}});
    terminal.out << options.id << " is deleted; what it said stays: `annexa isms history " << options.id << "`\n";
    return Exit::fine;
}

Exit command_erase(const EraseOptions& options, Client& client, const Terminal& terminal) {
    client.post(record_path(options.id) + "/erasure", {{"ground", options.ground}});
    terminal.out << options.id
                 << " is erased: nothing of what was written in it is left; its digests stay in the log\n";
    return Exit::fine;
}

}  // namespace

void add_isms_set(Command& isms) {
    auto o = std::make_shared<SetOptions>();
    Command set = isms.add("set", "Make a record, or change one",
                           std::string{assignments_help} +
                               "A change is upon the version that you looked at; if another was faster, you are told "
                               "what changed, and nothing "
                               "is overwritten.\n\nExamples:\n"
                               "  annexa isms set risk title='Laptop is stolen' likelihood=3 impact=2 owner=R-0001\n"
                               "  annexa isms set R-0042 owner=R-0001 --base 3\n"
                               "  annexa isms set document title='Access policy' type=policy text=@access.md\n"
                               "  annexa isms get R-0042 --format yaml > risk.yaml && editor risk.yaml && annexa isms "
                               "set --file risk.yaml",
                           [o](Client& c, const Terminal& t) { return command_set(*o, c, t); });
    set.option("TARGET", o->target, "The record (R-0042), or the kind of a new one (risk); a file may say it")
        .shown_as("ID|KIND");
    set.option("CHANGES", o->assignments, "NAME=VALUE").shown_as("NAME=VALUE …");
    set.option("--file", o->file,
               "The whole record as YAML or JSON, as annexa isms get prints it; - for standard input")
        .shown_as("FILE|-");
    set.number("--base", o->base, "The version that you looked at; without it that of the file, or the last", 1);
    set.flag("--dry-run", o->dry_run, "Say what would change, and change nothing");
    set.format(o->format);

    auto gone = std::make_shared<EraseOptions>();
    Command remove = isms.add("delete", "Delete a record: a state, in which what it said can still be read",
                              "Refused while another record refers to it.\n\nExample:\n  annexa isms delete R-0042",
                              [gone](Client& c, const Terminal& t) { return command_delete(*gone, c, t); });
    remove.option("ID", gone->id, "The record").required();
    remove.number("--base", gone->base, "The version that you looked at; without it the last", 1);
    Command erase =
        isms.add("erase", "Erase what was ever written in a record, for good; for administrators",
                 "All versions, their files and what was said in approving them go; the log keeps digests, the "
                 "ground and who did it, and\nannexa-server check still holds. Refused while another record "
                 "refers to it.\n\nExample:\n  annexa isms erase R-0042 --ground 'Art. 17 GDPR, asked on 2027-03-01'",
                 [gone](Client& c, const Terminal& t) { return command_erase(*gone, c, t); });
    erase.option("ID", gone->id, "The record").required();
    erase.option("--ground", gone->ground, "Why: the right or duty; name nobody in it, it stays")
        .required()
        .shown_as("TEXT");
}

}  // namespace annexa::cli
