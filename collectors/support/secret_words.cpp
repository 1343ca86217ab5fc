#include "collectors/support/secret_words.hpp"

#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

constexpr std::string_view hidden = "<hidden>";

bool speaks_of_a_secret(std::string_view name) {
    constexpr std::array words{"pass", "pwd", "bindpw", "secret", "token", "credential", "key"};
    const std::string lower = text::lower(name);
    return std::any_of(words.begin(), words.end(),
                       [&](const char* word) { return lower.find(word) != std::string::npos; });
}

}  // namespace

std::string without_secret(std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string_view::npos || !speaks_of_a_secret(assignment.substr(0, equals)))
        return std::string{assignment};
    return std::string{assignment.substr(0, equals + 1)} + std::string{hidden};
}

std::string without_secrets(std::string_view list, char separator) {
    std::string result;
    bool first = true;
    for (const std::string_view part : text::split(list, separator)) {
        if (!first) result += separator;
        first = false;
        result += without_secret(part);
    }
    return result;
}

std::string without_password(std::string_view address) {
    const std::size_t scheme = address.find("://");
    if (scheme == std::string_view::npos) return std::string{address};
    const std::size_t begin = scheme + 3;
    const std::string_view authority = address.substr(begin, address.find_first_of("/?#", begin) - begin);
    const std::size_t at = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    if (at == std::string_view::npos || colon > at) return std::string{address};
    return std::string{address.substr(0, begin + colon + 1)} + std::string{hidden} +
           std::string{address.substr(begin + at)};
}

}  // namespace annexa::collectors
