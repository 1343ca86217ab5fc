// annexa isms export, apply: all records as a folder of YAML in git, and back.
#include "cli/command_line.hpp"
#include "cli/isms/commands.hpp"
#include "cli/isms/input_file.hpp"
#include "cli/isms/record_folder.hpp"
#include "cli/isms/records.hpp"
#include "cli/text.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <ostream>

namespace annexa::cli {
namespace {

namespace fs = std::filesystem;
using evidence::error;
using nlohmann::json;
using terminal::Colour;

struct FolderOptions {
    std::string folder;
    bool dry_run = false;
    Format format = Format::text;
};

constexpr std::size_t most_changes = 2000;  // that a store takes at once
constexpr std::size_t most_told = 20;       // new files that are named

std::vector<RecordDocument> documents_of(const json& records, const Kinds& kinds) {
    std::vector<RecordDocument> documents;
    for (const json& record : records)
        if (const Kind* kind = kinds.find(text_of(record, "kind")); kind != nullptr && record["members"].is_object())
            documents.push_back(document_of(record, *kind));
    return documents;
}

Exit command_export(const FolderOptions& options, Client& client, const Terminal& terminal) {
    const Kinds kinds = Kinds::from(client);
    const json answer = client.get("/api/v1/isms/records");
    const std::vector<RecordDocument> documents = documents_of(answer["records"], kinds);
    const FolderChanges changes = write_folder(options.folder, documents, kinds);
    terminal.err << options.folder << ": " << counted(documents.size(), "record") << ", " << changes.written
                 << " written, " << changes.same << " as they were, " << changes.removed << " removed\n";
    return Exit::fine;
}

/// A file that says other than the store, and the change that makes the store say so.
struct Edit {
    const FolderFile* file = nullptr;
    const RecordDocument* stored = nullptr;  // none: it is new
    json change;
};

using Stored = std::map<std::string, const RecordDocument*, std::less<>>;

/// New records refer to one another by "$" and their file without its ending: $risks/laptop.
std::string name_of(const FolderFile& file) {
    return file.document.id.empty() ? (file.path.parent_path() / file.path.stem()).generic_string() : file.document.id;
}

std::vector<Edit> edits_of(const std::vector<FolderFile>& files, const Stored& stored, const fs::path& folder) {
    std::map<std::string, const FolderFile*> seen;
    std::vector<Edit> edits;
    for (const FolderFile& file : files) {
        const std::string name = name_of(file);
        if (const auto [other, first] = seen.emplace(name, &file); !first)
            throw error((folder / file.path).string() + ": " + name + " stands in " + other->second->path.string() +
                        " too");
        const auto found = stored.find(file.document.id);
        const bool is_there = !file.document.id.empty() && found != stored.end();
        if (is_there && *found->second->members == *file.document.members && found->second->kind == file.document.kind)
            continue;
        Edit edit{&file,
                  is_there ? found->second : nullptr,
                  {{"record", name}, {"kind", file.document.kind}, {"members", *file.document.members}}};
        if (file.document.version) edit.change["base"] = *file.document.version;
        edits.push_back(std::move(edit));
    }
    return edits;
}

void print_edit(const Edit& edit, const Terminal& terminal) {
    const json& after = *edit.file->document.members;
    const json none = json::object();
    const json& before = edit.stored != nullptr ? *edit.stored->members : none;
    terminal.out << terminal.paint(Colour::bold, edit.file->path.generic_string()) << "  "
                 << (edit.stored == nullptr ? "new " : "") << edit.file->document.kind << "  "
                 << text_of(after, "title") << '\n';
    for (const auto& [name, value] : before.items())
        if (!after.contains(name))
            terminal.out << terminal.paint(Colour::red, "  - " + name + ": " + brief(value)) << '\n';
    for (const auto& [name, value] : after.items()) {
        const bool known = before.contains(name);
        if (known && before[name] == value) continue;
        if (known) terminal.out << terminal.paint(Colour::red, "  - " + name + ": " + brief(before[name])) << '\n';
        terminal.out << terminal.paint(Colour::green, "  + " + name + ": " + brief(value)) << '\n';
    }
}

/// Who is refused is told file by file.
[[noreturn]] void tell_refusal(const refused& problem, const std::vector<Edit>& edits, const Terminal& terminal) {
    std::map<std::string, std::string> files;
    for (const Edit& edit : edits) files[text_of(edit.change, "record")] = edit.file->path.generic_string();
    for (const Misfit& misfit : problem.misfits()) {
        const auto file = files.find(misfit.record);
        terminal.err << terminal::printable(file == files.end() ? misfit.record : file->second) << ": "
                     << terminal::printable(misfit.path) << (misfit.path.empty() ? "" : ": ")
                     << terminal::printable(misfit.message) << '\n';
    }
    if (problem.misfits().empty()) throw problem;
    throw refused(problem.code(),
                  "nothing was applied: " + counted(problem.misfits().size(), "thing") + " of the folder cannot be");
}

json post(const std::vector<Edit>& edits, bool dry_run, Client& client, const Terminal& terminal) {
    if (edits.size() > most_changes)
        throw error(counted(edits.size(), "record") + " differ; a store changes at most 2,000 at once");
    json changes = json::array();
    for (const Edit& edit : edits) changes.push_back(edit.change);
    try {
        return client.post("/api/v1/isms/changes", {{"changes", std::move(changes)}, {"dry_run", dry_run}});
    } catch (const refused& problem) {
        tell_refusal(problem, edits, terminal);
    }
}

/// The folder then says what the store says: a file's version is the one that it was applied as, a new record has its
/// id.
void follow_up(const std::vector<Edit>& edits, const json& applied, const fs::path& folder, const Kinds& kinds,
               Client& client, const Terminal& terminal) {
    const json answer = client.get("/api/v1/isms/records");
    const std::vector<RecordDocument> documents = documents_of(answer["records"], kinds);
    std::map<std::string, const RecordDocument*> by_id;
    for (const RecordDocument& document : documents) by_id[document.id] = &document;
    std::size_t moved = 0;
    for (std::size_t i = 0; i < edits.size() && i < applied.size(); ++i) {
        const auto found = by_id.find(text_of(applied[i], "id"));
        if (found == by_id.end()) continue;
        const Kind& kind = kinds.get(found->second->kind);
        const fs::path old = folder / edits[i].file->path;
        const fs::path file =
            edits[i].file->document.id.empty() ? folder / record_path_in_folder(kind, found->first) : old;
        fs::create_directories(file.parent_path());
        write_output(file.string(), to_yaml(*found->second, kind));
        if (file == old) continue;
        fs::remove(old);
        if (++moved <= most_told) terminal.err << old.string() << " is " << file.string() << " now\n";
    }
    if (moved > most_told) terminal.err << "and " << moved - most_told << " more files bear their ids now\n";
}

Exit command_apply(const FolderOptions& options, Client& client, const Terminal& terminal) {
    const Kinds kinds = Kinds::from(client);
    const std::vector<FolderFile> files = read_folder(options.folder, kinds);
    const json answer = client.get("/api/v1/isms/records");
    const std::vector<RecordDocument> documents = documents_of(answer["records"], kinds);
    Stored stored;
    for (const RecordDocument& document : documents) stored[document.id] = &document;
    const std::vector<Edit> edits = edits_of(files, stored, options.folder);
    const bool text = options.format == Format::text;
    if (text)
        for (const Edit& edit : edits) print_edit(edit, terminal);
    json applied = json::array();
    if (!edits.empty()) applied = post(edits, options.dry_run, client, terminal).at("applied");
    if (!options.dry_run) follow_up(edits, applied, options.folder, kinds, client, terminal);
    if (!text)
        terminal.out << json{{"applied", applied}, {"dry_run", options.dry_run}}.dump(2) << '\n';
    else if (edits.empty())
        terminal.out << "no difference: " << counted(files.size(), "record") << " as in the store\n";
    else
        terminal.out << counted(edits.size(), "record") << (options.dry_run ? " would be" : "") << " changed\n";
    return options.dry_run && !edits.empty() ? Exit::findings : Exit::fine;
}

}  // namespace

void add_isms_folder(Command& isms) {
    auto o = std::make_shared<FolderOptions>();
    isms.add("export", "All records as a folder of YAML, one file a record: to be kept in git, edited and applied",
             "The same records are the same bytes. Files of records that are no more are removed; edits that were not "
             "applied "
             "are lost.\n\nExample:\n  annexa isms export records && git -C records diff",
             [o](Client& c, const Terminal& t) { return command_export(*o, c, t); })
        .option("DIR", o->folder, "The folder; made where there is none")
        .required();
    Command apply = isms.add("apply", "Make the store say what a folder says, all or nothing, the difference first",
                             "A file without id and version is a new record; others of the folder refer to it by $ and "
                             "its file: owner: $persons/ada.\n"
                             "A record without a file stays. A file that was edited upon a version that is no longer "
                             "the last is refused, and with "
                             "it all.\nAfterwards the files bear the new ids and versions.\n\nExit status: 0 applied, "
                             "or no difference; 1 with --dry-run "
                             "where there is a difference; 2 refused.\n\nExamples:\n  annexa isms apply records "
                             "--dry-run\n  annexa isms apply records",
                             [o](Client& c, const Terminal& t) { return command_apply(*o, c, t); });
    apply.option("DIR", o->folder, "The folder").required();
    apply.flag("--dry-run", o->dry_run, "Show the difference, and change nothing");
    apply.format(o->format);
}

}  // namespace annexa::cli
