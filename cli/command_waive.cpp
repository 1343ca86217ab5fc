// annexa waive, annexa waivers: exceptions, asked for by one person and approved by another.
#include "cli/commands.hpp"
#include "cli/text.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

void print_waiver(const json& waiver, const Terminal& terminal) {
    const std::string state = text_of(waiver, "state");
    terminal.out << terminal.paint(Colour::bold, text_of(waiver, "id")) << "  " << text_of(waiver, "check") << "  " << terminal.paint(colour_of(state), state)
                 << (waiver["single_person"] == true ? terminal.paint(Colour::yellow, " by a single person") : "") << '\n';
    std::string hosts;
    for (const json& host : waiver["hosts"]) hosts += (hosts.empty() ? "" : ", ") + text_of(host);
    terminal.out << "  " << (hosts.empty() ? "every host" : "hosts " + hosts) << ", " << (waiver["key"].is_null() ? "every finding" : "finding " + text_of(waiver, "key"))
                 << ", " << until_text(waiver["until"]) << '\n'
                 << terminal::wrapped("because: " + text_of(waiver, "reason"), "  ")
                 << "  asked by " << person(waiver, "asked_by") << ", last decided by " << person(waiver, "decided_by") << ", entry " << waiver["index"].dump() << '\n';
    if (state == "proposed")
        terminal.out << "  it covers nothing until another person approves it: `annexa waivers approve " << text_of(waiver, "id") << "`\n";
}

}  // namespace

Exit command_waive(const WaiveOptions& options, Client& client, const Terminal& terminal) {
    json body{{"check", options.check}, {"hosts", options.hosts}, {"reason", options.reason}, {"until", options.until}};
    if (!options.key.empty()) body["key"] = options.key;
    const json waiver = client.post("/api/v1/waivers", body);
    if (options.format == Format::json) terminal.out << waiver.dump(2) << '\n';
    else print_waiver(waiver, terminal);
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

Exit command_waiver_decision(const std::string& id, const std::string& decision, Client& client, const Terminal& terminal) {
    print_waiver(client.post("/api/v1/waivers/" + path_segment(id) + "/decision", {{"decision", decision}}), terminal);
    return Exit::fine;
}

}  // namespace annexa::cli
