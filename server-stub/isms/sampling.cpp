#include "server-stub/isms/sampling.hpp"

#include "evidence/digest.hpp"
#include "server-stub/isms/values.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

std::chrono::sys_days day_from(const std::string& text) {
    return std::chrono::year{std::stoi(text.substr(0, 4))} /
           std::chrono::month{static_cast<unsigned>(std::stoi(text.substr(5, 2)))} /
           std::chrono::day{static_cast<unsigned>(std::stoi(text.substr(8, 2)))};
}

std::string text_of(std::chrono::sys_days day) {
    const std::chrono::year_month_day date{day};
    char text[16];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text;
}

}  // namespace

std::vector<PopulationItem> population_items(const json& population, std::string_view by_tag) {
    std::vector<PopulationItem> items;
    const bool days = text_in(population, "of") == "host_days";
    for (const json& each : population.at("members")) {
        const std::string id = text_in(each, "id");
        std::string stratum;
        if (const auto tags = each.find("tags"); !by_tag.empty() && tags != each.end())
            stratum = text_in(*tags, by_tag);
        if (!days) {
            items.push_back({id, stratum});
            continue;
        }
        const std::chrono::sys_days last = day_from(text_in(each, "to"));
        for (std::chrono::sys_days day = day_from(text_in(each, "from")); day <= last; day += std::chrono::days{1})
            items.push_back({id + " " + text_of(day), stratum});
    }
    return items;
}

evidence::Digest sample_seed(std::string_view nonce, const evidence::Checkpoint& checkpoint) {
    return evidence::sha256(std::string{nonce} + "\n" + evidence::checkpoint_text(checkpoint));
}

std::vector<std::string> draw_sample(const std::vector<PopulationItem>& items, std::size_t size,
                                     const evidence::Digest& seed, std::uint64_t draw) {
    std::map<std::string, std::vector<std::pair<evidence::Digest, std::string>>> strata;
    for (const PopulationItem& item : items)
        strata[item.stratum].emplace_back(evidence::hmac_sha256(seed.view(), std::to_string(draw) + " " + item.item),
                                          item.item);
    std::vector<std::string> drawn;
    for (auto& [name, ranked] : strata) {
        std::sort(ranked.begin(), ranked.end());
        for (std::size_t i = 0; i < std::min(size, ranked.size()); ++i) drawn.push_back(ranked[i].second);
    }
    return drawn;
}

}  // namespace annexa::store::isms
