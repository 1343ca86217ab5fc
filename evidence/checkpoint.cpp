#include "evidence/checkpoint.hpp"

#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"

#include <charconv>

namespace annexa::evidence {
namespace {

/// Takes a line that ends in a newline off the front of the text.
std::string take_line(std::string_view& text, std::size_t& offset, const char* expected) {
    const std::size_t newline = text.find('\n');
    if (newline == std::string_view::npos || newline == 0) throw format_error(offset, expected);
    std::string line{text.substr(0, newline)};
    text.remove_prefix(newline + 1);
    offset += newline + 1;
    return line;
}

std::uint64_t parse_size(const std::string& line, std::size_t offset) {
    std::uint64_t size = 0;
    const auto [end, problem] = std::from_chars(line.data(), line.data() + line.size(), size);
    if (problem != std::errc{} || end != line.data() + line.size() || std::to_string(size) != line)
        throw format_error(offset, "a tree size in decimal without leading zeros");
    return size;
}

}  // namespace

std::string checkpoint_text(const Checkpoint& checkpoint) {
    if (!is_key_name(checkpoint.origin)) throw error("a log's origin is not empty and has neither spaces nor '+'");
    std::string text = checkpoint.origin + "\n" + std::to_string(checkpoint.head.size) + "\n" +
                       to_base64(checkpoint.head.root.view()) + "\n";
    for (const std::string& line : checkpoint.extensions) text += line + "\n";
    return text;
}

Checkpoint parse_checkpoint_text(std::string_view text) {
    Checkpoint checkpoint;
    std::size_t offset = 0;
    checkpoint.origin = take_line(text, offset, "a line with the log's origin");
    std::size_t start = offset;
    checkpoint.head.size = parse_size(take_line(text, offset, "a line with the tree's size"), start);
    start = offset;
    const std::string root = take_line(text, offset, "a line with the root hash in base64");
    try {
        checkpoint.head.root = Digest::from_bytes(from_base64(root));
    } catch (const format_error&) {
        throw format_error(start, "the root hash: base64 of 32 bytes");
    }
    while (!text.empty())
        checkpoint.extensions.push_back(take_line(text, offset, "an extension line that is not empty"));
    return checkpoint;
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const PrivateKey& log_key) {
    SignedNote note{checkpoint_text(checkpoint), {}};
    note.signatures.push_back(sign_note(note.text, checkpoint.origin, log_key));
    return serialise(note);
}

Checkpoint open_checkpoint(std::string_view bytes, const VerifierKey& log) {
    SignedNote note;
    try {
        note = parse_signed_note(bytes);
    } catch (const format_error& problem) {
        throw coded_error("bad_checkpoint", std::string{"not a signed note: "} + problem.what());
    }
    if (!verify(note, log))
        throw coded_error("bad_signature", "the checkpoint is not signed by the log key of " + log.name);
    Checkpoint checkpoint;
    try {
        checkpoint = parse_checkpoint_text(note.text);
    } catch (const format_error& problem) {
        throw coded_error("bad_checkpoint", std::string{"not a checkpoint: "} + problem.what());
    }
    if (checkpoint.origin != log.name)
        throw coded_error("other_origin", "the checkpoint is of the log " + checkpoint.origin + ", not of " + log.name);
    return checkpoint;
}

}  // namespace annexa::evidence
