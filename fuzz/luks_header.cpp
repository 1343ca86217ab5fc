// LUKS headers of both versions.
#include "collectors/host.hpp"
#include "collectors/support/luks_header.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace annexa::collectors;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    try {
        (void)parse_luks_header("/dev/x", text);
    } catch (const host_error&) {  // refused, with a reason
    }
    return 0;
}
