// Release and InRelease files: who publishes a suite, when, until when, for what.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct AptRelease {
    std::string origin, label, suite, codename, version;
    std::vector<std::string> components, architectures;
    std::optional<std::int64_t> date;         // Unix seconds
    std::optional<std::int64_t> valid_until;  // Unix seconds

    /// Whether security updates come from here: Label "Debian-Security", suites and codenames that end in -security or
    /// (before bullseye) in /updates, Origin "…Security…" of derivatives.
    [[nodiscard]] bool security() const;
};

/// With or without the armour of a clear-signed file. The signature is not looked at: apt did that before it kept the file.
/// Throws host_error(malformed_source) with the path.
AptRelease parse_apt_release(std::string_view path, std::string_view text);

/// RFC 2822 dates as they stand there ("Sat, 11 Jan 2025 11:06:38 UTC"); nothing for another form.
std::optional<std::int64_t> parse_apt_date(std::string_view text);

/// The same rule over what a cache knows.
bool is_security_archive(std::string_view origin, std::string_view label, std::string_view suite, std::string_view codename);

}  // namespace annexa::collectors
