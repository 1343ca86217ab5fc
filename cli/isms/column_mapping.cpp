#include "cli/isms/column_mapping.hpp"

#include "cli/configuration.hpp"
#include "cli/isms/cells.hpp"
#include "cli/isms/input_file.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

namespace annexa::cli {
namespace {

using nlohmann::json;

json read_all(const std::filesystem::path& path) {
    if (path.empty() || !std::filesystem::exists(path)) return json::object();
    const std::string how = path.string() + ": expected what an import with --map wrote there; remove the file";
    try {
        json all = evidence::parse_json(read_input(path.string()));
        if (!all.is_object()) throw evidence::error(how);
        for (const auto& [kind, columns] : all.items()) {
            if (!columns.is_object()) throw evidence::error(how);
            for (const auto& [theirs, ours] : columns.items())
                if (!ours.is_string()) throw evidence::error(how);
        }
        return all;
    } catch (const evidence::format_error&) {
        throw evidence::error(how);
    }
}

}  // namespace

ColumnMapping parse_mapping(const std::vector<std::string>& arguments) {
    ColumnMapping mapping;
    for (const std::string& argument : arguments) {
        const std::size_t cut = argument.rfind('=');
        if (cut == std::string::npos || trimmed(argument.substr(0, cut)).empty())
            throw evidence::error(
                "--map: expected 'THEIR COLUMN=MEMBER', or 'THEIR COLUMN=' to leave it out; found \"" + argument +
                "\"");
        const std::string theirs = folded(argument.substr(0, cut));
        if (!mapping.emplace(theirs, folded(argument.substr(cut + 1))).second)
            throw evidence::error("--map: the column \"" + argument.substr(0, cut) + "\" is mapped twice");
    }
    return mapping;
}

std::filesystem::path mapping_path() {
    try {
        return configuration_path().parent_path() / "columns.json";
    } catch (const evidence::error&) {
        return {};
    }
}

ColumnMapping kept_mapping(const std::filesystem::path& path, const std::string& kind) {
    const json all = read_all(path);
    const auto columns = all.find(kind);
    return columns != all.end() ? columns->get<ColumnMapping>() : ColumnMapping{};
}

void keep_mapping(const std::filesystem::path& path, const std::string& kind, const ColumnMapping& mapping) {
    if (mapping.empty()) return;
    if (path.empty()) throw evidence::error("neither HOME nor XDG_CONFIG_HOME is set: what --map said is not kept");
    json all = read_all(path);
    for (const auto& [theirs, ours] : mapping) all[kind][theirs] = ours;
    std::error_code problem;
    std::filesystem::create_directories(path.parent_path(), problem);
    write_output(path.string(), all.dump(2) + "\n");
}

}  // namespace annexa::cli
