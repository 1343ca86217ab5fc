#include "cli/isms/kinds.hpp"

#include "cli/client.hpp"
#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::cli {
namespace {

using nlohmann::json;

std::vector<Field> read_fields(const json& list) {
    std::vector<Field> fields;
    for (const json& each : list) {
        Field field;
        field.name = each.at("name").get<std::string>();
        field.description = each.at("description").get<std::string>();
        field.type = each.at("type").get<std::string>();
        field.required = each.at("required").get<bool>();
        field.many = each.at("many").get<bool>();
        field.computed = each.at("computed").get<bool>();
        field.choices = each.at("choices").get<std::vector<std::string>>();
        field.members = read_fields(each.at("members"));
        fields.push_back(std::move(field));
    }
    return fields;
}

/// A folder is named after it.
bool is_word(std::string_view text) {
    return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

}  // namespace

Kinds::Kinds(const json& answer) {
    try {
        for (const json& each : answer.at("kinds")) {
            Kind kind;
            kind.name = each.at("kind").get<std::string>();
            kind.plural = each.at("plural").get<std::string>();
            kind.title = each.at("title").get<std::string>();
            kind.step = each.at("step").get<int>();
            kind.clauses = each.at("clauses").get<std::string>();
            kind.key = each.at("key").get<std::string>();
            kind.single = each.at("single").get<bool>();
            kind.approvable = each.at("approvable").get<bool>();
            kind.fields = read_fields(each.at("fields"));
            for (const json& action : each.at("actions"))
                kind.actions.push_back({action.at("name").get<std::string>(),
                                        action.at("description").get<std::string>(), read_fields(action.at("input"))});
            if (!is_word(kind.name) || !is_word(kind.plural)) throw evidence::error("");
            list_.push_back(std::move(kind));
        }
    } catch (const std::exception&) {
        throw evidence::error("the store tells of its kinds of records in a way that this annexa does not know");
    }
}

Kinds Kinds::from(Client& client) { return Kinds{client.get("/api/v1/isms/kinds")}; }

const Kind* Kinds::find(std::string_view name) const {
    if (name == "people") name = "person";  // as everybody but a schema says
    const auto found = std::find_if(list_.begin(), list_.end(),
                                    [&](const Kind& kind) { return kind.name == name || kind.plural == name; });
    return found == list_.end() ? nullptr : &*found;
}

const Kind& Kinds::get(std::string_view name) const {
    if (const Kind* kind = find(name)) return *kind;
    throw evidence::error("there is no kind of record " + std::string{name} + "; `annexa isms kinds` lists them");
}

const Field* find_field(std::span<const Field> fields, std::string_view name) {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& each) { return each.name == name; });
    return found == fields.end() ? nullptr : &*found;
}

const Action* find_action(const Kind& kind, std::string_view name) {
    const auto found =
        std::find_if(kind.actions.begin(), kind.actions.end(), [&](const Action& each) { return each.name == name; });
    return found == kind.actions.end() ? nullptr : &*found;
}

bool is_record_id(std::string_view text) {
    return text.size() >= 6 && text.size() <= 18 && text.starts_with("R-") &&
           text.find_first_not_of("0123456789", 2) == std::string_view::npos;
}

}  // namespace annexa::cli
