#include "collectors/support/file_capabilities.hpp"

#include <sys/capability.h>

#include <array>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace annexa::collectors {
namespace {

using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)>;

std::optional<std::string> text_of(const Capabilities& capabilities) {
    const std::unique_ptr<char, int (*)(void*)> text{::cap_to_text(capabilities.get(), nullptr), &::cap_free};
    if (!text) return std::nullopt;
    return std::string{text.get()};
}

}  // namespace

std::optional<std::string> file_capabilities_text(std::string_view attribute) {
    const auto number = [&](std::size_t at) {
        std::uint32_t value = 0;
        for (std::size_t i = 4; i > 0; --i) value = value << 8 | static_cast<unsigned char>(attribute[at + i - 1]);
        return value;
    };
    if (attribute.size() < 4) return std::nullopt;
    const std::uint32_t head = number(0);
    const std::uint32_t revision = head >> 24;
    const std::size_t sets = revision == 1 ? 1 : 2;
    const std::size_t size = 4 + sets * 8 + (revision == 3 ? 4 : 0);  // of 3 the last is the root user's id
    if (revision < 1 || revision > 3 || attribute.size() != size) return std::nullopt;

    const Capabilities capabilities{::cap_init(), &::cap_free};
    if (!capabilities) return std::nullopt;
    for (cap_value_t value = 0; value < static_cast<cap_value_t>(sets * 32); ++value) {
        const std::size_t set = 4 + static_cast<std::size_t>(value / 32) * 8;
        const std::uint32_t bit = std::uint32_t{1} << (value % 32);
        const bool permitted = (number(set) & bit) != 0, inheritable = (number(set + 4) & bit) != 0;
        const auto raise = [&](cap_flag_t flag) { ::cap_set_flag(capabilities.get(), flag, 1, &value, CAP_SET); };
        if (permitted) raise(CAP_PERMITTED);
        if (inheritable) raise(CAP_INHERITABLE);
        if ((permitted || inheritable) && (head & 1) != 0) raise(CAP_EFFECTIVE);
    }
    return text_of(capabilities);
}

std::string normal_capabilities(const std::string& text) {
    if (text.empty()) return text;
    const Capabilities capabilities{::cap_from_text(text.c_str()), &::cap_free};
    const std::string normal = capabilities ? text_of(capabilities).value_or(text) : text;
    return normal == "=" ? std::string{} : normal;
}

}  // namespace annexa::collectors
