// How a level follows from likelihood and impact, by the organization's own criteria.
#pragma once

#include "server-stub/isms/record.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace annexa::store::isms {

/// The criteria as a value; read from the one record of the kind "criteria".
class RiskCriteria {
  public:
    explicit RiskCriteria(const nlohmann::json& members);

    [[nodiscard]] bool has_likelihood(std::int64_t value) const;
    [[nodiscard]] bool has_impact(std::int64_t value) const;
    /// Nothing where the scales or the matrix do not hold the pair.
    [[nodiscard]] std::optional<std::int64_t> level(std::int64_t likelihood, std::int64_t impact) const;
    [[nodiscard]] bool acceptable(std::int64_t level) const { return level <= acceptance_line_; }
    [[nodiscard]] std::int64_t acceptance_line() const { return acceptance_line_; }
    /// The organization's word for a level: the last of its `level_scale` that begins at or below it. Empty: none.
    [[nodiscard]] std::string word(std::int64_t level) const;
    /// Every level that can come out.
    [[nodiscard]] std::vector<std::int64_t> levels() const;

  private:
    struct Cell {
        std::int64_t likelihood, impact, level;
    };
    std::vector<std::int64_t> likelihoods_;
    std::vector<std::int64_t> impacts_;
    std::string function_;
    std::vector<Cell> matrix_;
    std::vector<std::pair<std::int64_t, std::string>> words_;
    std::int64_t acceptance_line_ = 0;
};

/// Nothing where no criteria are recorded.
std::optional<RiskCriteria> criteria_of(const Register& records);

/// A whole number of a record; nothing where it is absent.
std::optional<std::int64_t> number_in(const nlohmann::json& object, std::string_view member);

}  // namespace annexa::store::isms
