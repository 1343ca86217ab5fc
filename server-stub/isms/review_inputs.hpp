// The inputs of a management review (9.3.2 a to g), from records and live data as of its date.
#pragma once

#include "server-stub/isms/kind.hpp"

#include <nlohmann/json_fwd.hpp>

namespace annexa::store::isms {

/// The day from which a review looks back: its own, else the day of the review before it, else a year before.
std::string looks_back_from(const Register& records, const Record& review);

/// Each input with what there is for it and how it moved since then. Where nothing is recorded the lists are empty, and
/// whoever reads it sees that. People by id alone.
nlohmann::json review_inputs(const ActionContext& context, Instant as_of);

}  // namespace annexa::store::isms
