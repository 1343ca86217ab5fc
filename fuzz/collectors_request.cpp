// A request to annexa-collect and a collector's answer: whatever the bytes are, they are understood or refused with a
// sentence.
#include "collectors/child_output.hpp"
#include "collectors/request.hpp"

#include <cstdint>
#include <cstdlib>

using namespace annexa::collectors;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    try {
        const Request request = parse_request(bytes, all_collectors());
        if (request.limits.output_bytes > most_answer_bytes || request.limits.child.timeout.count() <= 0) std::abort();
    } catch (const annexa::evidence::error&) {
    }
    for (const Collector* collector : all_collectors()) {
        const Collected result = decode_output(*collector, bytes, std::size_t{1} << 20);
        if (result.outcome == Outcome::ok && schema_violation(*collector, result.tables)) std::abort();
        if ((result.outcome == Outcome::ok) == result.reason.has_value()) std::abort();
    }
    return 0;
}
