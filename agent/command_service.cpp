// annexa-agent run, status and collect-now: the service, and how to talk to it.
#include "agent/commands.hpp"
#include "agent/local_collection.hpp"
#include "agent/local_socket.hpp"
#include "agent/service.hpp"
#include "agent/status.hpp"
#include "terminal/output.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>
#include <ostream>

namespace annexa::agent {
namespace {

constexpr std::chrono::seconds for_status{5};
constexpr std::chrono::minutes for_collecting{30};

Exit show(const std::string& json, Format format, std::ostream& out) {
    const nlohmann::json status = nlohmann::json::parse(json);
    if (status.contains("error")) throw evidence::error(status["error"].get<std::string>());
    if (format == Format::json)
        out << json << '\n';
    else
        print_status(out, json, terminal::Paint::for_descriptor(STDOUT_FILENO));
    for (const auto& condition : status["conditions"])
        if (condition["severity"] == "error") return Exit::findings;
    return Exit::fine;
}

}  // namespace

Exit command_run(const ServiceOptions& options, std::ostream&, std::ostream&) {
    const auto read = [&] { return local_configuration(options.configuration, std::nullopt); };
    const Configuration configuration = read();
    Log log{configuration.log_level};
    run_service(configuration, read, log, evidence::SystemClock{});
    return Exit::fine;
}

Exit command_status(const ServiceOptions& options, std::ostream& out, std::ostream&) {
    const Configuration configuration = local_configuration(options.configuration, std::nullopt);
    const auto answer = ask_service(configuration.socket, "status", for_status);
    return show(answer ? *answer : status_json(offline_status(configuration, evidence::SystemClock{}.now())),
                options.format, out);
}

Exit command_collect_now(const ServiceOptions& options, std::ostream& out, std::ostream&) {
    const Configuration configuration = local_configuration(options.configuration, std::nullopt);
    const auto answer = ask_service(configuration.socket, "collect-now", for_collecting);
    if (!answer)
        throw evidence::error("the service is not running (nobody listens at " + configuration.socket.string() + ")");
    return show(*answer, options.format, out);
}

}  // namespace annexa::agent
