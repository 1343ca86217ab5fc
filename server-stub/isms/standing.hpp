// What approved records say to the status of a control: how a record stands, as a fact.
#pragma once

#include "policies/records.hpp"
#include "server-stub/isms/record.hpp"

#include <nlohmann/json_fwd.hpp>

namespace annexa::store::isms {

/// 24:00 of a day, UTC. Nothing where there is no date.
std::optional<Instant> end_of_day(const std::string& date);

/// The approved version where there is one, made when it was approved and in date until its next review; else that
/// whose rejection stands, else the last with no review.
policies::RecordFact fact_of(const Record& record, std::string control, policies::RecordKind kind);

/// All of a register together, as a record of operation: approved where each of them is and `holds` of each approved
/// version; as old as the one approved first. Nothing where the register is empty. `what` in the plural: "roles".
std::optional<policies::RecordFact> fact_of_all(const std::vector<const Record*>& records, std::string control,
                                                const std::string& what, bool (*holds)(const nlohmann::json& members));

}  // namespace annexa::store::isms
