// The header of an RPM package as the database keeps it (rpm's format.md, "Header"; lib/header.c): two numbers, an
// index of entries (tag, type, offset, count; 32 bits each, big-endian), and the data that they point into.
//
// Read by hand, a hundred lines, rather than by librpm: it must be readable on a host that has none (a Red Hat image on
// Debian), and what reads hostile bytes should be small. Every offset is checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace annexa::collectors {

/// Tags of rpmtag.h that are read here.
enum class RpmTag : std::uint32_t {
    sha1 = 269,
    name = 1000,
    version = 1001,
    release = 1002,
    epoch = 1003,
    install_time = 1008,
    size = 1009,
    vendor = 1011,
    group = 1016,
    arch = 1022,
    file_states = 1029,
    file_modes = 1030,
    file_digests = 1035,
    file_flags = 1037,
    file_users = 1039,
    file_groups = 1040,
    source_rpm = 1044,
    directory_indexes = 1116,
    base_names = 1117,
    directory_names = 1118,
    long_size = 5009,
    file_capabilities = 5010,
    file_digest_algorithm = 5011,
};

/// Refers to the bytes that it was given, which must outlive it.
class RpmHeader {
  public:
    /// Throws evidence::format_error where the bytes are no header.
    explicit RpmHeader(std::string_view bytes);

    /// A string, or the first of several (of a text in many languages: the untranslated); nothing where there is none.
    [[nodiscard]] std::optional<std::string> text(RpmTag tag) const;
    [[nodiscard]] std::vector<std::string> texts(RpmTag tag) const;
    /// Unsigned, whatever their width.
    [[nodiscard]] std::optional<std::uint64_t> number(RpmTag tag) const;
    [[nodiscard]] std::vector<std::uint64_t> numbers(RpmTag tag) const;

  private:
    struct Entry {
        std::uint32_t type = 0, offset = 0, count = 0;
    };
    [[nodiscard]] const Entry* entry(RpmTag tag) const;

    std::string_view data_;
    std::unordered_map<std::uint32_t, Entry> entries_;
};

}  // namespace annexa::collectors
