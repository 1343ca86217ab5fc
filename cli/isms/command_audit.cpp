// annexa audit: an internal audit from the nonce to the report. Plan, results and sign-off are those of any record.
#include "cli/command_line.hpp"
#include "cli/isms/act.hpp"
#include "cli/isms/assignments.hpp"
#include "cli/isms/commands.hpp"
#include "cli/isms/input_file.hpp"
#include "cli/isms/nonce.hpp"
#include "cli/isms/record_document.hpp"
#include "cli/isms/records.hpp"
#include "cli/isms/report.hpp"
#include "cli/text.hpp"
#include "evidence/digest.hpp"
#include "terminal/columns.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <ostream>

namespace annexa::cli {
namespace {

using evidence::error;
using nlohmann::json;
using terminal::Colour;

struct AuditOptions {
    std::string id, of, name, population, method = "random", by_tag, reason, nonce_file, requirement, result, facts,
                                          why_not, nonconformity;
    std::vector<std::string> kinds, items, entries, records, assignments;
    std::uint64_t size = 0;
    Format format = Format::text;
};

const json& list_in(const json& members, const char* name) {
    static const json none = json::array();
    const auto found = members.find(name);
    return found == members.end() ? none : *found;
}

json fetch_audit(Client& client, const std::string& id) {
    json record = fetch_record(client, id);
    if (record["kind"] != "audit") throw error(id + " is no audit but of the kind " + text_of(record, "kind"));
    if (!record["members"].is_object()) throw error(id + " was erased");
    return record;
}

std::string stage(const json& record) {
    const json& members = record["members"];
    if (members.contains("cancelled")) return "not held";
    if (members.contains("report")) return record["approval"] == "approved" ? "signed off" : "report made";
    if (!list_in(members, "results").empty()) return "results written";
    if (!list_in(members, "samples").empty()) return "samples drawn";
    if (!list_in(members, "populations").empty()) return "population frozen";
    return members.contains("nonce_hash") ? "nonce committed" : "planned";
}

Exit command_list(const AuditOptions& options, Client& client, const Terminal& terminal) {
    const json audits = client.get("/api/v1/isms/records", {{"kind", "audit"}})["records"];
    if (options.format == Format::json) {
        terminal.out << audits.dump(2) << '\n';
        return Exit::fine;
    }
    if (audits.empty()) {
        terminal.out << "no audit is planned; annexa isms set audit title=… programme=R-… requirements=…\n";
        return Exit::fine;
    }
    const Names names = Names::from(client);
    terminal::Columns table;
    table.heads = {"ID", "PERIOD", "STAGE", "AUDITORS", "TITLE"};
    for (const json& audit : audits) {
        const json& members = audit["members"];
        std::string auditors;
        for (const json& each : list_in(members, "auditors"))
            auditors += (auditors.empty() ? "" : ", ") + names.of(text_of(each, "person"));
        table.add({text_of(audit, "id"), text_of(members, "period_from") + " – " + text_of(members, "period_to"),
                   stage(audit), auditors, brief(members["title"])},
                  {Colour::bold});
    }
    terminal.out << table.text(terminal.paint);
    return Exit::fine;
}

void print_samples(const json& members, const Terminal& terminal) {
    for (const json& population : list_in(members, "populations")) {
        terminal.out << "population " << terminal.paint(Colour::bold, text_of(population, "name")) << ": "
                     << population["items"].dump() << " of " << spoken(text_of(population, "of")) << ", frozen "
                     << short_time(population["frozen_at"]) << " UTC, digest " << text_of(population, "digest") << '\n';
        for (const json& sample : list_in(members, "samples")) {
            if (sample["population"] != population["name"]) continue;
            terminal.out << "  draw " << sample["draw"].dump() << ", " << text_of(sample, "method")
                         << (sample.contains("reason") ? ": " + text_of(sample, "reason") : "") << '\n';
            for (const json& item : sample["items"]) terminal.out << "    " << text_of(item) << '\n';
        }
    }
}

Exit command_show(const AuditOptions& options, Client& client, const Terminal& terminal) {
    const json audit = fetch_audit(client, options.id);
    if (options.format == Format::json) {
        terminal.out << audit.dump(2) << '\n';
        return Exit::fine;
    }
    const json& members = audit["members"];
    const Names names = Names::from(client);
    terminal.out << terminal.paint(Colour::bold, options.id + "  " + text_of(members, "title")) << "  " << stage(audit)
                 << '\n';
    for (const char* member :
         {"objective", "scope", "criteria", "requirements", "themes", "period_from", "period_to", "methods"})
        if (members.contains(member))
            terminal.out << terminal::wrapped(spoken(member) + ": " + brief(members[member], 300), "  ");
    for (const json& auditor : list_in(members, "auditors"))
        terminal.out << "  auditor: " << names.of(text_of(auditor, "person")) << '\n';
    for (const json& override : list_in(members, "independence_overrides"))
        terminal.out << terminal::wrapped("independence of " + names.of(text_of(override, "person")) +
                                              " overridden by " + names.of(text_of(override, "by")) + ": " +
                                              text_of(override, "reason"),
                                          "  ");
    print_samples(members, terminal);
    terminal::Columns table;
    table.heads = {"REQUIREMENT", "RESULT", "FACTS"};
    for (const json& result : list_in(members, "results"))
        table.add({text_of(result, "requirement"), spoken(text_of(result, "result")),
                   brief(result.value(result["result"] == "not_examined" ? "why_not" : "facts", json{}), 80)});
    if (!table.rows.empty()) terminal.out << table.text(terminal.paint);
    terminal.out << counted(list_in(members, "evidence_verified").size(), "entry") << " of the log verified\n";
    if (members.contains("report"))
        terminal.out << "report of " << short_time(members["report"]["at"]) << " UTC, digest "
                     << text_of(members["report"], "digest")
                     << (audit["approval"] == "approved"
                             ? ""
                             : "; another person signs off: `annexa isms approve " + options.id + "`")
                     << '\n';
    return Exit::fine;
}

Exit do_act(const AuditOptions& options, const char* action, const json& input, Client& client,
            const Terminal& terminal) {
    const json before = fetch_audit(client, options.id);
    const json after = act(client, options.id, action, input);
    if (options.format == Format::json)
        terminal.out << after.dump(2) << '\n';
    else
        print_deed(before, after, terminal);
    return Exit::fine;
}

Exit command_commit(const AuditOptions& options, Client& client, const Terminal& terminal) {
    fetch_audit(client, options.id);
    const std::string nonce = make_nonce();
    const std::string hash = evidence::sha256(nonce).hex();
    const std::filesystem::path path = nonce_path(options.nonce_file, hash);
    keep_nonce(path, nonce);  // first: a hash without its nonce would draw nothing
    try {
        act(client, options.id, "commit_nonce", {{"nonce_hash", hash}});
    } catch (...) {
        std::filesystem::remove(path);
        throw;
    }
    terminal.out << "the hash of your nonce is logged: " << hash << '\n'
                 << "the nonce is in " << path.string() << "; show it to nobody before the first draw\n";
    return Exit::fine;
}

Exit command_freeze(const AuditOptions& options, Client& client, const Terminal& terminal) {
    json input{{"of", options.of}};
    if (!options.name.empty()) input["name"] = options.name;
    if (!options.kinds.empty()) input["kinds"] = options.kinds;
    return do_act(options, "freeze", input, client, terminal);
}

Exit command_draw(const AuditOptions& options, Client& client, const Terminal& terminal) {
    const json audit = fetch_audit(client, options.id);
    json input{{"population", options.population}, {"method", options.method}};
    if (options.size != 0) input["size"] = options.size;
    if (!options.by_tag.empty()) input["by_tag"] = options.by_tag;
    if (!options.reason.empty()) input["reason"] = options.reason;
    if (!options.items.empty()) input["items"] = options.items;
    for (const json& population : list_in(audit["members"], "populations"))
        if (population["name"] == options.population && !population.contains("nonce") &&
            options.method != "judgemental") {
            const std::string hash = text_of(population, "nonce_hash");
            input["nonce"] = read_nonce(nonce_path(options.nonce_file, hash), hash);
        }
    const json after = act(client, options.id, "draw", input);
    const json& sample = after["members"]["samples"].back();
    if (options.format == Format::json) {
        terminal.out << sample.dump(2) << '\n';
        return Exit::fine;
    }
    for (const json& item : sample["items"]) terminal.out << text_of(item) << '\n';
    return Exit::fine;
}

json numbers(const std::vector<std::string>& texts) {
    json list = json::array();
    for (const std::string& text : texts) {
        std::uint64_t number = 0;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (code != std::errc{} || end != text.data() + text.size())
            throw error("expected the number of an entry of the log, found " + text);
        list.push_back(number);
    }
    return list;
}

/// One result a requirement: a second one takes the place of the first.
Exit command_result(const AuditOptions& options, Client& client, const Terminal& terminal) {
    const json audit = fetch_audit(client, options.id);
    const Kinds kinds = Kinds::from(client);
    json members = *document_of(audit, kinds.get("audit")).members;
    json result{{"requirement", options.requirement}, {"result", options.result}};
    for (const auto& [name, value] :
         {std::pair{"facts", &options.facts}, {"why_not", &options.why_not}, {"nonconformity", &options.nonconformity}})
        if (!value->empty()) result[name] = *value;
    if (!options.entries.empty()) result["evidence"] = numbers(options.entries);
    if (!options.records.empty()) result["records"] = options.records;
    json& results = members["results"];
    if (results.is_null()) results = json::array();
    const auto found = std::find_if(results.begin(), results.end(),
                                    [&](const json& each) { return each["requirement"] == options.requirement; });
    if (found == results.end())
        results.push_back(std::move(result));
    else
        *found = std::move(result);
    const json change{{"record", options.id}, {"base", audit["version"]}, {"members", std::move(members)}};
    const json applied = client.post("/api/v1/isms/changes", {{"changes", json::array({change})}})["applied"][0];
    terminal.out << options.id << " version " << applied["version"].dump() << ": " << options.requirement << " "
                 << spoken(options.result) << '\n';
    return Exit::fine;
}

Exit command_finish(const AuditOptions& options, Client& client, const Terminal& terminal) {
    const Kinds kinds = Kinds::from(client);
    const Action* action = find_action(kinds.get("audit"), "report");
    if (action == nullptr) throw error("this store makes no report of audits");
    json input = json::object();
    assign(input, action->input, options.assignments);
    return do_act(options, "report", input, client, terminal);
}

constexpr const char* course =
    "The course of an audit:\n"
    "  annexa isms set audit title=… programme=R-… requirements=A.8.5,9.1 …   plan it (annexa isms describe audit)\n"
    "  annexa audit commit R-0042                    make a nonce and log its hash\n"
    "  annexa audit freeze R-0042 hosts              freeze what samples are drawn from\n"
    "  annexa audit draw R-0042 hosts --size 5       draw, by nonce and the checkpoint after the freeze\n"
    "  annexa audit verify R-0042 17 23              verify entries of the log on the spot\n"
    "  annexa audit result R-0042 A.8.5 conforming --facts '…' --evidence 17\n"
    "  annexa audit finish R-0042 summary=… conclusion=…\n"
    "  annexa isms approve R-0042                    another person signs off\n"
    "  annexa audit report R-0042 --out report.html\n";

void add_sampling(Command& audit, const std::shared_ptr<AuditOptions>& o) {
    Command commit = audit.add("commit", "Make a nonce, keep it here, and log its hash before the population is frozen",
                               "Example:\n  annexa audit commit R-0042",
                               [o](Client& c, const Terminal& t) { return command_commit(*o, c, t); });
    commit.option("ID", o->id, "The audit").required();
    commit.option("--nonce-file", o->nonce_file, "Where to keep it (mode 0600); without it below ~/.local/state/annexa")
        .shown_as("FILE");
    Command freeze = audit.add(
        "freeze", "Freeze what samples are drawn from, as it was in the audit's period",
        "Examples:\n  annexa audit freeze R-0042 hosts\n  annexa audit freeze R-0042 records --kind risk --name risks",
        [o](Client& c, const Terminal& t) { return command_freeze(*o, c, t); });
    freeze.option("ID", o->id, "The audit").required();
    freeze.option("OF", o->of, "hosts, host_days or records").required().shown_as("hosts|host_days|records");
    freeze.option("--name", o->name, "What samples call it; without it what it is of").shown_as("TEXT");
    freeze.option("--kind", o->kinds, "Of records: of this kind; may repeat").shown_as("KIND");
    freeze.format(o->format);
    Command draw =
        audit.add("draw", "Draw a sample that anybody can draw again; prints what was drawn",
                  "Examples:\n  annexa audit draw R-0042 hosts --size 5\n  annexa audit draw R-0042 hosts --method "
                  "stratified --by-tag environment --size 2\n"
                  "  annexa audit draw R-0042 records --method judgemental --item R-0007 --reason 'the newest'",
                  [o](Client& c, const Terminal& t) { return command_draw(*o, c, t); });
    draw.option("ID", o->id, "The audit").required();
    draw.option("POPULATION", o->population, "From which population").required();
    draw.number("--size", o->size, "How many, of each stratum where there are any", 1, 1000);
    draw.option("--method", o->method, "How; random without it").shown_as("random|stratified|judgemental");
    draw.option("--by-tag", o->by_tag, "stratified: the tag of hosts that makes the strata").shown_as("TAG");
    draw.option("--item", o->items, "judgemental: this one; may repeat").shown_as("ITEM");
    draw.option("--reason", o->reason, "Why these, or why again").shown_as("TEXT");
    draw.option("--nonce-file", o->nonce_file, "Where commit kept the nonce").shown_as("FILE");
    draw.format(o->format);
}

void add_results(Command& audit, const std::shared_ptr<AuditOptions>& o) {
    Command verify = audit.add("verify", "Verify entries of the log on the spot: there, signed, included",
                               "Example:\n  annexa audit verify R-0042 17 23", [o](Client& c, const Terminal& t) {
                                   return do_act(*o, "verify_evidence", {{"evidence", numbers(o->entries)}}, c, t);
                               });
    verify.option("ID", o->id, "The audit").required();
    verify.option("ENTRY", o->entries, "Their numbers").required().shown_as("ENTRY …");
    verify.format(o->format);
    Command result = audit.add(
        "result", "Write what was found for a clause or control; again: instead of what was written",
        "Examples:\n  annexa audit result R-0042 A.8.5 conforming --facts 'root does not sign in' --evidence 17\n"
        "  annexa audit result R-0042 9.1 minor --facts 'nobody measures' --nonconformity R-0050\n"
        "  annexa audit result R-0042 A.7.4 not_examined --why-not 'the site was closed'",
        [o](Client& c, const Terminal& t) { return command_result(*o, c, t); });
    result.option("ID", o->id, "The audit").required();
    result.option("REQUIREMENT", o->requirement, "The clause or control").required();
    result.option("RESULT", o->result, "conforming, minor, major, opportunity or not_examined").required();
    result.option("--facts", o->facts, "What was seen, and what the result rests on").shown_as("TEXT");
    result.option("--why-not", o->why_not, "Why it was not examined").shown_as("TEXT");
    result.option("--evidence", o->entries, "An entry of the log that was looked at; may repeat").shown_as("ENTRY");
    result.option("--record", o->records, "A record that was looked at; may repeat").shown_as("ID");
    result.option("--nonconformity", o->nonconformity, "The nonconformity that was raised").shown_as("ID");
    Command finish =
        audit.add("finish", "Make the report and freeze it; says what is lacking before it can be",
                  std::string{assignments_help} +
                      "Example:\n  annexa audit finish R-0042 summary=@summary.txt conclusion='mostly met'",
                  [o](Client& c, const Terminal& t) { return command_finish(*o, c, t); });
    finish.option("ID", o->id, "The audit").required();
    finish.option("MEMBERS", o->assignments, "NAME=VALUE").shown_as("NAME=VALUE …");
    finish.format(o->format);
    add_report(audit, "The frozen report as a page, verified by its digest",
               "Examples:\n  annexa audit report R-0042 --out report.html\n  annexa audit report R-0042 --format pdf "
               "--out report.pdf");
}

}  // namespace

void add_audit(Command& line) {
    auto o = std::make_shared<AuditOptions>();
    Command audit = line.group("audit", "Internal audits: nonce, population, samples, results, report", course);
    audit
        .add("list", "The audits and how far each has come", "Example:\n  annexa audit list",
             [o](Client& c, const Terminal& t) { return command_list(*o, c, t); })
        .format(o->format);
    Command show = audit.add("show", "An audit: plan, samples, results, report", "Example:\n  annexa audit show R-0042",
                             [o](Client& c, const Terminal& t) { return command_show(*o, c, t); });
    show.option("ID", o->id, "The audit").required();
    show.format(o->format);
    add_sampling(audit, o);
    add_results(audit, o);
}

}  // namespace annexa::cli
