// annexa-agent policy test: the cases of a pack, those with a host through the collectors.
#include "agent/collector_process.hpp"
#include "agent/commands.hpp"
#include "agent/local_collection.hpp"
#include "agent/packs.hpp"
#include "policies/cases.hpp"
#include "terminal/output.hpp"

#include <unistd.h>
#include <ostream>

namespace annexa::agent {

using namespace terminal;
namespace {

/// Runs collectors over one fixture of `--hosts DIR`.
policies::FixtureReader fixture_reader(const std::filesystem::path& hosts) {
    std::error_code problem;
    const std::filesystem::path folder = std::filesystem::canonical(hosts, problem);
    if (problem) throw evidence::error("cannot use the hosts in " + hosts.string() + ": " + problem.message());
    return
        [folder, peer = find_collector_program()](const std::string& fixture, std::span<const std::string> collectors) {
            CollectRequest request;
            request.collectors = expected_collectors({collectors.begin(), collectors.end()});
            request.fixture = folder / fixture;
            if (!std::filesystem::is_directory(*request.fixture))
                throw evidence::error("there is no host " + fixture + " in " + folder.string());
            const Collection collection = collect(peer, request, evidence::SystemClock{});
            if (collection.problem)
                throw evidence::error("cannot collect from the host " + fixture + ": " + *collection.problem);
            return host_evidence(collection);
        };
}

}  // namespace

Exit command_policy_test(const PolicyOptions& options, std::ostream& out, std::ostream&) {
    const policies::FileTree files = policies::read_pack_folder(options.pack);
    const std::vector<policies::Pack> packs = load_packs(std::span{&options.pack, 1});
    const policies::FixtureReader fixtures = options.hosts ? fixture_reader(*options.hosts) : policies::FixtureReader{};
    const policies::CaseReport report =
        policies::run_cases(packs.front(), files, policies::built_in_schemas(), fixtures);
    for (const policies::CaseFailure& failure : report.failures)
        out << (options.pack / failure.text()).string() << '\n';
    const Paint paint = Paint::for_descriptor(STDOUT_FILENO);
    const bool holds = report.failures.empty();
    out << report.checks << " checks, " << report.cases << " cases and " << report.derived << " derived ones";
    if (report.skipped != 0) out << ", " << report.skipped << " skipped (--hosts DIR runs them)";
    out << ": "
        << (holds ? paint(Colour::green, "all hold")
                  : paint(Colour::red, std::to_string(report.failures.size()) + " do not hold"))
        << '\n';
    return holds ? Exit::fine : Exit::findings;
}

}  // namespace annexa::agent
