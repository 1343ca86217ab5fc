// Repositories in both forms.
#include "collectors/host.hpp"
#include "collectors/support/apt_sources_list.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace annexa::collectors;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    try {
        for (const AptSource& source : parse_sources_list("/f", text)) (void)apt_list_name(apt_dist_uri(source));
    } catch (const host_error&) {
    }
    try {
        for (const AptSource& source : parse_sources_deb822("/f", text)) (void)apt_list_name(apt_dist_uri(source));
    } catch (const host_error&) {  // refused, with a reason
    }
    return 0;
}
