// server.yaml is read, or refused with a place.
#include "evidence/errors.hpp"
#include "server-stub/configuration/configuration.hpp"

#include "fuzz/fuzz.hpp"

using annexa::fuzz::promise;
using annexa::fuzz::text_of;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        promise(annexa::store::parse_configuration(text_of(data, size), "server.yaml").data.is_absolute());
    } catch (const annexa::evidence::error& error) {
        promise(std::string_view{error.what()}.starts_with("server.yaml:"));
    }
    return 0;
}
