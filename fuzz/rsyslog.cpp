// rsyslog.conf in both syntaxes, its includes answered by half of the text.
#include "collectors/host.hpp"
#include "collectors/support/log_config.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace annexa::collectors;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    try {
        (void)parse_rsyslog("/f", text, [&](std::string_view) {
            return std::vector<std::pair<std::string, std::string>>{{"/i", std::string{text.substr(0, text.size() / 2)}}};
        });
    } catch (const host_error&) {  // refused, with a reason
    }
    return 0;
}
