#include "evidence/signed_note.hpp"

#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "evidence/utf8.hpp"

#include <algorithm>

namespace annexa::evidence {
namespace {

constexpr std::size_t largest_note_bytes = std::size_t{1} << 20;
constexpr std::size_t most_signatures = 100;
constexpr std::size_t id_bytes = 4;
constexpr char ed25519_type = '\x01';
constexpr std::string_view line_start = "\xe2\x80\x94 ";  // U+2014 and a space

bool is_note_text(std::string_view text) {
    return is_utf8(text) &&
           std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 && c != '\n'; });
}

std::string typed_key(const PublicKey& key) { return std::string(1, ed25519_type).append(key.raw()); }

std::string key_id(std::string_view name, const PublicKey& key) {
    std::string bytes{name};
    bytes.append("\n").append(typed_key(key));
    return std::string{sha256(bytes).view().substr(0, id_bytes)};
}

NoteSignature parse_line(std::string_view line, std::size_t offset) {
    if (!line.starts_with(line_start))
        throw format_error(offset, "a signature line, beginning with U+2014 and a space");
    line.remove_prefix(line_start.size());
    const std::size_t space = line.find(' ');
    const std::string_view name = line.substr(0, space);
    if (space == std::string_view::npos || !is_key_name(name)) throw format_error(offset, "a key name and a signature");
    std::string bytes;
    try {
        bytes = from_base64(line.substr(space + 1));
    } catch (const format_error&) {
        throw format_error(offset, "a signature in base64");
    }
    if (bytes.size() <= id_bytes) throw format_error(offset, "a key id and a signature in base64");
    return {std::string{name}, bytes.substr(0, id_bytes), bytes.substr(id_bytes)};
}

}  // namespace

bool is_key_name(std::string_view name) {
    if (name.empty()) return false;
    while (!name.empty()) {
        const std::uint32_t point = take_code_point(name);
        if (point == not_utf8 || point < 0x20 || point == '+' || is_unicode_space(point)) return false;
    }
    return true;
}

std::string VerifierKey::id() const { return key_id(name, key); }

std::string VerifierKey::text() const { return name + "+" + to_hex(id()) + "+" + to_base64(typed_key(key)); }

VerifierKey VerifierKey::parse(std::string_view text) {
    const std::size_t first = text.find('+');
    const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos || !is_key_name(text.substr(0, first)))
        throw format_error(0, "a verifier key NAME+ID+KEY");
    const std::string typed = from_base64(text.substr(second + 1));
    if (typed.empty() || typed.front() != ed25519_type) throw format_error(second + 1, "an Ed25519 key (type 1)");
    VerifierKey key{std::string{text.substr(0, first)}, PublicKey::from_raw(std::string_view{typed}.substr(1))};
    if (text.substr(first + 1, second - first - 1) != to_hex(key.id()))
        throw format_error(first + 1, "the id of this key");
    return key;
}

SignedNote parse_signed_note(std::string_view bytes) {
    if (bytes.size() > largest_note_bytes) throw format_error(largest_note_bytes, "a note of at most 1 MiB");
    if (!is_note_text(bytes)) throw format_error(0, "UTF-8 without control characters");
    const std::size_t end = bytes.rfind("\n\n");
    if (end == std::string_view::npos) throw format_error(bytes.size(), "an empty line after the text");
    SignedNote note{std::string{bytes.substr(0, end + 1)}, {}};
    std::size_t at = end + 2;
    while (at < bytes.size()) {
        const std::size_t newline = bytes.find('\n', at);
        if (newline == std::string_view::npos) throw format_error(bytes.size(), "a newline after each signature line");
        if (note.signatures.size() == most_signatures) throw format_error(at, "at most 100 signature lines");
        note.signatures.push_back(parse_line(bytes.substr(at, newline - at), at));
        at = newline + 1;
    }
    if (note.signatures.empty()) throw format_error(bytes.size(), "a signature line");
    return note;
}

std::string serialise(const SignedNote& note) {
    std::string bytes = note.text + "\n";
    for (const NoteSignature& signature : note.signatures)
        bytes.append(line_start)
            .append(signature.name)
            .append(" ")
            .append(to_base64(signature.id + signature.bytes))
            .append("\n");
    return bytes;
}

NoteSignature sign_note(std::string_view text, std::string_view name, const PrivateKey& key) {
    if (!is_key_name(name)) throw error("a note's key name has no space, no '+' and is not empty");
    if (!text.ends_with('\n') || !is_note_text(text))
        throw error("a note's text is UTF-8 without control characters and ends in a newline");
    return {std::string{name}, key_id(name, key.public_key()), std::string{key.sign(text).view()}};
}

bool verify(const SignedNote& note, const VerifierKey& key) {
    const std::string id = key.id();
    bool verified = false;
    for (const NoteSignature& signature : note.signatures) {
        if (signature.name != key.name || signature.id != id) continue;
        if (signature.bytes.size() != 64 || !key.key.verify(note.text, Signature::from_bytes(signature.bytes)))
            return false;
        verified = true;
    }
    return verified;
}

}  // namespace annexa::evidence
