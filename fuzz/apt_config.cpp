// apt.conf, its includes answered by the text itself.
#include "collectors/host.hpp"
#include "collectors/support/apt_config.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace annexa::collectors;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    try {
        AptConfig config;
        config.apply("/f", text, [&](std::string_view) {
            return std::vector<std::pair<std::string, std::string>>{{"/i", std::string{text.substr(0, text.size() / 2)}}};
        });
        (void)config.list("APT::Periodic");
        (void)config.path("Dir::State::lists");
    } catch (const host_error&) {  // refused, with a reason
    }
    return 0;
}
