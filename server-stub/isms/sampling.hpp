// Samples that anybody can draw again: pure functions over a frozen population.
//
// The auditor thinks of a nonce and has its SHA-256 logged; then the population is frozen; the first checkpoint of the
// log that holds the freeze could be known to nobody before. So neither the auditor nor who runs the store chose what
// is drawn:
//
//     seed = SHA-256(nonce, a line break, the body of that checkpoint)
//     rank = HMAC-SHA-256(seed, draw's number, a space, item)       draw 1 is the first from the population
//     drawn are the items of the lowest ranks, of the whole population or of each stratum
#pragma once

#include "evidence/checkpoint.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::store::isms {

struct PopulationItem {
    std::string item;     // id of a host; of a host-day with the day behind it; of a record
    std::string stratum;  // the value of the tag that was asked for; empty: none
    bool operator==(const PopulationItem&) const = default;
};

/// The items of a frozen population (what freeze() put), in its order. `by_tag`: strata are this tag's values.
std::vector<PopulationItem> population_items(const nlohmann::json& population, std::string_view by_tag = {});

evidence::Digest sample_seed(std::string_view nonce, const evidence::Checkpoint& checkpoint);

/// `size` items of each stratum, fewer where there are no more; by stratum, then rank.
std::vector<std::string> draw_sample(const std::vector<PopulationItem>& items, std::size_t size,
                                     const evidence::Digest& seed, std::uint64_t draw);

}  // namespace annexa::store::isms
