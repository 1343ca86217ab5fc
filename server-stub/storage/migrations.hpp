// The schema of the embedded database, as numbered steps that are never changed once they have landed.
#pragma once

#include <span>

namespace annexa::store {

/// Step n brings a database of version n to n + 1. PRAGMA user_version holds the version.
std::span<const char* const> migrations();

/// PRAGMA application_id: "Annx".
constexpr int application_id = 0x416e6e78;

}  // namespace annexa::store
