// annexa-agent check: collect what the checks need, evaluate, print.
#include "agent/commands.hpp"
#include "agent/daily_results.hpp"
#include "agent/local_check.hpp"
#include "agent/local_collection.hpp"
#include "agent/packs.hpp"
#include "policies/schema.hpp"
#include "terminal/output.hpp"

#include <unistd.h>
#include <algorithm>
#include <ostream>

namespace annexa::agent {

using namespace terminal;
namespace {

/// What a misspelt waiver would hide is nothing, but its author believes otherwise.
void name_unknown_waivers(const Configuration& configuration, std::span<const policies::Pack> packs,
                          std::ostream& err) {
    for (const ConfiguredWaiver& waiver : configuration.waivers)
        if (std::none_of(packs.begin(), packs.end(),
                         [&](const policies::Pack& pack) { return pack.find(waiver.check) != nullptr; }))
            err << "annexa-agent: a waiver names the check \"" << printable(waiver.check) << "\", which no pack has\n";
}

Exit ending(const LocalCheck& report) {
    bool fails = false;
    for (const LocalResult& one : report.results) {
        if (policies::is_unknown(one.result.state)) return Exit::incomplete;
        fails = fails || one.result.state == policies::State::fail || one.result.state == policies::State::overdue;
    }
    return fails ? Exit::findings : Exit::fine;
}

/// Of these collectors, what is known from within a day of those that read every file.
std::vector<Collected> recall_daily(const DailyResults& daily, const Configuration& configuration,
                                    const std::set<std::string>& collectors, evidence::Instant now) {
    std::vector<Collected> results;
    for (const std::string& name : collectors) {
        if (!is_deep(name) || configuration.disabled.contains(name)) continue;
        const int version = policies::built_in_schemas().collectors.at(name).version;
        if (auto result = daily.recall(name, version, now)) results.push_back(std::move(*result));
    }
    return results;
}

}  // namespace

Exit command_check(const CheckOptions& options, std::ostream& out, std::ostream& err) {
    const Configuration configuration = local_configuration(options.configuration, options.root);
    const std::vector<policies::Pack> packs = load_packs(options.policies);
    const std::vector<policies::Parameters> parameters = pack_parameters(packs, options.settings);
    const auto selected = select_checks(packs, options.only);
    name_unknown_waivers(configuration, packs, err);

    std::set<std::string> collectors;
    for (const auto& checks : selected)
        for (const policies::Check* check : checks)
            collectors.insert(check->collectors.begin(), check->collectors.end());
    const DailyResults daily{options.root ? std::nullopt : cache_folder()};
    const bool reuse = options.only.empty() && !options.fresh;
    const evidence::Instant begun = evidence::SystemClock{}.now();
    const std::vector<Collected> recalled =
        reuse ? recall_daily(daily, configuration, collectors, begun) : std::vector<Collected>{};
    for (const Collected& result : recalled) collectors.erase(result.collector);
    Collection collection = collect_now(configuration, {collectors.begin(), collectors.end()}, options.root);
    for (const Collected& result : collection.results)
        if (is_deep(result.collector)) daily.remember(result);
    collection.results.insert(collection.results.end(), recalled.begin(), recalled.end());
    if (collection.problem) err << "annexa-agent: " << *collection.problem << '\n';

    std::string host = collection.machine ? collection.machine->host_name : "";
    if (host.empty()) host = options.root ? options.root->string() : "localhost";
    LocalCheck report = check_locally(packs, parameters, selected, collection, configuration.waivers, std::move(host),
                                      evidence::SystemClock{}.now());
    for (const Collected& result : recalled)
        report.daily_since = std::min(report.daily_since.value_or(result.collected_at), result.collected_at);
    if (options.format == Format::json)
        print_check_json(out, report);
    else
        print_check_text(out, report, Paint::for_descriptor(STDOUT_FILENO));
    return ending(report);
}

}  // namespace annexa::agent
