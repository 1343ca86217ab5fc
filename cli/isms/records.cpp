#include "cli/isms/records.hpp"

#include "cli/client.hpp"
#include "cli/text.hpp"
#include "evidence/errors.hpp"
#include "evidence/utf8.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace annexa::cli {

using nlohmann::json;

std::string record_path(const std::string& id) {
    if (!is_record_id(id))
        throw evidence::error("expected the id of a record such as R-0042, found " + id +
                              "; `annexa isms list` has them");
    return "/api/v1/isms/records/" + id;
}

json fetch_record(Client& client, const std::string& id) { return client.get(record_path(id)); }

Names::Names(const json& records) {
    for (const json& record : records) {
        if (!record.at("members").is_object()) continue;
        const std::string title = text_of(record["members"], "title");
        names_[text_of(record, "id")] = title;
        if (const std::string account = text_of(record["members"], "account"); !account.empty())
            names_[account] = title;
    }
}

Names Names::from(Client& client) {
    json records = client.get("/api/v1/isms/records", {{"kind", "person"}})["records"];
    const json roles = client.get("/api/v1/isms/records", {{"kind", "role"}})["records"];
    records.insert(records.end(), roles.begin(), roles.end());
    return Names{records};
}

std::string Names::of(const std::string& id) const {
    const auto found = names_.find(id);
    return found == names_.end() ? terminal::printable(id) : found->second;
}

void Names::add_accounts(const json& accounts) {
    for (const json& account : accounts) {
        const std::string name = text_of(account, "name");
        names_.emplace(text_of(account, "id"), name.empty() ? text_of(account, "login") : name);
    }
}

std::string brief(const json& value, std::size_t width) {
    std::string text;
    if (value.is_array()) {
        for (const json& item : value) text += (text.empty() ? "" : ", ") + text_of(item);
    } else {
        text = text_of(value);
    }
    std::string cut;
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view before = rest;
        evidence::take_code_point(rest);
        if (terminal::display_width(cut) + 1 >= width && !rest.empty()) return cut + "…";
        cut += before.substr(0, before.size() - rest.size());
    }
    return cut;
}

std::string_view step_title(int step) {
    constexpr std::array<std::string_view, 10> titles{
        "Internal context", "External context",    "Information security policy", "Management approval",
        "Risk assessment",  "Risk treatment plan", "Implementing the measures",   "Statement of Applicability",
        "Internal audit",   "Management review"};
    return step >= 1 && step <= 10 ? titles[static_cast<std::size_t>(step - 1)] : std::string_view{};
}

std::string approval_text(const json& record, const Kind* kind) {
    if (kind != nullptr && !kind->approvable) return "–";
    const std::string state = text_of(record, "approval");
    if (state == "older") return "older version approved";
    const bool alone = record["approved"].is_object() && record["approved"]["single_person"] == true;
    return state + (alone ? " by a single person" : "");
}

}  // namespace annexa::cli
