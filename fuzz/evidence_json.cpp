// What the strict JSON reader accepts has one canonical form.
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>
#include "fuzz/fuzz.hpp"

using namespace annexa::evidence;
using annexa::fuzz::promise;
using annexa::fuzz::text_of;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = text_of(data, size);
    try {
        const std::string canonical = canonical_json(parse_json(bytes, {.bytes = 1 << 16}));
        try {
            promise(canonical_json(parse_json(canonical)) == canonical);
        } catch (const format_error& problem) {
            // A whole double beyond 2^53 prints as an integer that the profile refuses.
            promise(problem.expected().starts_with("an integer within"));
        }
    } catch (const format_error&) {
    }
    return 0;
}
