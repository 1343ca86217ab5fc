// What a gap says is to be done next, as a command that works once values stand in place of "…".
#pragma once

#include "server-stub/isms/kind.hpp"

#include <span>
#include <string>
#include <string_view>

namespace annexa::store::isms {

/// "annexa isms set asset title=… type=…": with every member that a new record must have.
std::string command_to_make(const Kind& kind);

/// "annexa isms act R-0002 close note=…": with everything that the action must be told.
std::string command_to_act(std::string_view id, std::string_view action, std::span<const Action> actions);

/// For a person who is to have read the version that is approved; there must be one. `today`: YYYY-MM-DD.
std::string command_to_acknowledge(const Record& document, const std::string& person, const std::string& today);

}  // namespace annexa::store::isms
