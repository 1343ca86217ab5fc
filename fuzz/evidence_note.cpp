// A note, checkpoint, verifier key or tile path that is read is exactly what is written.
#include "evidence/checkpoint.hpp"
#include "evidence/errors.hpp"
#include "evidence/tile.hpp"
#include "fuzz/fuzz.hpp"

using namespace annexa::evidence;
using annexa::fuzz::promise;
using annexa::fuzz::text_of;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = text_of(data, size);
    try {
        const SignedNote note = parse_signed_note(bytes);
        promise(serialise(note) == bytes);
        const Checkpoint checkpoint = parse_checkpoint_text(note.text);
        if (is_key_name(checkpoint.origin)) promise(checkpoint_text(checkpoint) == note.text);
    } catch (const format_error&) {
    }
    try {
        promise(VerifierKey::parse(bytes).text() == bytes);
    } catch (const format_error&) {
    }
    if (const auto path = parse_tile_path(bytes))
        promise((path->entries ? entries_path(path->id.number, path->id.width) : tile_path(path->id)) == bytes);
    try {
        promise(encode_entry_bundle(decode_entry_bundle(bytes)) == bytes);
    } catch (const format_error&) {
    }
    return 0;
}
