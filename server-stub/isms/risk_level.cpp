#include "server-stub/isms/risk_level.hpp"

#include "server-stub/isms/values.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

std::vector<std::int64_t> steps_of(const json& members, std::string_view scale) {
    std::vector<std::int64_t> steps;
    if (const auto found = members.find(scale); found != members.end())
        for (const json& step : *found) steps.push_back(step.at("value").get<std::int64_t>());
    return steps;
}

bool contains(const std::vector<std::int64_t>& values, std::int64_t value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

RiskCriteria::RiskCriteria(const json& members)
    : likelihoods_{steps_of(members, "likelihood_scale")},
      impacts_{steps_of(members, "impact_scale")},
      function_{text_in(members, "level_function")},
      acceptance_line_{number_in(members, "acceptance_line").value_or(0)} {
    if (const auto matrix = members.find("matrix"); matrix != members.end())
        for (const json& cell : *matrix)
            matrix_.push_back({cell.at("likelihood").get<std::int64_t>(), cell.at("impact").get<std::int64_t>(),
                               cell.at("level").get<std::int64_t>()});
    if (const auto words = members.find("level_scale"); words != members.end())
        for (const json& word : *words)
            words_.emplace_back(word.at("from").get<std::int64_t>(), text_in(word, "label"));
    std::sort(words_.begin(), words_.end());
}

bool RiskCriteria::has_likelihood(std::int64_t value) const { return contains(likelihoods_, value); }

bool RiskCriteria::has_impact(std::int64_t value) const { return contains(impacts_, value); }

std::optional<std::int64_t> RiskCriteria::level(std::int64_t likelihood, std::int64_t impact) const {
    if (!has_likelihood(likelihood) || !has_impact(impact)) return std::nullopt;
    if (function_ == "product") return likelihood * impact;
    if (function_ == "sum") return likelihood + impact;
    for (const Cell& cell : matrix_)
        if (cell.likelihood == likelihood && cell.impact == impact) return cell.level;
    return std::nullopt;
}

std::string RiskCriteria::word(std::int64_t level) const {
    std::string last;
    for (const auto& [from, label] : words_)
        if (from <= level) last = label;
    return last;
}

std::vector<std::int64_t> RiskCriteria::levels() const {
    std::vector<std::int64_t> all;
    for (const std::int64_t likelihood : likelihoods_)
        for (const std::int64_t impact : impacts_)
            if (const auto one = level(likelihood, impact)) all.push_back(*one);
    return all;
}

std::optional<RiskCriteria> criteria_of(const Register& records) {
    const std::vector<const Record*> found = records.of_kind("criteria");
    if (found.empty()) return std::nullopt;
    return RiskCriteria{*found.front()->members};
}

std::optional<std::int64_t> number_in(const json& object, std::string_view member) {
    const auto found = object.find(member);
    if (found == object.end() || !found->is_number_integer()) return std::nullopt;
    return found->get<std::int64_t>();
}

}  // namespace annexa::store::isms
