// C2SP tlog-checkpoint: origin, size and root of a log, as a signed note.
#pragma once

#include "evidence/signed_note.hpp"
#include "evidence/tree_head.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace annexa::evidence {

struct Checkpoint {
    std::string origin;
    TreeHead head;
    std::vector<std::string> extensions;  // lines; we write none and keep those we read
    bool operator==(const Checkpoint&) const = default;
};

/// The note's text. Throws error for an origin that is no key name.
std::string checkpoint_text(const Checkpoint& checkpoint);
/// Throws format_error.
Checkpoint parse_checkpoint_text(std::string_view text);

/// The whole note with the log's own line.
std::string sign_checkpoint(const Checkpoint& checkpoint, const PrivateKey& log_key);

/// Verifies and reads. The log's key name is its origin. Throws coded_error `bad_checkpoint` (not a note, not a
/// checkpoint), `bad_signature` or `other_origin`.
Checkpoint open_checkpoint(std::string_view note, const VerifierKey& log);

}  // namespace annexa::evidence
