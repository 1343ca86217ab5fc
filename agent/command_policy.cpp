// annexa-agent policy check|list.
#include "agent/commands.hpp"
#include "agent/packs.hpp"
#include "terminal/output.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>
#include <ostream>

namespace annexa::agent {

using namespace terminal;

using nlohmann::ordered_json;

Exit command_policy_check(const PolicyOptions& options, std::ostream& out, std::ostream& err) {
    const std::vector<std::string> problems = pack_problems(options.pack);
    for (const std::string& problem : problems) err << problem << '\n';
    if (problems.empty()) out << options.pack.string() << ": valid\n";
    return problems.empty() ? Exit::fine : Exit::findings;
}

Exit command_policy_list(const PolicyOptions& options, std::ostream& out, std::ostream&) {
    const std::vector<policies::Pack> packs =
        options.pack.empty() ? load_packs({}) : load_packs(std::span{&options.pack, 1});
    if (options.format == Format::json) {
        ordered_json all = ordered_json::array();
        for (const policies::Pack& pack : packs) {
            ordered_json checks = ordered_json::array();
            for (const policies::Check& check : pack.checks) {
                ordered_json controls = ordered_json::array();
                for (const policies::ControlLink& link : check.controls)
                    controls.push_back({{"id", link.id}, {"strength", policies::strength_name(link.strength)}});
                checks.push_back({{"check", check.id},
                                  {"title", check.title},
                                  {"topic", check.topic},
                                  {"severity", policies::severity_name(check.severity)},
                                  {"default", check.on_by_default ? "on" : "off"},
                                  {"controls", controls}});
            }
            all.push_back(
                {{"pack", pack.name}, {"version", pack.version}, {"sha256", pack.digest.hex()}, {"checks", checks}});
        }
        out << all.dump(1) << '\n';
        return Exit::fine;
    }
    const Paint paint = Paint::for_descriptor(STDOUT_FILENO);
    for (const policies::Pack& pack : packs) {
        out << paint(Colour::bold, pack.name + " " + pack.version) << "  " << pack.title << "  sha256 "
            << pack.digest.hex() << "\n\n";
        evidence::Table list{"", {}, {}};
        for (const char* column : {"check", "severity", "default", "controls", "title"})
            list.columns.push_back({column, evidence::Type::text});
        for (const policies::Check& check : pack.checks) {
            std::string controls;
            for (const policies::ControlLink& link : check.controls)
                controls += (controls.empty() ? "" : ", ") + link.id +
                            (link.strength == policies::Strength::partial ? " (partial)" : "");
            list.rows.push_back({check.id, std::string{policies::severity_name(check.severity)},
                                 std::string{check.on_by_default ? "on" : "off"}, controls, check.title});
        }
        print_aligned(out, list, paint);
    }
    return Exit::fine;
}

}  // namespace annexa::agent
