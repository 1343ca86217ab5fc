#include "collectors/support/apt_release.hpp"

#include "collectors/support/deb822.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace annexa::collectors {

bool is_security_archive(std::string_view origin, std::string_view label, std::string_view suite, std::string_view codename) {
    const auto says_security = [](std::string_view name) { return text::lower(name).find("security") != std::string::npos; };
    return says_security(label) || says_security(suite) || says_security(codename) || says_security(origin) ||
           (origin == "Debian" && codename.ends_with("/updates"));
}

bool AptRelease::security() const { return is_security_archive(origin, label, suite, codename); }

std::optional<std::int64_t> parse_apt_date(std::string_view date) {
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto words = text::words(date);
    if (!words.empty() && words[0].ends_with(',')) words.erase(words.begin());
    if (words.size() != 5) return std::nullopt;
    const auto day = text::unsigned_integer(words[0]);
    const auto month = std::find(months.begin(), months.end(), words[1]);
    const auto year = text::unsigned_integer(words[2]);
    const auto clock = text::split(words[3], ':');
    if (!day || month == months.end() || !year || *year > 9999 || *year < 1970 || clock.size() != 3) return std::nullopt;
    const auto hours = text::unsigned_integer(clock[0]);
    const auto minutes = text::unsigned_integer(clock[1]);
    const auto seconds = text::unsigned_integer(clock[2]);
    if (!hours || *hours > 23 || !minutes || *minutes > 59 || !seconds || *seconds > 60) return std::nullopt;
    if (words[4] != "UTC" && words[4] != "GMT" && words[4] != "+0000" && words[4] != "Z") return std::nullopt;
    const std::chrono::year_month_day calendar{std::chrono::year{static_cast<int>(*year)},
                                               std::chrono::month{static_cast<unsigned>(month - months.begin() + 1)},
                                               std::chrono::day{static_cast<unsigned>(std::min<std::uint64_t>(*day, 99))}};
    if (!calendar.ok()) return std::nullopt;
    const auto days = std::chrono::sys_days{calendar}.time_since_epoch().count();
    return std::int64_t{days} * 86400 + static_cast<std::int64_t>(*hours * 3600 + *minutes * 60 + *seconds);
}

AptRelease parse_apt_release(std::string_view path, std::string_view text) {
    if (text.starts_with("-----BEGIN PGP SIGNED MESSAGE-----")) {
        const std::size_t headers_end = text.find("\n\n");
        text.remove_prefix(headers_end == std::string_view::npos ? text.size() : headers_end + 2);
        text = text.substr(0, text.find("\n-----BEGIN PGP SIGNATURE-----"));
    }
    AptRelease release;
    bool first = true;
    for_each_stanza(path, text, [&](const Stanza& stanza) {
        if (!first) return;
        first = false;
        release.origin = stanza.value("Origin");
        release.label = stanza.value("Label");
        release.suite = stanza.value("Suite");
        release.codename = stanza.value("Codename");
        release.version = stanza.value("Version");
        release.components = deb822_words(stanza.value("Components"));
        release.architectures = deb822_words(stanza.value("Architectures"));
        release.date = parse_apt_date(stanza.value("Date"));
        release.valid_until = parse_apt_date(stanza.value("Valid-Until"));
    });
    return release;
}

}  // namespace annexa::collectors
