// annexa isms import: what stands in a sheet into records, all of it or nothing.
#include "cli/command_line.hpp"
#include "cli/isms/commands.hpp"
#include "cli/isms/record_sheet.hpp"
#include "cli/isms/records.hpp"
#include "cli/isms/sheet_import.hpp"
#include "cli/isms/statement.hpp"
#include "cli/sheets/file.hpp"
#include "cli/text.hpp"
#include "evidence/errors.hpp"
#include "terminal/columns.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

constexpr std::size_t most_changes = 2000;  // of one request
constexpr std::size_t most_printed = 200;

struct ImportOptions {
    std::string file, as, sheet;
    std::vector<std::string> mappings;
    bool dry_run = false;
    Format format = Format::text;
};

const Kind& kind_of(const Kinds& kinds, const std::string& word) {
    return kinds.get(word == "soa" ? "applicability" : word);
}

/// What is kept, and above it what is said now. A heading that is said must be there; one that was kept need not.
ColumnMapping merged(const ColumnMapping& said, ColumnMapping kept) {
    for (const auto& [theirs, ours] : said) kept.insert_or_assign(theirs, ours);
    return kept;
}

void demand_used(const ColumnMapping& said, const ColumnMapping& used) {
    for (const auto& [theirs, ours] : said)
        if (!used.contains(theirs)) throw evidence::error("--map: there is no column \"" + theirs + "\" in the header");
}

/// What the store refuses comes with the record and member of each problem; a refusal of the whole has none.
std::vector<SheetProblem> problems_of(const refused& refusal, const ImportedSheet& imported) {
    std::vector<SheetProblem> problems;
    for (const Misfit& misfit : refusal.misfits())
        problems.push_back(locate(imported, misfit.record, misfit.path, misfit.message));
    return problems;
}

std::string place_of(const SheetProblem& problem) {
    std::string text = problem.row == 0 ? "the sheet" : "row " + std::to_string(problem.row);
    if (!problem.heading.empty()) text += ", column \"" + problem.heading + "\"";
    if (!problem.cell.empty()) text += " (" + problem.cell + ")";
    return text;
}

void print_problems(const std::vector<SheetProblem>& problems, const ImportOptions& options, const Terminal& terminal) {
    for (std::size_t i = 0; i < std::min(problems.size(), most_printed); ++i)
        terminal.err << terminal::printable(options.file + ": " + place_of(problems[i]) + ": " + problems[i].message)
                     << '\n';
    if (problems.size() > most_printed)
        terminal.err << "and " << problems.size() - most_printed << " more; --format json has all of them\n";
}

/// In one line, its line breaks to be seen.
std::string in_one_line(const std::string& text) {
    std::string line;
    for (const char each : text) line += each == '\n' ? std::string{" ↵ "} : std::string(1, each);
    return line;
}

void print_differences(const std::vector<CellDifference>& differences, const Terminal& terminal) {
    terminal::Columns table;
    table.heads = {"CELL", "RECORD", "OF", "MEMBER", "FROM", "TO"};
    for (const CellDifference& each : differences)
        table.add({each.cell, each.record.empty() ? "new" : each.record, brief(each.name, 30), each.member,
                   brief(in_one_line(each.from), 40), brief(in_one_line(each.to))},
                  {Colour::none, each.record.empty() ? Colour::green : Colour::none});
    if (!differences.empty()) terminal.out << table.text(terminal.paint);
}

json to_json(const ImportedSheet& imported, const std::vector<SheetProblem>& problems, const ImportOptions& options,
             const json& applied) {
    json differences = json::array();
    for (const CellDifference& each : imported.differences)
        differences.push_back({{"row", each.row},
                               {"cell", each.cell},
                               {"record", each.record.empty() ? json(nullptr) : json(each.record)},
                               {"name", each.name},
                               {"member", each.member},
                               {"from", each.from},
                               {"to", each.to}});
    json list = json::array();
    for (const SheetProblem& each : problems)
        list.push_back({{"row", each.row == 0 ? json(nullptr) : json(each.row)},
                        {"cell", each.cell.empty() ? json(nullptr) : json(each.cell)},
                        {"column", each.heading.empty() ? json(nullptr) : json(each.heading)},
                        {"message", each.message}});
    return {{"file", options.file},       {"as", options.as}, {"dry_run", options.dry_run}, {"rows", imported.rows},
            {"differences", differences}, {"problems", list}, {"applied", applied}};
}

/// Ends the command: nothing of it was applied.
[[noreturn]] void refuse(const ImportedSheet& imported, const std::vector<SheetProblem>& problems,
                         const ImportOptions& options, const Terminal& terminal) {
    if (options.format == Format::json)
        terminal.out << to_json(imported, problems, options, json::array()).dump(2) << '\n';
    else
        print_problems(problems, options, terminal);
    terminal.out.flush();
    throw evidence::error(options.file + ": " + counted(problems.size(), "problem") + ", nothing was imported");
}

json send(const ImportedSheet& imported, const ImportOptions& options, Client& client, const Terminal& terminal) {
    if (imported.changes->empty()) return json::array();
    if (imported.changes->size() > most_changes)
        throw evidence::error(options.file + ": changes " + std::to_string(imported.changes->size()) +
                              " records, and at most 2,000 are changed at once; split it into several files");
    try {
        return client.post("/api/v1/isms/changes", {{"changes", *imported.changes}, {"dry_run", options.dry_run}})
            .at("applied");
    } catch (const refused& refusal) {
        const std::vector<SheetProblem> problems = problems_of(refusal, imported);
        if (problems.empty()) throw;
        refuse(imported, problems, options, terminal);
    }
}

void print_summary(const ImportedSheet& imported, const json& applied, const ImportOptions& options,
                   const Terminal& terminal) {
    std::size_t made = 0;
    for (const json& one : applied)
        if (one.at("created").get<bool>()) ++made;
    if (applied.empty()) {
        terminal.out << "no difference in " << counted(imported.rows, "row") << '\n';
        return;
    }
    terminal.err << counted(imported.rows, "row") << ": " << counted(applied.size() - made, "record")
                 << (options.dry_run ? " would change, " : " changed, ") << made
                 << (options.dry_run ? " would be new; nothing was written" : " new") << '\n';
}

void keep(const ColumnMapping& said, const std::string& kind, const Terminal& terminal) {
    try {
        keep_mapping(mapping_path(), kind, said);
    } catch (const evidence::error& problem) {
        terminal.err << problem.what() << '\n';
    }
}

Exit command_import(const ImportOptions& options, Client& client, const Terminal& terminal) {
    const Kinds kinds = Kinds::from(client);
    const Kind& kind = kind_of(kinds, options.as);
    const ColumnMapping said = parse_mapping(options.mappings);
    const ColumnMapping mapping = merged(said, kept_mapping(mapping_path(), kind.name));
    const sheets::Sheet sheet = sheets::read_file(options.file, options.sheet);
    const json records = client.get("/api/v1/isms/records", {{"deleted", "yes"}})["records"];
    const std::vector<sheets::Column> columns =
        kind.name == "applicability" ? statement_columns(kind) : record_columns(kind);
    ImportedSheet imported;
    try {
        const auto members_at = [&](const std::string& id, std::uint64_t version) {
            return client.get(record_path(id), {{"version", std::to_string(version)}}).at("members");
        };
        imported = import_sheet(sheet, {kind, columns, records, mapping, members_at});
        demand_used(said, imported.mapping_used);
    } catch (const evidence::error& problem) {
        throw evidence::error(
            options.file +
            terminal::printable((sheet.name.empty() ? "" : ", sheet \"" + sheet.name + "\"") + ": " + problem.what()));
    }
    keep(said, kind.name, terminal);
    for (const auto& [theirs, ours] : imported.mapping_used)
        if (!said.contains(theirs))
            terminal.err << "column \"" << terminal::printable(theirs) << "\" is "
                         << (ours.empty() ? "left out" : "`" + ours + "`") << ", as an earlier --map said\n";
    if (!imported.problems.empty()) refuse(imported, imported.problems, options, terminal);
    const json applied = send(imported, options, client, terminal);
    if (options.format == Format::json) {
        terminal.out << to_json(imported, {}, options, applied).dump(2) << '\n';
    } else {
        print_differences(imported.differences, terminal);
        print_summary(imported, applied, options, terminal);
    }
    return Exit::fine;
}

}  // namespace

void add_isms_import(Command& isms) {
    auto o = std::make_shared<ImportOptions>();
    Command import = isms.add(
        "import", "Records from a sheet, .xlsx or CSV in UTF-8: what differs is changed, all of it or nothing",
        "A row is a record, told by its id, else by its title (a control by its number). An empty cell takes a member "
        "away;\n"
        "members without a column and records without a row stay. Where one row is wrong, nothing is imported.\n"
        "--map is kept for the next import of the same kind, in columns.json beside annexa's configuration.\n\n"
        "Examples:\n  annexa isms import soa.xlsx --as soa --dry-run\n"
        "  annexa isms import register.csv --as risks --map 'Risk name=title' --map 'Nr=' --dry-run\n"
        "  annexa isms list assets --format xlsx --out assets.xlsx && annexa isms import assets.xlsx --as assets",
        [o](Client& c, const Terminal& t) { return command_import(*o, c, t); });
    import.option("FILE", o->file, "A workbook (.xlsx), or CSV").required();
    import
        .option("--as", o->as,
                "What a row is: soa, risks, assets, documents, actions, people, suppliers, or another of `annexa isms "
                "kinds`")
        .shown_as("KIND")
        .required();
    import
        .option("--map", o->mappings,
                "Their column is this member; nothing after the sign leaves the column out; may repeat")
        .shown_as("THEIRS=OURS");
    import.option("--sheet", o->sheet, "This sheet of the workbook; the first one without it").shown_as("NAME");
    import.flag("--dry-run", o->dry_run, "Only say what would differ, and what is wrong");
    import.format(o->format);
}

}  // namespace annexa::cli
