// annexa evidence list|show, annexa log checkpoint: what the log holds, verified on the spot.
#include "cli/command_line.hpp"
#include "cli/text.hpp"
#include "cli/verification.hpp"
#include "evidence/encoding.hpp"
#include "evidence/table.hpp"
#include "terminal/columns.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

struct EvidenceListOptions {
    std::string host;
    std::string before;
    std::uint64_t limit = 50;
    Format format = Format::text;
};

struct EvidenceShowOptions {
    std::string index;
    bool tables = true;
    Format format = Format::text;
};

/// Says what is wrong with the number of an entry.
std::string not_a_number(const std::string& text) {
    const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    return digits ? std::string{} : "expected the number of an entry, found " + text;
}

std::vector<evidence::Digest> digests_of(const json& list) {
    std::vector<evidence::Digest> digests;
    for (const json& text : list)
        digests.push_back(evidence::Digest::from_bytes(evidence::from_base64(text.get<std::string>())));
    return digests;
}

ProvedEntry entry_of(const json& answer) {
    // The store's own bytes in canonical form: what was hashed into the log.
    return {answer.at("index").get<std::uint64_t>(), evidence::parse_entry(answer.at("envelope").dump()),
            digests_of(answer.at("inclusion_proof"))};
}

/// A table that was named, as the store gave it and as it was judged.
struct ShownTable {
    evidence::TableRef ref;
    std::string bytes;  // empty: the store no longer has it
    Finding finding;
};

std::vector<ShownTable> fetch_tables(const evidence::Statement& statement, Client& client) {
    std::vector<ShownTable> tables;
    for (const evidence::TableRef& ref : evidence::named_tables(statement)) {
        ShownTable table{ref, {}, {false, "table " + ref.name + ": the store no longer holds its bytes"}};
        try {
            table.bytes = client.download("/api/v1/blobs/" + ref.digest.hex());
            table.finding = verify_table(ref, table.bytes);
        } catch (const refused& problem) {
            if (problem.code() != "not_found") throw;
        }
        tables.push_back(std::move(table));
    }
    return tables;
}

void print_finding(const Finding& finding, const Terminal& terminal) {
    const std::string mark =
        finding.holds ? terminal.paint(Colour::green, "verified") : terminal.paint(Colour::red, "DOES NOT HOLD");
    terminal.out << "  " << mark << "  " << terminal::printable(finding.what) << '\n';
}

void print_statement(const evidence::Statement& statement, const json& answer, const Terminal& terminal) {
    terminal.out << terminal.paint(Colour::bold, "Statement " + std::to_string(statement.sequence) + " of " +
                                                     terminal::printable(statement.host.name))
                 << "  host " << statement.host.id << '\n'
                 << "  made " << short_time(evidence::to_string(statement.made_at)) << " UTC by annexa-agent "
                 << terminal::printable(statement.agent.version) << ", logged "
                 << short_time(answer["statement"]["logged_at"]) << " UTC; follows "
                 << statement.previous.hex().substr(0, 16) << "; its agent had verified the log up to entry "
                 << statement.log.head.size << '\n';
    terminal::Columns table;
    table.heads = {"  COLLECTOR", "STATUS", "COLLECTED", "TABLES"};
    for (const evidence::Result& result : statement.results) {
        if (result.same_as) {
            table.add({"  " + terminal::printable(result.collector), "as in " + std::to_string(*result.same_as),
                       short_time(evidence::to_string(result.collected_at)), ""});
            continue;
        }
        std::string names;
        for (const evidence::TableRef& ref : result.tables)
            if (!ref.name.starts_with("sources_")) names += (names.empty() ? "" : " ") + ref.name;
        std::string status{evidence::status_name(result.status)};
        const Colour colour = status == "ok" ? Colour::none : Colour::yellow;
        if (result.reason) status += " (" + std::string{evidence::reason_code(*result.reason)} + ")";
        table.add({"  " + terminal::printable(result.collector), spoken(status),
                   short_time(evidence::to_string(result.collected_at)), terminal::printable(names)},
                  {Colour::none, colour, Colour::none, Colour::dim});
    }
    terminal.out << table.text(terminal.paint);
}

json findings_json(const std::vector<Finding>& findings) {
    json list = json::array();
    for (const Finding& finding : findings) list.push_back({{"holds", finding.holds}, {"what", finding.what}});
    return list;
}

Exit command_evidence_list(const EvidenceListOptions& options, Client& client, const Terminal& terminal) {
    const json answer =
        client.get("/api/v1/evidence",
                   {{"host", options.host}, {"before", options.before}, {"limit", std::to_string(options.limit)}});
    if (options.format == Format::json) {
        terminal.out << answer["evidence"].dump(2) << '\n';
        return Exit::fine;
    }
    terminal::Columns table;
    table.heads = {"ENTRY", "HOST", "STATEMENT", "MADE", "LOGGED", "RESULTS", "REMARKS"};
    for (const json& statement : answer["evidence"]) {
        const json& results = statement["results"];
        std::string text = results["ok"].dump() + " ok";
        if (results["not_applicable"] != 0) text += ", " + results["not_applicable"].dump() + " not applicable";
        if (results["error"] != 0) text += ", " + results["error"].dump() + " error";
        std::string remarks;
        for (const json& remark : statement["remarks"]) remarks += (remarks.empty() ? "" : " ") + text_of(remark);
        table.add({statement["index"].dump(), text_of(statement, "host_name"), statement["sequence"].dump(),
                   short_time(statement["made_at"]), short_time(statement["logged_at"]), text, remarks},
                  {Colour::bold, Colour::none, Colour::none, Colour::none, Colour::none,
                   results["error"] != 0 ? Colour::yellow : Colour::none, Colour::red});
    }
    terminal.out << table.text(terminal.paint);
    if (answer["next"].is_number())
        terminal.out << "older: `annexa evidence list --before " << answer["next"].dump() << "`\n";
    return Exit::fine;
}

Exit command_evidence_show(const EvidenceShowOptions& options, Client& client, const Terminal& terminal) {
    const json answer = client.get("/api/v1/evidence/" + path_segment(options.index));
    const ProvedEntry entry = entry_of(answer);
    const std::optional<ProvedEntry> enrolment =
        answer.contains("enrolment") ? std::optional{entry_of(answer["enrolment"])} : std::nullopt;
    const auto record_key =
        evidence::PublicKey::from_spki(evidence::from_base64(answer.at("record_key").get<std::string>()));
    Verified verified =
        verify_entry(entry, enrolment, record_key, answer.at("checkpoint").get<std::string>(), client.token().log);
    std::vector<ShownTable> tables;
    if (verified.statement && options.tables) tables = fetch_tables(*verified.statement, client);
    for (const ShownTable& table : tables) verified.findings.push_back(table.finding);

    if (options.format == Format::json) {
        json shown = json::array();
        for (const ShownTable& table : tables)
            shown.push_back({{"name", table.ref.name},
                             {"sha256", table.ref.digest.hex()},
                             {"holds", table.finding.holds},
                             {"table", table.finding.holds ? json::parse(table.bytes) : json(nullptr)}});
        const json payload = json::parse(entry.envelope.payload, nullptr, false);
        terminal.out << json{{"index", entry.index},
                             {"verified", verified.all_hold()},
                             {"findings", findings_json(verified.findings)},
                             {"type", answer["type"]},
                             {"statement", payload.is_discarded() ? json(nullptr) : payload},
                             {"envelope", answer["envelope"]},
                             {"inclusion_proof", answer["inclusion_proof"]},
                             {"checkpoint", answer["checkpoint"]},
                             {"tables", std::move(shown)}}
                            .dump(2, ' ', false, json::error_handler_t::replace)
                     << '\n';
        return verified.all_hold() ? Exit::fine : Exit::findings;
    }
    if (verified.statement)
        print_statement(*verified.statement, answer, terminal);
    else
        terminal.out << terminal.paint(Colour::bold, "Record, entry " + std::to_string(entry.index)) << "  "
                     << text_of(answer, "type") << '\n'
                     << "  " << terminal::printable(entry.envelope.payload) << '\n';
    terminal.out << '\n';
    for (const Finding& finding : verified.findings) print_finding(finding, terminal);
    for (const ShownTable& shown : tables) {
        if (!shown.finding.holds || shown.ref.name.starts_with("sources_")) continue;
        const evidence::Table table = evidence::parse_table(shown.ref.name, shown.bytes).table;
        terminal.out << '\n'
                     << terminal.paint(Colour::bold, shown.ref.name) << "  " << counted(table.rows.size(), "row")
                     << '\n';
        terminal::print_aligned(terminal.out, table, terminal.paint);
    }
    terminal.out << '\n'
                 << (verified.all_hold()
                         ? terminal.paint(Colour::green, "All of it holds.")
                         : terminal.paint(
                               Colour::red,
                               "Not all of it holds: do not rely on this entry, and ask who runs the store why."))
                 << '\n';
    return verified.all_hold() ? Exit::fine : Exit::findings;
}

Exit command_log_checkpoint(Client& client, const Terminal& terminal) {
    const std::string note = client.download("/log/checkpoint");
    const evidence::Checkpoint checkpoint = evidence::open_checkpoint(note, client.token().log);
    terminal.out << note;
    terminal.err << "verified: " << checkpoint.head.size << " entries, signed by the log key that the token names\n";
    return Exit::fine;
}

}  // namespace

void add_evidence(Command& line) {
    auto o = std::make_shared<EvidenceListOptions>();
    auto entry = std::make_shared<EvidenceShowOptions>();
    Command evidence = line.group("evidence", "What the log holds, verified on the spot");
    Command list =
        evidence.add("list", "Statements, the newest first", "Examples:\n  annexa evidence list --host web-1",
                     [o](Client& c, const Terminal& t) { return command_evidence_list(*o, c, t); });
    list.option("--host", o->host, "Of this host alone").shown_as("NAME");
    list.option("--before", o->before, "Older than this entry").shown_as("ENTRY").check(not_a_number);
    list.number("--limit", o->limit, "So many at most", 1, 1000);
    list.format(o->format);
    Command show =
        evidence.add("show", "An entry: statement, tables, signature and inclusion proof, each verified",
                     "Exit status: 0 all of it holds, 1 something does not, 2 it could not be looked "
                     "at.\n\nExamples:\n  annexa evidence show 17\n  annexa evidence show 17 --no-tables --format json",
                     [entry](Client& c, const Terminal& t) { return command_evidence_show(*entry, c, t); });
    show.option("ENTRY", entry->index, "Its number in the log").required().check(not_a_number);
    show.flag("!--no-tables", entry->tables, "Leave the tables out");
    show.format(entry->format);
    Command log = line.group("log", "The append-only log");
    log.add("checkpoint", "The newest checkpoint, verified with the log key that the token names",
            "Example:\n  annexa log checkpoint > checkpoint.txt",
            [](Client& c, const Terminal& t) { return command_log_checkpoint(c, t); });
}

}  // namespace annexa::cli
