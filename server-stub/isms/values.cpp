#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

void visit_object(const json& object, std::span<const Field> fields, const std::string& path, const ValueVisitor& visit,
                  const std::function<bool(const json& group)>& enter) {
    for (const Field& field : fields) {
        const auto member = object.find(field.name);
        if (member == object.end()) continue;
        const std::string place = path.empty() ? std::string{field.name} : path + "." + std::string{field.name};
        const auto one = [&](const json& value, const std::string& where) {
            if (field.type != FieldType::group)
                visit(field, value, where);
            else if (!enter || enter(value))
                visit_object(value, field.members, where, visit, enter);
        };
        if (!field.is(flag::many))
            one(*member, place);
        else
            for (std::size_t i = 0; i < member->size(); ++i) one((*member)[i], place + "[" + std::to_string(i) + "]");
    }
}

}  // namespace

void each_value(const json& object, std::span<const Field> fields, const ValueVisitor& visit,
                const std::function<bool(const json& group)>& enter) {
    visit_object(object, fields, "", visit, enter);
}

std::string text_in(const json& object, std::string_view member) {
    const auto found = object.find(member);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::vector<std::string> texts_in(const json& object, std::string_view member) {
    std::vector<std::string> texts;
    const auto found = object.find(member);
    if (found != object.end() && found->is_array())
        for (const json& each : *found)
            if (each.is_string()) texts.push_back(each.get<std::string>());
    return texts;
}

bool has(const json& object, std::string_view member) {
    const auto found = object.find(member);
    if (found == object.end()) return false;
    if (const auto* text = found->get_ptr<const std::string*>()) return !text->empty();
    return !found->is_array() || !found->empty();
}

bool differs(const json& before, const json& after, std::string_view member) {
    const auto was = before.find(member);
    const auto is = after.find(member);
    if (was == before.end() || is == after.end()) return (was == before.end()) != (is == after.end());
    return *was != *is;
}

bool has_ended(const json& object, std::string_view day) { return has(object, "to") && text_in(object, "to") < day; }

}  // namespace annexa::store::isms
