#include "collectors/support/rpm_version.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_separator(char c) { return !is_digit(c) && !is_letter(c) && c != '~' && c != '^'; }

template <class Is>
std::string_view take(std::string_view& text, const Is& is) {
    const auto end = std::find_if_not(text.begin(), text.end(), is);
    const std::string_view taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(taken.size());
    return taken;
}

std::array<std::string_view, 3> parts(std::string_view version) {
    std::string_view epoch = "0", release;
    if (const std::size_t colon = version.find(':'); colon != std::string_view::npos) {
        epoch = version.substr(0, colon);
        version.remove_prefix(colon + 1);
    }
    if (const std::size_t dash = version.rfind('-'); dash != std::string_view::npos) {
        release = version.substr(dash + 1);
        version = version.substr(0, dash);
    }
    return {epoch, version, release};
}

}  // namespace

int compare_rpm_segments(std::string_view a, std::string_view b) {
    if (a == b) return 0;
    while (!a.empty() || !b.empty()) {
        (void)take(a, is_separator);
        (void)take(b, is_separator);
        const char x = a.empty() ? '\0' : a[0], y = b.empty() ? '\0' : b[0];
        if (x == '~' || y == '~') {
            if (x != '~') return 1;
            if (y != '~') return -1;
            a.remove_prefix(1);
            b.remove_prefix(1);
            continue;
        }
        if (x == '^' || y == '^') {
            if (a.empty()) return -1;
            if (b.empty()) return 1;
            if (x != '^') return 1;
            if (y != '^') return -1;
            a.remove_prefix(1);
            b.remove_prefix(1);
            continue;
        }
        if (a.empty() || b.empty()) break;
        const bool numbers = is_digit(x);
        std::string_view one = numbers ? take(a, is_digit) : take(a, is_letter);
        std::string_view two = numbers ? take(b, is_digit) : take(b, is_letter);
        if (two.empty()) return numbers ? 1 : -1;  // a number is newer than letters
        if (numbers) {
            one.remove_prefix(std::min(one.find_first_not_of('0'), one.size()));
            two.remove_prefix(std::min(two.find_first_not_of('0'), two.size()));
            if (one.size() != two.size()) return one.size() > two.size() ? 1 : -1;
        }
        if (const int order = one.compare(two); order != 0) return order;
    }
    if (a.empty() && b.empty()) return 0;
    return a.empty() ? -1 : 1;
}

int compare_rpm_versions(std::string_view a, std::string_view b) {
    const auto one = parts(a), two = parts(b);
    for (std::size_t i = 0; i < one.size(); ++i)
        if (const int order = compare_rpm_segments(one.at(i), two.at(i)); order != 0) return order;
    return 0;
}

}  // namespace annexa::collectors
