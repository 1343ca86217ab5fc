// An entry that is read is exactly what entry() writes; a foreign envelope never does harm.
#include "evidence/envelope.hpp"
#include "evidence/errors.hpp"
#include "fuzz/fuzz.hpp"

using namespace annexa::evidence;
using annexa::fuzz::promise;
using annexa::fuzz::text_of;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = text_of(data, size);
    try {
        promise(entry(parse_entry(bytes)) == bytes);
    } catch (const coded_error&) {
    }
    try {
        static const PublicKey key = PrivateKey::from_seed(std::string(32, 'z')).public_key();
        promise(!verify(parse_foreign_envelope(bytes, 1 << 16), key));
    } catch (const format_error&) {
    }
    return 0;
}
