// C2SP signed notes: text, an empty line, signature lines.
#pragma once

#include "evidence/key.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace annexa::evidence {

/// A verifier key: "NAME+8 hex of the key id+base64(0x01 || 32-byte key)".
struct VerifierKey {
    std::string name;
    PublicKey key;

    /// The first 4 bytes of SHA-256(name || 0x0A || 0x01 || key).
    [[nodiscard]] std::string id() const;
    [[nodiscard]] std::string text() const;
    /// Throws format_error, also for another algorithm and for an id that is not the key's.
    static VerifierKey parse(std::string_view text);
    bool operator==(const VerifierKey&) const = default;
};

/// Not empty, no Unicode space, no '+', no control.
bool is_key_name(std::string_view name);

struct NoteSignature {
    std::string name;
    std::string id;     // 4 bytes
    std::string bytes;  // the signature
    bool operator==(const NoteSignature&) const = default;
};

struct SignedNote {
    std::string text;  // ends in a newline
    std::vector<NoteSignature> signatures;
    bool operator==(const SignedNote&) const = default;
};

/// Throws format_error. Accepts up to 100 signature lines and 1 MiB.
SignedNote parse_signed_note(std::string_view bytes);
std::string serialise(const SignedNote& note);

/// Signs as `name`. Throws error where text or name cannot stand in a note.
NoteSignature sign_note(std::string_view text, std::string_view name, const PrivateKey& key);

/// True where the key signed the note: it has a line by that key, and no line by it that fails. Lines by others are
/// ignored.
[[nodiscard]] bool verify(const SignedNote& note, const VerifierKey& key);

}  // namespace annexa::evidence
