// Who may not audit what: an auditor does not judge their own work (9.2.2 c).
#pragma once

#include "server-stub/isms/kind.hpp"

#include <nlohmann/json_fwd.hpp>

namespace annexa::store::isms {

struct Auditor {
    std::string person;   // id of a record
    std::string account;  // empty: works without one
};

/// The team of an audit.
std::vector<Auditor> auditors_of(const Register& records, const nlohmann::json& audit);

/// What stands against it that this person audits that, a sentence each, in an order that stays: owning an audited
/// control, clause, host or an action on them, holding a role that is answerable for them, and the deeds that the
/// account did in the store within twelve months (Facts::deeds).
std::vector<std::string> conflicts(const Register& records, const Facts& facts, const std::string& audit_id,
                                   const nlohmann::json& audit, const Auditor& auditor);

/// Those of them that no third person has overridden.
std::vector<std::string> standing_conflicts(const Register& records, const Facts& facts, const std::string& audit_id,
                                            const nlohmann::json& audit, const Auditor& auditor);

/// What an account did in the store since then that it could not audit: adopted a pack, approved a waiver or evidence,
/// administers it.
std::vector<std::string> deeds_of(const Store& store, const Blobs& blobs, const std::string& account, Instant since,
                                  Instant now);

}  // namespace annexa::store::isms
