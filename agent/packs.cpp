#include "agent/packs.hpp"

#include <algorithm>

namespace annexa::agent {
namespace {

std::vector<std::string> lines_of(const policies::pack_errors& problems, const std::filesystem::path& folder) {
    std::vector<std::string> lines;
    for (const policies::PackError& problem : problems.errors()) lines.push_back((folder / problem.text()).string());
    return lines;
}

}  // namespace

std::vector<std::string> pack_problems(const std::filesystem::path& folder) {
    try {
        policies::load_pack(policies::read_pack_folder(folder), policies::built_in_schemas());
    } catch (const policies::pack_errors& problems) {
        return lines_of(problems, folder);
    }
    return {};
}

std::vector<policies::Pack> load_packs(std::span<const std::filesystem::path> folders) {
    std::vector<policies::Pack> packs;
    if (folders.empty())
        packs.push_back(policies::load_pack(policies::linux_baseline_files(), policies::built_in_schemas()));
    for (const std::filesystem::path& folder : folders) {
        try {
            packs.push_back(policies::load_pack(policies::read_pack_folder(folder), policies::built_in_schemas()));
        } catch (const policies::pack_errors& problems) {
            std::string text = "the pack " + folder.string() + " is not valid:";
            for (const std::string& line : lines_of(problems, folder)) text += "\n" + line;
            throw evidence::error(text);
        }
    }
    return packs;
}

std::vector<policies::Parameters> pack_parameters(std::span<const policies::Pack> packs,
                                                  std::span<const std::string> settings) {
    std::vector<policies::Parameters> all;
    for (const policies::Pack& pack : packs) all.push_back(pack.default_parameters());
    for (const std::string& setting : settings) {
        const std::size_t equals = setting.find('=');
        if (equals == std::string::npos || equals == 0)
            throw evidence::error("--set expects PARAMETER=VALUE, found \"" + setting + "\"");
        const std::string name = setting.substr(0, equals);
        bool known = false;
        for (std::size_t i = 0; i < packs.size(); ++i) {
            const auto found = packs[i].parameters.find(name);
            if (found == packs[i].parameters.end()) continue;
            all[i][name] = policies::parse_parameter(found->second, std::string_view{setting}.substr(equals + 1));
            known = true;
        }
        if (known) continue;
        std::string names;
        for (const policies::Pack& pack : packs)
            for (const auto& [other, unused] : pack.parameters) names += (names.empty() ? "" : ", ") + other;
        throw evidence::error("no pack has a parameter \"" + name + "\"; there are " +
                              (names.empty() ? "none" : names));
    }
    return all;
}

}  // namespace annexa::agent
