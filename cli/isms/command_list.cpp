// annexa isms list, get, history: records as they are and were.
#include "cli/command_line.hpp"
#include "cli/isms/cells.hpp"
#include "cli/isms/commands.hpp"
#include "cli/isms/output_format.hpp"
#include "cli/isms/record_document.hpp"
#include "cli/isms/record_sheet.hpp"
#include "cli/isms/records.hpp"
#include "cli/text.hpp"
#include "terminal/columns.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

struct ListOptions {
    When when;
    std::string kind;
    bool deleted = false;
    OutputOptions output;
};

struct GetOptions {
    When when;
    std::string id, version, format = "text";
};

struct HistoryOptions {
    std::string id;
    Format format = Format::text;
};

constexpr std::size_t most_compared = 100;  // versions of a history whose members are fetched

/// In the order of the steps, then by number.
void sort_by_kind(json& records, const Kinds& kinds) {
    const auto place = [&](const json& record) {
        const Kind* kind = kinds.find(text_of(record, "kind"));
        return kind == nullptr ? kinds.all().size() : static_cast<std::size_t>(kind - kinds.all().data());
    };
    std::stable_sort(records.begin(), records.end(),
                     [&](const json& left, const json& right) { return place(left) < place(right); });
}

/// What records of every kind have.
sheets::Book overview_book(const json& records) {
    sheets::Book book{.title = "Records", .columns = {}, .rows = {}};
    for (const char* name :
         {"id", "kind", "title", "owner", "version", "state", "approval", "changed_at", "next_review"})
        book.columns.push_back({.name = name, .title = heading(name), .read_only = true});
    for (const json& record : records) {
        std::vector<std::string> row;
        for (const sheets::Column& column : book.columns) {
            const bool own = column.name == "title" || column.name == "owner" || column.name == "next_review";
            const json value =
                own ? (record["members"].is_object() ? record["members"].value(column.name, json{}) : json{})
                    : record[column.name];
            row.push_back(value.is_null()     ? std::string{}
                          : value.is_string() ? value.get<std::string>()
                                              : value.dump());
        }
        book.rows.push_back(std::move(row));
    }
    return book;
}

Exit command_list(const ListOptions& options, Client& client, const Terminal& terminal) {
    const Kinds kinds = Kinds::from(client);
    Arguments arguments{{"deleted", options.deleted ? "yes" : ""}};
    if (!options.kind.empty()) arguments.emplace_back("kind", kinds.get(options.kind).name);
    options.when.add_to(arguments, terminal.clock);
    json records = client.get("/api/v1/isms/records", arguments)["records"];
    sort_by_kind(records, kinds);
    const std::string& format = options.output.format;
    if (format == "json") {
        put_text(options.output, terminal, records.dump(2) + "\n");
    } else if (format != "text") {
        put_book(options.output, terminal,
                 options.kind.empty() ? overview_book(records)
                                      : record_book(kinds.get(options.kind), records, Names::from(client)));
    } else if (records.empty()) {
        put_text(options.output, terminal,
                 "no record" + (options.kind.empty() ? "" : " of the kind " + options.kind) +
                     " yet; `annexa isms gaps` says what is missing\n");
    } else {
        const Names names = Names::from(client);
        terminal::Columns table;
        table.heads = {"ID", "KIND", "VERSION", "APPROVAL", "CHANGED", "OWNER", "TITLE"};
        for (const json& record : records) {
            const json& members = record["members"];
            const std::string state = text_of(record, "state");
            const std::string title = members.is_object() ? brief(members.value("title", json{})) : "";
            const std::string owner = members.is_object() ? text_of(members, "owner") : "";
            table.add(
                {text_of(record, "id"), text_of(record, "kind"), record["version"].dump(),
                 approval_text(record, kinds.find(text_of(record, "kind"))), short_time(record["changed_at"]),
                 owner.empty() ? "nobody" : names.of(owner), title + (state == "current" ? "" : " (" + state + ")")},
                {Colour::bold});
        }
        put_text(options.output, terminal, table.text(terminal.paint));
    }
    return Exit::fine;
}

void print_judgement(const json& approval, const Names& names, const Terminal& terminal) {
    const bool alone = approval["single_person"] == true;
    terminal.out << text_of(approval, "decision") << " version " << approval["version"].dump() << " on "
                 << short_time(approval["at"]) << " UTC by " << names.of(text_of(approval, "by"))
                 << (alone ? terminal.paint(Colour::yellow, ", a single person") : "") << ", entry "
                 << approval["index"].dump() << '\n';
    if (const std::string note = text_of(approval, "note"); !note.empty())
        terminal.out << terminal::wrapped(note, "  ");
}

/// Each line made harmless, so that a text cannot write to the screen of whoever looks at it.
std::string harmless_lines(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        out += terminal::printable(text.substr(at, end - at)) + '\n';
        at = end + 1;
    }
    return out;
}

void print_record(const json& record, const Kind* kind, const Names& names, const Terminal& terminal) {
    const std::string id = text_of(record, "id");
    const std::string state = text_of(record, "state");
    const bool has_members = record["members"].is_object();
    terminal.out << terminal.paint(Colour::bold, id + "  " + text_of(record, "kind"))
                 << (has_members ? "  " + text_of(record["members"], "title") : "") << '\n'
                 << "version " << record["version"].dump() << " of " << short_time(record["changed_at"]) << " UTC by "
                 << names.of(text_of(record, "changed_by")) << ", entry " << record["index"].dump()
                 << (state == "current" ? "" : ", " + state) << '\n';
    if (record.contains("shown_version") && record["shown_version"] != record["version"])
        terminal.out << terminal.paint(Colour::yellow, "shown is version " + record["shown_version"].dump()) << '\n';
    if (kind != nullptr && kind->approvable) {
        if (record["judged"].is_object()) print_judgement(record["judged"], names, terminal);
        if (record["approved"].is_object() && record["approved"] != record["judged"])
            print_judgement(record["approved"], names, terminal);
        if (record["judged"].is_null() && state == "current")
            terminal.out << "nobody has approved this version; to approve exactly it: `annexa isms approve " << id
                         << " --digest " << text_of(record, "digest") << "`\n";
    }
    if (has_members)
        terminal.out << '\n'
                     << harmless_lines(members_yaml(record["members"],
                                                    kind == nullptr ? std::span<const Field>{} : kind->fields, "  "));
}

Exit command_get(const GetOptions& options, Client& client, const Terminal& terminal) {
    Arguments arguments{{"version", options.version}};
    options.when.add_to(arguments, terminal.clock);
    json record = client.get(record_path(options.id), arguments);
    if (options.format == "json") {
        terminal.out << record.dump(2) << '\n';
        return Exit::fine;
    }
    const Kinds kinds = Kinds::from(client);
    const Kind* kind = kinds.find(text_of(record, "kind"));
    if (options.format == "yaml") {
        if (kind == nullptr || !record["members"].is_object())
            throw evidence::error(options.id + " was erased: there is nothing to edit");
        if (record.contains("shown_version")) record["version"] = record["shown_version"];
        terminal.out << to_yaml(document_of(record, *kind), *kind);
    } else {
        print_record(record, kind, Names::from(client), terminal);
    }
    return Exit::fine;
}

std::string joined_differences(const json& before, const json& after) {
    std::string names;
    const auto add = [&](const std::string& name) { names += (names.empty() ? "" : ", ") + terminal::printable(name); };
    for (const auto& [name, value] : after.items())
        if (!before.contains(name) || before[name] != value) add(name);
    for (const auto& [name, value] : before.items())
        if (!after.contains(name)) add(name + " (taken away)");
    return names;
}

Exit command_history(const HistoryOptions& options, Client& client, const Terminal& terminal) {
    const json record = fetch_record(client, options.id);
    if (options.format == Format::json) {
        terminal.out << json{{"versions", record["versions"]}, {"approvals", record["approvals"]}}.dump(2) << '\n';
        return Exit::fine;
    }
    const Names names = Names::from(client);
    const json& versions = record["versions"];
    const std::size_t first = versions.size() > most_compared ? versions.size() - most_compared : 0;
    json before = json::object();
    for (std::size_t i = 0; i < versions.size(); ++i) {
        const json& version = versions[i];
        std::string what;
        if (i >= first && record["state"] != "erased") {
            const json members =
                client.get(record_path(options.id), {{"version", version["version"].dump()}})["members"];
            if (members.is_object()) {
                what = i == 0 ? "made" : i == first ? "" : joined_differences(before, members);
                before = members;
            }
        }
        if (version["deleted"] == true) what = "deleted";
        terminal.out << terminal.paint(Colour::bold, "version " + version["version"].dump()) << "  "
                     << short_time(version["at"]) << " UTC  " << names.of(text_of(version, "by")) << ", entry "
                     << version["index"].dump() << '\n'
                     << terminal::wrapped(what, "  ");
        for (const json& approval : record["approvals"])
            if (approval["version"] == version["version"]) {
                terminal.out << "  ";
                print_judgement(approval, names, terminal);
            }
    }
    if (record["state"] == "erased") terminal.out << "erased: what was written is gone, its digests stay in the log\n";
    return Exit::fine;
}

std::string not_a_format(const std::string& text) {
    return text == "text" || text == "yaml" || text == "json" ? std::string{}
                                                              : "expected text, yaml or json, found " + text;
}

}  // namespace

void add_isms_list(Command& isms) {
    auto list = std::make_shared<ListOptions>();
    Command all = isms.add(
        "list", "The records, by step",
        std::string{times_help} +
            "csv and xlsx of a kind have all its members, and are read back by `annexa isms import`.\n\n"
            "Examples:\n  annexa isms list\n  annexa isms list risk\n  annexa isms list documents --format csv\n"
            "  annexa isms list risks --format xlsx --out risks.xlsx\n"
            "  annexa isms list --format json | jq -r '.[] | select(.approval == \"proposed\") | .id'",
        [list](Client& c, const Terminal& t) { return command_list(*list, c, t); });
    all.option("KIND", list->kind, "Of this kind alone; `annexa isms kinds` lists them");
    all.flag("--deleted", list->deleted,
             "Those that were deleted too; without KIND also those that were erased, whose kind is gone with them");
    all.when(list->when);
    static constexpr std::string_view formats[] = {"text", "json", "csv", "xlsx"};
    add_output(all, list->output, formats);

    auto get = std::make_shared<GetOptions>();
    Command one =
        isms.add("get", "A record: its members, who wrote it, who approved it",
                 std::string{times_help} +
                     "yaml is the form in which it can be edited: `annexa isms set R-0042 --file FILE`.\n\nExamples:\n"
                     "  annexa isms get R-0042\n  annexa isms get R-0042 --version 2\n  annexa isms get R-0042 "
                     "--format yaml > risk.yaml",
                 [get](Client& c, const Terminal& t) { return command_get(*get, c, t); });
    one.option("ID", get->id, "The record").required();
    one.option("--version", get->version, "As this version had it; the last without it").shown_as("N");
    one.when(get->when);
    one.option("--format", get->format, "How to print it").shown_as("text|yaml|json").check(not_a_format);

    auto history = std::make_shared<HistoryOptions>();
    Command past = isms.add("history", "A record's versions: who changed what when, and who approved it",
                            "Example:\n  annexa isms history R-0042",
                            [history](Client& c, const Terminal& t) { return command_history(*history, c, t); });
    past.option("ID", history->id, "The record").required();
    past.format(history->format);
}

}  // namespace annexa::cli
