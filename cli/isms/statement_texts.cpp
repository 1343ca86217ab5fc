#include "cli/isms/statement_texts.hpp"

#include "cli/text.hpp"

#include <nlohmann/json.hpp>

namespace annexa::cli::statement {
namespace {

using nlohmann::json;

template <typename Line>
std::string lines(const json& list, Line line) {
    std::string text;
    for (const json& one : list) text += (text.empty() ? "" : "\n") + line(one);
    return text;
}

std::string with_space(const std::string& text) { return text.empty() ? "" : " " + text; }

}  // namespace

std::string text_in(const json& object, std::string_view member) {
    const auto found = object.find(member);
    if (found == object.end() || found->is_null()) return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string titled(const json& row, std::string_view member) {
    return lines(row.at(std::string{member}), [](const json& one) {
        const std::string as = text_in(one, "as");
        return text_in(one, "id") + with_space(text_in(one, "title")) + (as.empty() ? "" : " (" + as + ")");
    });
}

std::string evidence(const json& row) {
    return lines(row.at("evidence"), [](const json& one) {
        const std::string produced = text_in(one, "produced");
        const std::string until = text_in(one, "valid_until");
        return text_in(one, "id") + with_space(text_in(one, "title")) + " (" +
               (produced.empty() ? "" : "produced " + produced + ", ") + spoken(text_in(one, "approval")) +
               (until.empty() ? "" : ", valid until " + until) + ")";
    });
}

std::string indication(const json& row) {
    const json& indication = row.at("indication");
    if (!indication.is_object()) return {};
    const std::string sentence = text_in(indication, "sentence");  // begins with the status
    return (sentence.empty() ? spoken(text_in(indication, "status")) : sentence) +
           (indication.value("single_person", false) ? " (rests on a single person)" : "");
}

std::string legs(const json& row) {
    const json& indication = row.at("indication");
    if (!indication.is_object()) return {};
    return "rule: " + spoken(text_in(indication, "rule")) + ", operation: " + spoken(text_in(indication, "operation")) +
           ", records: " + spoken(text_in(indication, "records"));
}

std::string conclusion(const json& row) {
    const json& conclusion = row.at("conclusion");
    if (!conclusion.is_object()) return {};
    const std::string reason = text_in(conclusion, "reason");
    return spoken(text_in(conclusion, "value")) + " on " + text_in(conclusion, "date") +
           (reason.empty() ? "" : ": " + reason);
}

std::string waivers(const json& row) {
    return lines(row.at("waivers"), [](const json& one) {
        const std::string reason = text_in(one, "reason");
        return text_in(one, "check") + " " + until_text(one.at("until")) + (reason.empty() ? "" : ": " + reason) +
               (one.value("single_person", false) ? " (a single person)" : "");
    });
}

}  // namespace annexa::cli::statement
