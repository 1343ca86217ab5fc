#include "collectors/support/log_selection.hpp"

#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr std::array<std::string_view, 24> facilities{"kern",   "user",   "mail",   "daemon", "auth",     "syslog",
                                                      "lpr",    "news",   "uucp",   "cron",   "authpriv", "ftp",
                                                      "ntp",    "audit",  "alert",  "clock",  "local0",   "local1",
                                                      "local2", "local3", "local4", "local5", "local6",   "local7"};
constexpr std::array<std::string_view, 8> severities{"emerg",   "alert",  "crit", "err",
                                                     "warning", "notice", "info", "debug"};

template <std::size_t count>
std::optional<int> number_of(const std::array<std::string_view, count>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<int>(found - names.begin());
    const auto number = text::unsigned_integer(name);
    if (number && *number < count) return static_cast<int>(*number);
    return std::nullopt;
}

}  // namespace

LogSelection LogSelection::all(Known value) {
    LogSelection result;
    result.cells_.fill(value);
    return result;
}

LogSelection LogSelection::of_facility(Known auth, Known authpriv) {
    LogSelection result;
    for (int severity = 0; severity < 8; ++severity) {
        result.set(false, severity, auth);
        result.set(true, severity, authpriv);
    }
    return result;
}

LogSelection LogSelection::of_severities(int from, int to) {
    LogSelection result;
    for (int severity = std::max(from, 0); severity <= std::min(to, 7); ++severity)
        for (const bool authpriv : {false, true}) result.set(authpriv, severity, Known::yes);
    return result;
}

LogSelection LogSelection::operator&(const LogSelection& other) const {
    LogSelection result;
    for (std::size_t i = 0; i < cells_.size(); ++i) result.cells_[i] = std::min(cells_[i], other.cells_[i]);
    return result;
}

LogSelection LogSelection::operator|(const LogSelection& other) const {
    LogSelection result;
    for (std::size_t i = 0; i < cells_.size(); ++i) result.cells_[i] = std::max(cells_[i], other.cells_[i]);
    return result;
}

LogSelection LogSelection::operator~() const {
    LogSelection result;
    for (std::size_t i = 0; i < cells_.size(); ++i)
        result.cells_[i] = cells_[i] == Known::yes ? Known::no : cells_[i] == Known::no ? Known::yes : Known::unknown;
    return result;
}

LogSelection LogSelection::doubted() const { return *this & all(Known::unknown); }

bool LogSelection::nothing() const {
    return std::all_of(cells_.begin(), cells_.end(), [](Known each) { return each == Known::no; });
}

std::optional<bool> LogSelection::takes(bool authpriv) const {
    Known least = Known::yes;
    for (int severity = 0; severity <= 6; ++severity) least = std::min(least, at(authpriv, severity));
    if (least == Known::unknown) return std::nullopt;
    return least == Known::yes;
}

std::optional<int> syslog_facility(std::string_view name) {
    return name == "security" ? 4 : number_of(facilities, name);
}

std::optional<int> syslog_severity(std::string_view name) {
    if (name == "panic") return 0;
    if (name == "error") return 3;
    if (name == "warn") return 4;
    return number_of(severities, name);
}

// Each part adds to or takes from what stands left of it; a severity means "this and worse" unless = stands before it.
std::optional<LogSelection> parse_selector(std::string_view selector) {
    LogSelection result;
    for (const std::string_view part : text::split(selector, ';')) {
        if (part.empty()) continue;
        const std::size_t dot = part.rfind('.');
        if (dot == std::string_view::npos) return std::nullopt;
        const std::string level = text::lower(part.substr(dot + 1));
        std::string_view name = level;
        const bool taken_away = name.starts_with('!');
        if (taken_away) name.remove_prefix(1);
        const bool alone = name.starts_with('=');
        if (alone) name.remove_prefix(1);
        const bool none = name == "none";
        const auto severity = name == "*" || none ? std::optional{7} : syslog_severity(name);
        if (!severity) return std::nullopt;
        for (const std::string_view facility : text::split(part.substr(0, dot), ',')) {
            const auto number = facility == "*" ? std::nullopt : syslog_facility(text::lower(facility));
            if (facility != "*" && !number) return std::nullopt;
            for (const bool authpriv : {false, true}) {
                if (number && *number != (authpriv ? 10 : 4)) continue;
                for (int each = alone && name != "*" ? *severity : 0; each <= *severity; ++each)
                    result.set(authpriv, each, none || taken_away ? Known::no : Known::yes);
            }
        }
    }
    return result;
}

}  // namespace annexa::collectors
