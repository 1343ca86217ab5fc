#include "policies/pack.hpp"

#include "embedded/linux_baseline.hpp"
#include "evidence/canonical_json.hpp"
#include "policies/pack_check.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>

namespace annexa::policies {
namespace {

constexpr std::string_view checks_folder = "checks/";
constexpr std::string_view cases_folder = "cases/";
constexpr std::string_view suffix = ".yaml";

/// "checks/ssh-macs.yaml" → "ssh-macs"; empty where it is no file of that folder.
std::string stem_in(std::string_view folder, std::string_view path) {
    if (!path.starts_with(folder) || !path.ends_with(suffix)) return {};
    path.remove_prefix(folder.size());
    path.remove_suffix(std::min(suffix.size(), path.size()));
    return path.find('/') == std::string_view::npos ? std::string{path} : std::string{};
}

std::optional<YamlNode> parse(const std::string& text, Problems& problems) {
    try {
        return parse_yaml(text);
    } catch (const yaml_error& problem) {
        problems.add(problem.place(), problem.bare());
        return std::nullopt;
    }
}

std::optional<double> read_bound(FieldReader& fields, std::string_view key, bool is_number, Problems& problems) {
    const YamlNode* value = fields.optional(key);
    if (value == nullptr) return std::nullopt;
    if (is_number && value->kind == YamlNode::Kind::integer) return static_cast<double>(value->integer);
    if (is_number && value->kind == YamlNode::Kind::real) return value->real;
    problems.add(value->place, "`" + std::string{key} + "`: expected a number, beside a value that is one");
    return std::nullopt;
}

Parameter read_parameter(const YamlMember& member, Problems& problems) {
    FieldReader fields{member.value, problems, "a parameter"};
    Parameter parameter;
    parameter.name = member.key;
    if (!is_word(member.key, '_') || member.key == "now")
        problems.add(member.place, "expected lower-case letters, digits and underscores as a parameter's name");
    parameter.title = fields.text("title");
    parameter.unit = fields.optional_text("unit");
    const YamlNode* value = fields.required("value");
    std::vector<const YamlNode*> items;
    if (value != nullptr) {
        parameter.value.list = value->kind == YamlNode::Kind::sequence;
        if (parameter.value.list)
            for (const YamlNode& item : value->items) items.push_back(&item);
        else
            items.push_back(value);
    }
    for (const YamlNode* item : items) {
        evidence::Type type = evidence::Type::text;
        switch (item->kind) {
            case YamlNode::Kind::boolean:
                type = evidence::Type::boolean;
                parameter.value.values.emplace_back(item->boolean);
                break;
            case YamlNode::Kind::integer:
                type = evidence::Type::integer;
                parameter.value.values.emplace_back(item->integer);
                break;
            case YamlNode::Kind::real:
                type = evidence::Type::real;
                parameter.value.values.emplace_back(item->real);
                break;
            case YamlNode::Kind::text:
                parameter.value.values.emplace_back(item->text);
                break;
            default:
                problems.add(item->place, "`value`: expected a number, text, true, false or a list of them");
                continue;
        }
        if (parameter.value.values.size() == 1) parameter.type = type;
        if (type == parameter.type) continue;
        problems.add(item->place, "`value`: expected items of one kind");
        parameter.value.values.pop_back();
    }
    const bool is_number = parameter.type == evidence::Type::integer || parameter.type == evidence::Type::real;
    parameter.minimum = read_bound(fields, "minimum", is_number, problems);
    parameter.maximum = read_bound(fields, "maximum", is_number, problems);
    fields.finish();
    if (value != nullptr && !parameter.value.values.empty())
        if (const auto problem = parameter_problem(parameter, parameter.value))
            problems.add(value->place, "`value`: " + *problem);
    return parameter;
}

/// `disable` or `enable`: the ids of checks that it names.
std::set<std::string> read_switches(FieldReader& fields, std::string_view key, const std::vector<Check>& checks,
                                    Problems& problems) {
    constexpr std::string_view topic_prefix = "topic:";
    std::set<std::string> ids;
    for (const YamlNode* item : fields.list(key, false)) {
        const bool by_topic = item->text.starts_with(topic_prefix);
        bool found = false;
        for (const Check& check : checks) {
            if (by_topic ? check.topic != item->text.substr(topic_prefix.size()) : check.id != item->text) continue;
            found = true;
            ids.insert(check.id);
        }
        if (!found)
            problems.add(item->place, "`" + std::string{key} + "`: expected the id of a check or topic:NAME, got `" +
                                          item->text + "`");
    }
    return ids;
}

}  // namespace

std::string_view severity_name(Severity severity) {
    constexpr std::string_view names[] = {"low", "medium", "high", "critical"};
    return names[static_cast<std::size_t>(severity)];
}

std::string_view strength_name(Strength strength) { return strength == Strength::direct ? "direct" : "partial"; }

const ControlLink* Check::control(std::string_view control_id) const {
    const auto at =
        std::find_if(controls.begin(), controls.end(), [&](const ControlLink& link) { return link.id == control_id; });
    return at == controls.end() ? nullptr : &*at;
}

const Check* Pack::find(std::string_view check) const {
    const auto at = std::find_if(checks.begin(), checks.end(), [&](const Check& c) { return c.id == check; });
    return at == checks.end() ? nullptr : &*at;
}

std::vector<const Check*> Pack::checks_in_force() const {
    std::vector<const Check*> in_force;
    for (const Check& check : checks)
        if (check.in_force) in_force.push_back(&check);
    return in_force;
}

Parameters Pack::default_parameters() const {
    Parameters values;
    for (const auto& [parameter_name, parameter] : parameters) values.emplace(parameter_name, parameter.value);
    return values;
}

std::string PackError::text() const {
    return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + what;
}

pack_errors::pack_errors(std::vector<PackError> errors)
    : error([&errors] {
          std::string text;
          for (const PackError& one : errors) text += (text.empty() ? "" : "\n") + one.text();
          return text;
      }()),
      errors_{std::move(errors)} {}

const FileTree& linux_baseline_files() {
    static const FileTree files = [] {
        FileTree tree;
        for (const auto& [path, bytes] : embedded::linux_baseline()) tree.emplace(path, bytes);
        return tree;
    }();
    return files;
}

evidence::Digest pack_digest(const FileTree& files) {
    nlohmann::json digests = nlohmann::json::object();
    for (const auto& [path, bytes] : files)
        if (!path.starts_with(cases_folder)) digests[path] = evidence::sha256(bytes).hex();
    return evidence::sha256(evidence::canonical_json(digests));
}

Pack load_pack(const FileTree& files, const Schemas& schemas) {
    std::vector<PackError> errors;
    Pack pack;
    pack.digest = pack_digest(files);

    const auto head = files.find("pack.yaml");
    Problems head_problems{errors, "pack.yaml"};
    std::optional<YamlNode> document;
    if (head == files.end())
        head_problems.add({}, "expected this file: it names the pack, its version and its parameters");
    else
        document = parse(head->second, head_problems);
    // What cannot be read names no parameters: their absence in the checks would be a hundred errors of one cause.
    const bool head_is_read = document.has_value();
    if (!head_is_read) document.emplace().kind = YamlNode::Kind::mapping;
    FieldReader fields{*document, head_problems, "a pack"};
    if (const YamlNode* parameters = fields.optional("parameters"); parameters != nullptr) {
        if (parameters->kind != YamlNode::Kind::mapping && parameters->kind != YamlNode::Kind::null)
            head_problems.add(parameters->place, "`parameters`: expected a mapping");
        for (const YamlMember& member : parameters->members)
            pack.parameters.emplace(member.key, read_parameter(member, head_problems));
    }

    EvaluationDatabase database{schemas, TableForm::evidence};
    for (const auto& [path, text] : files) {
        Problems problems{errors, path};
        if (const std::string stem = stem_in(checks_folder, path); !stem.empty()) {
            if (const auto check = parse(text, problems); check && head_is_read)
                pack.checks.push_back(read_check(*check, stem, pack.parameters, schemas, database, problems));
        } else if (path != "pack.yaml" && stem_in(cases_folder, path).empty()) {
            problems.add({}, "expected pack.yaml, checks/ID.yaml or cases/ID.yaml");
        }
    }
    std::sort(pack.checks.begin(), pack.checks.end(), [](const Check& a, const Check& b) { return a.id < b.id; });

    if (head_is_read) {
        pack.name = fields.text("pack");
        pack.version = fields.text("version");
        pack.title = fields.text("title");
        const std::set<std::string> disabled = read_switches(fields, "disable", pack.checks, head_problems);
        const std::set<std::string> enabled = read_switches(fields, "enable", pack.checks, head_problems);
        for (Check& check : pack.checks)
            check.in_force = (check.on_by_default || enabled.contains(check.id)) && !disabled.contains(check.id);
        if (!pack.name.empty() && !is_word(pack.name, '-'))
            head_problems.add(document->find("pack")->place, "`pack`: expected lower-case letters, digits and hyphens");
        if (pack.checks.empty() && errors.empty()) head_problems.add({}, "expected at least one check in checks/");
        fields.finish();
    }
    if (errors.empty()) return pack;
    std::stable_sort(errors.begin(), errors.end(), [](const PackError& a, const PackError& b) {
        return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
    });
    throw pack_errors{std::move(errors)};
}

}  // namespace annexa::policies
