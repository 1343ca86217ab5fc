// Where this enrolment's chain stands, kept apart from the spool and twice, so that a lost or corrupt spool costs
// results but never the chain.
//
// Both files have the SHA-256 of what follows in their first line; the newer valid one counts.
#pragma once

#include "evidence/chain.hpp"
#include "evidence/statement.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace annexa::agent {

struct ChainState {
    std::uint64_t generation = 0;                     // of the file: rises with each save
    evidence::ChainHead last;                         // the newest statement that was signed; sequence 0: the enrolment
    std::optional<evidence::ChainHead> acknowledged;  // the highest statement with a verified receipt
    std::string checkpoint;                           // note of the newest tree that was verified
    std::optional<evidence::Rollback> rollback;       // to be said in the next statement
    std::optional<evidence::Alarm> alarm;             // said in every later statement
    std::optional<evidence::Instant> behind_since;    // the log has been answering with a smaller tree
    bool operator==(const ChainState&) const = default;
};

std::string serialise(const ChainState& state);
/// Throws format_error where the bytes are damaged.
ChainState parse_chain_state(std::string_view bytes);

/// Saves to both files of a state folder, one after the other, with the next generation.
void save_chain_state(const std::filesystem::path& folder, ChainState& state);

/// The newer valid one. Throws error where neither can be used.
ChainState load_chain_state(const std::filesystem::path& folder);

}  // namespace annexa::agent
