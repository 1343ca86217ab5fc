#include "cli/isms/record_document.hpp"

#include "cli/isms/yaml_text.hpp"
#include "evidence/canonical_json.hpp"
#include "policies/yaml.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace annexa::cli {
namespace {

using evidence::error;
using nlohmann::json;
using policies::yaml_error;
using policies::YamlNode;

constexpr std::size_t most_bytes = std::size_t{4} << 20;

std::string number_text(const json& value) {
    if (!value.is_number_float()) return value.dump();
    const std::string text = evidence::ecmascript_number(value.get<double>());
    return text;
}

void append_value(std::string& out, const json& value, std::span<const Field> members, const std::string& indent);

/// Known members in the order of the kind, then what this store's kind does not know.
void append_members(std::string& out, const json& object, std::span<const Field> fields, const std::string& indent) {
    const auto append = [&](const std::string& name, const json& value, std::span<const Field> members) {
        out += indent + scalar_yaml(name) + ":";
        append_value(out, value, members, indent);
    };
    for (const Field& field : fields)
        if (const auto found = object.find(field.name); found != object.end())
            append(field.name, *found, field.members);
    for (const auto& [name, value] : object.items())
        if (find_field(fields, name) == nullptr) append(name, value, {});
}

void append_item(std::string& out, const json& item, std::span<const Field> members, const std::string& indent) {
    if (!item.is_object() || item.empty()) {
        out += indent + "-";
        append_value(out, item, members, indent);
        return;
    }
    const std::size_t start = out.size();
    append_members(out, item, members, indent + "  ");
    out[start + indent.size()] = '-';
}

/// After "name:" or "-": what stands on the line, and below it.
void append_value(std::string& out, const json& value, std::span<const Field> members, const std::string& indent) {
    if (value.is_object() && !value.empty()) {
        out += '\n';
        append_members(out, value, members, indent + "  ");
    } else if (value.is_array() && !value.empty()) {
        out += '\n';
        for (const json& item : value) append_item(out, item, members, indent + "  ");
    } else if (value.is_string()) {
        const std::string& text = value.get_ref<const std::string&>();
        out += is_literal(text) ? " " + literal_yaml(text, indent + "  ") : " " + scalar_yaml(text) + '\n';
    } else {
        out += " " + (value.is_number() ? number_text(value) : value.dump()) + '\n';
    }
}

std::string text_value(const YamlNode& node, const std::string& name) {
    if (!node.is_scalar() || node.kind == YamlNode::Kind::null)
        throw yaml_error(node.place, name + ": expected text, found " + std::string{node.kind_name()});
    return node.text;
}

json one_value(const YamlNode& node, const Field& field) {
    const auto refuse = [&](const char* expected) -> json {
        throw yaml_error(node.place,
                         field.name + ": expected " + expected + ", found " + std::string{node.kind_name()});
    };
    if (field.type == "group") {
        if (node.kind != YamlNode::Kind::mapping) return refuse("members");
        json object = json::object();
        for (const policies::YamlMember& member : node.members) {
            const Field* inner = find_field(field.members, member.key);
            if (inner == nullptr) throw yaml_error(member.place, field.name + " has no member " + member.key);
            if (member.value.kind != YamlNode::Kind::null) object[member.key] = value_of(member.value, *inner);
        }
        return object;
    }
    if (field.type == "integer") {
        if (node.kind == YamlNode::Kind::integer) return node.integer;
        if (node.kind == YamlNode::Kind::real && node.real == std::floor(node.real) && std::abs(node.real) < 1e15)
            return static_cast<std::int64_t>(node.real);
        return refuse("a whole number");
    }
    if (field.type == "number") {
        if (node.kind == YamlNode::Kind::integer) return node.integer;
        return node.kind == YamlNode::Kind::real ? json(node.real) : refuse("a number");
    }
    if (field.type == "boolean")
        return node.kind == YamlNode::Kind::boolean ? json(node.boolean) : refuse("true or false");
    return text_value(node, field.name);
}

RecordDocument read_yaml(std::string_view text, const Kinds& kinds) {
    const YamlNode root = policies::parse_yaml(text);
    if (root.kind != YamlNode::Kind::mapping)
        throw yaml_error(root.place, "expected id, kind, version and members of a record");
    RecordDocument document;
    const YamlNode* members = nullptr;
    for (const policies::YamlMember& member : root.members) {
        if (member.key == "id") {
            document.id = text_value(member.value, "id");
        } else if (member.key == "kind") {
            document.kind = text_value(member.value, "kind");
        } else if (member.key == "version") {
            if (member.value.kind != YamlNode::Kind::integer || member.value.integer < 1)
                throw yaml_error(member.value.place, "version: expected the number of the version that was edited");
            document.version = static_cast<std::uint64_t>(member.value.integer);
        } else if (member.key == "members") {
            members = &member.value;
        } else {
            throw yaml_error(member.place, "expected id, kind, version or members, found " + member.key);
        }
    }
    if (document.kind.empty()) throw yaml_error(root.place, "kind: is missing; `annexa isms kinds` lists them");
    const Kind* kind = kinds.find(document.kind);
    if (kind == nullptr)
        throw yaml_error(root.find("kind")->place,
                         "there is no kind of record " + document.kind + "; `annexa isms kinds` lists them");
    document.kind = kind->name;
    json object = json::object();
    if (members != nullptr && members->kind != YamlNode::Kind::null) {
        if (members->kind != YamlNode::Kind::mapping) throw yaml_error(members->place, "expected the record's members");
        for (const policies::YamlMember& member : members->members) {
            const Field* field = find_field(kind->fields, member.key);
            if (field == nullptr)
                throw yaml_error(member.place, "a record of the kind " + kind->name + " has no member " + member.key +
                                                   "; `annexa isms describe " + kind->name + "` lists them");
            if (member.value.kind != YamlNode::Kind::null) object[member.key] = value_of(member.value, *field);
        }
    }
    document.members = std::make_shared<const json>(std::move(object));
    return document;
}

/// What `annexa isms get --format json` printed: its further members say nothing that is edited.
RecordDocument read_json(std::string_view text, const Kinds& kinds) {
    const json root = evidence::parse_json(text, {.bytes = most_bytes, .depth = 64});
    const auto word = [&](const char* name) {
        const auto found = root.find(name);
        return found != root.end() && found->is_string() ? found->get<std::string>() : std::string{};
    };
    RecordDocument document;
    document.id = word("id");
    document.kind = kinds.get(word("kind")).name;
    if (const auto version = root.find("version"); version != root.end()) {
        if (!version->is_number_unsigned()) throw error("version: expected the number of the version that was edited");
        document.version = version->get<std::uint64_t>();
    }
    const auto members = root.find("members");
    if (members == root.end() || !members->is_object()) throw error("members: expected the record's members");
    document.members = document_of(root, kinds.get(document.kind)).members;
    return document;
}

}  // namespace

json value_of(const YamlNode& node, const Field& field) {
    if (!field.many) return one_value(node, field);
    if (node.kind != YamlNode::Kind::sequence)
        throw yaml_error(node.place, field.name + ": expected a list, found " + std::string{node.kind_name()});
    json list = json::array();
    for (const YamlNode& item : node.items) list.push_back(one_value(item, field));
    return list;
}

RecordDocument document_of(const json& record, const Kind& kind) {
    RecordDocument document;
    document.id = record.value("id", "");
    document.kind = kind.name;
    if (record.contains("version")) document.version = record.at("version").get<std::uint64_t>();
    json members = record.at("members").is_object() ? record.at("members") : json::object();
    for (const Field& field : kind.fields)
        if (field.computed) members.erase(field.name);
    document.members = std::make_shared<const json>(std::move(members));
    return document;
}

std::string to_yaml(const RecordDocument& document, const Kind& kind) {
    std::string out;
    if (!document.id.empty()) out += "id: " + scalar_yaml(document.id) + '\n';
    out += "kind: " + scalar_yaml(document.kind) + '\n';
    if (document.version) out += "version: " + std::to_string(*document.version) + '\n';
    out += "members:";
    append_value(out, *document.members, kind.fields, "");
    return out;
}

std::string members_yaml(const json& members, std::span<const Field> fields, const std::string& indent) {
    std::string out;
    append_members(out, members, fields, indent);
    return out;
}

RecordDocument read_document(std::string_view text, const std::string& place, const Kinds& kinds) {
    if (text.size() > most_bytes) throw error(place + ": is larger than 4 MiB: no record is");
    try {
        const std::size_t first = text.find_first_not_of(" \t\r\n");
        return first != std::string_view::npos && text[first] == '{' ? read_json(text, kinds) : read_yaml(text, kinds);
    } catch (const yaml_error& problem) {
        throw error(place + ":" + problem.what());
    } catch (const error& problem) {
        throw error(place + ": " + problem.what());
    }
}

}  // namespace annexa::cli
