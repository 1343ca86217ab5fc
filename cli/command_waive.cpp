// annexa waive, annexa waivers: exceptions, asked for by one person and approved by another.
#include "cli/command_line.hpp"
#include "cli/text.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

struct WaiveOptions {
    std::string check;
    std::vector<std::string> hosts;
    std::string key, reason, until;
    Format format = Format::text;
};

struct WaiversOptions {
    When when;
    std::string waiver;
    Format format = Format::text;
};

void print_waiver(const json& waiver, const Terminal& terminal) {
    const std::string state = text_of(waiver, "state");
    terminal.out << terminal.paint(Colour::bold, text_of(waiver, "id")) << "  " << text_of(waiver, "check") << "  "
                 << terminal.paint(colour_of(state), state)
                 << (waiver["single_person"] == true ? terminal.paint(Colour::yellow, " by a single person") : "")
                 << '\n';
    std::string hosts;
    for (const json& host : waiver["hosts"]) hosts += (hosts.empty() ? "" : ", ") + text_of(host);
    terminal.out << "  " << (hosts.empty() ? "every host" : "hosts " + hosts) << ", "
                 << (waiver["key"].is_null() ? "every finding" : "finding " + text_of(waiver, "key")) << ", "
                 << until_text(waiver["until"]) << '\n'
                 << terminal::wrapped("because: " + text_of(waiver, "reason"), "  ") << "  asked by "
                 << person(waiver, "asked_by") << ", last decided by " << person(waiver, "decided_by") << ", entry "
                 << waiver["index"].dump() << '\n';
    if (state == "proposed")
        terminal.out << "  it covers nothing until another person approves it: `annexa waivers approve "
                     << text_of(waiver, "id") << "`\n";
}

Exit command_waive(const WaiveOptions& options, Client& client, const Terminal& terminal) {
    json body{{"check", options.check}, {"hosts", options.hosts}, {"reason", options.reason}, {"until", options.until}};
    if (!options.key.empty()) body["key"] = options.key;
    const json waiver = client.post("/api/v1/waivers", body);
    if (options.format == Format::json)
        terminal.out << waiver.dump(2) << '\n';
    else
        print_waiver(waiver, terminal);
    return Exit::fine;
}

Exit command_waivers(const WaiversOptions& options, Client& client, const Terminal& terminal) {
    Arguments arguments;
    options.when.add_to(arguments, terminal.clock);
    const json answer = client.get("/api/v1/waivers", arguments);
    if (options.format == Format::json) {
        terminal.out << answer["waivers"].dump(2) << '\n';
        return Exit::fine;
    }
    if (answer["waivers"].empty()) terminal.out << "no waiver was ever asked for\n";
    for (const json& waiver : answer["waivers"]) print_waiver(waiver, terminal);
    return Exit::fine;
}

Exit command_waiver_decision(const std::string& id, const std::string& decision, Client& client,
                             const Terminal& terminal) {
    print_waiver(client.post("/api/v1/waivers/" + path_segment(id) + "/decision", {{"decision", decision}}), terminal);
    return Exit::fine;
}

}  // namespace

void add_waivers(Command& line) {
    auto o = std::make_shared<WaiveOptions>();
    Command waive = line.add(
        "waive", "Ask that findings of a check be accepted for a time; another person approves",
        "A waiver covers findings, never missing, stale or failed evidence, and is never a pass.\n\nExamples:\n"
        "  annexa waive ssh-root-login --host web-1 --reason 'break-glass access, reviewed weekly' --until 2027-03-31",
        [o](Client& c, const Terminal& t) { return command_waive(*o, c, t); });
    waive.option("CHECK", o->check, "The check").required();
    waive.option("--host", o->hosts, "On this host; may repeat; without it on every host").shown_as("NAME");
    waive.option("--key", o->key, "This finding alone, by its key").shown_as("VALUE");
    waive.option("--reason", o->reason, "Why it is acceptable").required().shown_as("TEXT");
    waive.option("--until", o->until, "Last day, at most a year away").required().shown_as("DATE");
    waive.format(o->format);

    auto list = std::make_shared<WaiversOptions>();
    Command waivers = line.add("waivers", "All waivers; approve, reject or withdraw one",
                               "Examples:\n  annexa waivers\n  annexa waivers approve 0b7c…",
                               [list](Client& c, const Terminal& t) { return command_waivers(*list, c, t); });
    waivers.when(list->when);
    waivers.format(list->format);
    for (const auto& [name, decision, text] :
         {std::tuple{"approve", "approved", "Accept what another person asked for"},
          std::tuple{"reject", "rejected", "Refuse what another person asked for"},
          std::tuple{"withdraw", "withdrawn", "End a waiver before its time"}})
        waivers
            .add(name, text, std::string{"Example:\n  annexa waivers "} + name + " 0b7c…",
                 [list, decision = decision](Client& c, const Terminal& t) {
                     return command_waiver_decision(list->waiver, decision, c, t);
                 })
            .option("ID", list->waiver, "The waiver's id")
            .required();
}

}  // namespace annexa::cli
