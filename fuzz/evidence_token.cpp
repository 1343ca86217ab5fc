// A token that is read is exactly what is written; no other input does harm.
#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "evidence/token.hpp"

#include <nlohmann/json.hpp>
#include "fuzz/fuzz.hpp"

using namespace annexa::evidence;
using annexa::fuzz::promise;
using annexa::fuzz::text_of;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = text_of(data, size);
    // The input is the JSON within: chance alone seldom hits base64 of canonical JSON.
    std::string inner{bytes};
    try {
        inner = canonical_json(parse_json(bytes, {.bytes = 1 << 14}));
    } catch (const error&) {
    }
    for (const std::string& text : {std::string{bytes}, "annexa1." + to_base64url(inner)}) {
        try {
            const Token token = parse_token(text);
            promise(parse_token(encode_token(token)) == token);
        } catch (const error&) {
        }
    }
    try {
        bearer_hash(bytes);
    } catch (const coded_error&) {
    }
    return 0;
}
