// The Statement of Applicability as a sheet: one row a control, all 93 of Annex A in their order and then one's own.
// What the API shows, what an issue freezes.
#pragma once

#include "server-stub/isms/kind.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace annexa::store {
struct Server;
struct StatusReport;
struct WaiverView;
}  // namespace annexa::store

namespace annexa::store::isms {

/// What the rows rest on beside the records. Both may be missing: then no indication and no waiver is shown.
struct SheetSources {
    const StatusReport* report = nullptr;
    const std::vector<WaiverView>* waivers = nullptr;
};

/// The rows; ids of records and people stand in it, no names of them (name_rows() adds these).
nlohmann::json sheet_rows(const Register& records, const SheetSources& sources);

/// The rows as of that time, from these records and what the store shows then. Brings the evaluation up to date first.
nlohmann::json current_rows(Server& server, const Register& records, const AsOf& as_of);

/// Adds the names that ids stand for as of now: owner_name, and title beside each id. An erased one is told by its id.
void name_rows(nlohmann::json& rows, const Register& records);

/// What differs between two sheets, a line each: {"control","member","from","to"}; a control that is new or gone has
/// the member "control". Compares what people decide (applicable … owner), not indications.
nlohmann::json sheet_differences(const nlohmann::json& before, const nlohmann::json& after);

/// The approved statement in force: the record's approved version.
struct StatementInForce {
    std::string record;
    std::uint64_t version = 0;
    std::string number;  // "1.0"
    Digest digest;       // of the frozen sheet
    std::vector<std::string> excluded;
    Approval approval;
};
std::optional<StatementInForce> statement_in_force(const Register& records);

}  // namespace annexa::store::isms
