// Words on a row of the Statement of Applicability that its sheet and its page share. Each takes the row.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace annexa::cli::statement {

/// A member's text as it is; "" for null and for what is not there.
std::string text_in(const nlohmann::json& object, std::string_view member);

/// "R-0003 Ransomware", one a line; `member` is based_on or links.
std::string titled(const nlohmann::json& row, std::string_view member);
/// "R-0009 Log of reviews (produced 2026-11-02, approved)", one a line, the newest first.
std::string evidence(const nlohmann::json& row);
/// "Effective: …", the sentence of its status; "" for one's own control.
std::string indication(const nlohmann::json& row);
/// "rule: adopted, operation: effective, records: shown": the three legs.
std::string legs(const nlohmann::json& row);
/// "effective on 2026-11-24: …", by whom.
std::string conclusion(const nlohmann::json& row);
/// "ssh-root-login until 2027-03-31: …", one a line.
std::string waivers(const nlohmann::json& row);

}  // namespace annexa::cli::statement
