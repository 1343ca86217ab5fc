// Records of the management system as the API gives them.
#pragma once

#include "cli/isms/kinds.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <string_view>

namespace annexa::cli {

class Client;

/// The path of a record's route. Throws evidence::error where it is no id.
std::string record_path(const std::string& id);

/// GET of one record.
nlohmann::json fetch_record(Client& client, const std::string& id);

/// Names of persons and roles by their id, and of persons by their account: for people's eyes.
class Names {
  public:
    explicit Names(const nlohmann::json& records);
    static Names from(Client& client);
    /// "Ada", or the id where nobody is known by it.
    [[nodiscard]] std::string of(const std::string& id) const;
    /// Names of accounts that are no person's, or their logins.
    void add_accounts(const nlohmann::json& accounts);

  private:
    std::map<std::string, std::string, std::less<>> names_;
};

/// A member as one short harmless line: lists at commas, groups as JSON, at most `width` columns.
std::string brief(const nlohmann::json& value, std::size_t width = 60);

/// "internal context": what the step of the ten is about; "" where there is none.
std::string_view step_title(int step);

/// "approved", "approved by one person", "proposed", …; "–" where the kind is not approved.
std::string approval_text(const nlohmann::json& record, const Kind* kind);

}  // namespace annexa::cli
