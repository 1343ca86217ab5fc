#include "server-stub/isms/next_command.hpp"

#include <algorithm>

namespace annexa::store::isms {
namespace {

std::string required_of(std::span<const Field> fields) {
    std::string text;
    for (const Field& field : fields)
        if (field.is(flag::required) && !field.is(flag::computed)) text += " " + std::string{field.name} + "=…";
    return text;
}

}  // namespace

std::string command_to_make(const Kind& kind) {
    return "annexa isms set " + std::string{kind.name} + required_of(all_fields(kind));
}

std::string command_to_act(std::string_view id, std::string_view action, std::span<const Action> actions) {
    const auto found =
        std::find_if(actions.begin(), actions.end(), [&](const Action& each) { return each.name == action; });
    return "annexa isms act " + std::string{id} + " " + std::string{action} +
           (found == actions.end() ? std::string{} : required_of(found->input));
}

std::string command_to_acknowledge(const Record& document, const std::string& person, const std::string& today) {
    return "annexa isms set acknowledgement title=… document=" + document.id + " person=" + person +
           " version=" + std::to_string(document.approved()->version) +
           " document_digest=" + document.approved()->digest.hex() + " way=on_paper date=" + today;
}

}  // namespace annexa::store::isms
