#include "policies/field_reader.hpp"

namespace annexa::policies {

FieldReader::FieldReader(const YamlNode& node, Problems& problems, std::string what)
    : node_{node}, problems_{problems}, what_{std::move(what)} {
    if (node.kind != YamlNode::Kind::mapping)
        problems.add(node.place, "expected " + what_ + " as a mapping, got " + std::string{node.kind_name()});
}

const YamlNode* FieldReader::optional(std::string_view key) {
    asked_.emplace(key);
    return node_.find(key);
}

const YamlNode* FieldReader::required(std::string_view key) {
    const YamlNode* value = optional(key);
    if (value == nullptr && node_.kind == YamlNode::Kind::mapping)
        problems_.add(node_.place, "expected `" + std::string{key} + "` in " + what_);
    return value;
}

std::string FieldReader::as_text(std::string_view key, const YamlNode* value) {
    if (value == nullptr) return {};
    if (!value->is_scalar() || value->text.empty()) {
        problems_.add(value->place,
                      "`" + std::string{key} + "`: expected text, got " + std::string{value->kind_name()});
        return {};
    }
    return value->text;
}

std::string FieldReader::text(std::string_view key) { return as_text(key, required(key)); }
std::string FieldReader::optional_text(std::string_view key) { return as_text(key, optional(key)); }

std::vector<const YamlNode*> FieldReader::list(std::string_view key, bool is_required) {
    const YamlNode* value = is_required ? required(key) : optional(key);
    std::vector<const YamlNode*> items;
    if (value == nullptr) return items;
    if (value->kind != YamlNode::Kind::sequence) {
        problems_.add(value->place,
                      "`" + std::string{key} + "`: expected a list, got " + std::string{value->kind_name()});
        return items;
    }
    for (const YamlNode& item : value->items) items.push_back(&item);
    if (is_required && items.empty()) problems_.add(value->place, "`" + std::string{key} + "`: expected at least one");
    return items;
}

std::vector<std::string> FieldReader::words(std::string_view key, bool is_required) {
    std::vector<std::string> words;
    std::set<std::string> seen;
    for (const YamlNode* item : list(key, is_required)) {
        if (item->kind != YamlNode::Kind::text)
            problems_.add(item->place,
                          "`" + std::string{key} + "`: expected a word, got " + std::string{item->kind_name()});
        else if (!seen.insert(item->text).second)
            problems_.add(item->place, "`" + std::string{key} + "`: " + item->text + " stands here twice");
        else
            words.push_back(item->text);
    }
    return words;
}

void FieldReader::finish() {
    for (const YamlMember& member : node_.members) {
        if (asked_.contains(member.key)) continue;
        std::string known;
        for (const std::string& key : asked_) known += (known.empty() ? "" : ", ") + key;
        problems_.add(member.place, "unknown key `" + member.key + "`: expected one of " + known);
    }
}

bool is_word(std::string_view text, char separator) {
    if (text.empty() || text.front() == separator || text.back() == separator) return false;
    for (const char c : text)
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == separator)) return false;
    return true;
}

}  // namespace annexa::policies
