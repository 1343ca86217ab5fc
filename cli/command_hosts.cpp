// annexa hosts: who reports, and what each host says.
#include "cli/command_line.hpp"
#include "cli/text.hpp"
#include "terminal/columns.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

struct HostsOptions {
    When when;
    std::string acknowledged;
    Format format = Format::text;
};

Exit command_hosts(const HostsOptions& options, Client& client, const Terminal& terminal) {
    Arguments arguments;
    options.when.add_to(arguments, terminal.clock);
    const json answer = client.get("/api/v1/hosts", arguments);
    if (options.format == Format::json) {
        terminal.out << answer["hosts"].dump(2) << '\n';
        return Exit::fine;
    }
    if (answer["hosts"].empty()) {
        terminal.out << "no host is enrolled: `annexa-server token create --role agent`, then `annexa-agent enroll` on "
                        "a server\n";
        return Exit::fine;
    }
    terminal::Columns table;
    table.heads = {"HOST", "LAST SEEN", "OVERDUE", "FAIL", "PASS", "UNKNOWN", "ENROLMENT", "ID"};
    for (const json& host : answer["hosts"]) {
        const json& states = host["states"];
        const std::size_t unknown = states["missing"].get<std::size_t>() + states["error"].get<std::size_t>() +
                                    states["stale"].get<std::size_t>() + states["deleted"].get<std::size_t>();
        const std::string enrolment = text_of(host, "enrolment");
        table.add(
            {text_of(host, "name"), short_time(host["last_seen"]), states["overdue"].dump(), states["fail"].dump(),
             states["pass"].dump(), std::to_string(unknown), spoken(enrolment), text_of(host, "id")},
            {Colour::bold, Colour::none, states["overdue"] != 0 ? Colour::red : Colour::none,
             states["fail"] != 0 ? Colour::red : Colour::none, Colour::none,
             unknown != 0 ? Colour::yellow : Colour::none, enrolment == "active" ? Colour::none : Colour::red,
             Colour::dim});
    }
    terminal.out << table.text(terminal.paint);
    for (const json& host : answer["hosts"])
        for (const json& alarm : host["alarms"])
            terminal.out << terminal.paint(Colour::red,
                                           "! " + text_of(host, "name") + ": " + spoken(text_of(alarm, "code")))
                         << ": " << text_of(alarm, "text") << "; `annexa hosts acknowledge " << text_of(host, "name")
                         << "` once it is understood\n";
    return Exit::fine;
}

Exit command_acknowledge(const std::string& host, Client& client, const Terminal& terminal) {
    const json answer = client.post("/api/v1/hosts/" + path_segment(host) + "/acknowledgement", json::object());
    terminal.out << "acknowledged what " << terminal::printable(host) << " said up to entry " << answer["up_to"].dump()
                 << '\n';
    return Exit::fine;
}

}  // namespace

void add_hosts(Command& line) {
    auto o = std::make_shared<HostsOptions>();
    Command hosts = line.add("hosts", "The hosts in scope: when each last reported, and what needs a person",
                             std::string{times_help} +
                                 "Examples:\n  annexa hosts\n  annexa hosts --format json | jq -r '.[] | "
                                 "select(.states.missing > 0) | .name'\n  annexa hosts acknowledge web-1",
                             [o](Client& c, const Terminal& t) { return command_hosts(*o, c, t); });
    hosts.when(o->when);
    hosts.format(o->format);
    hosts
        .add("acknowledge",
             "You have understood what a host said of itself (lost results, a restored snapshot, an alarm)",
             "Example:\n  annexa hosts acknowledge web-1",
             [o](Client& c, const Terminal& t) { return command_acknowledge(o->acknowledged, c, t); })
        .option("HOST", o->acknowledged, "Name or id")
        .required();
}

}  // namespace annexa::cli
