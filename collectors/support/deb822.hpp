// Stanzas of `Field: value` lines: dpkg's status file, *.sources, Release, apt's history.
//
// Grammar: deb822(5) and pkgTagFile of libapt-pkg. Field names compare without regard to case; a line that begins with a
// blank continues the field; a line of blanks ends the stanza; where comments are allowed, a line that begins with # is none.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct Stanza {
    struct Field {
        std::string_view name;
        std::string_view value;  // from the first byte that is no blank to the last; continuation lines with their newlines
        int line = 0;
    };
    std::vector<Field> fields;
    int line = 0;  // of its first field, from 1

    /// Null where there is none.
    [[nodiscard]] const Field* find(std::string_view name) const;
    /// Empty where there is none.
    [[nodiscard]] std::string_view value(std::string_view name) const;
};

/// One stanza after the other, their views into text. Throws host_error(malformed_source, "PATH:LINE: what").
void for_each_stanza(std::string_view path, std::string_view text, const std::function<void(const Stanza&)>& visit);

/// A value without its comment lines, as words.
std::vector<std::string> deb822_words(std::string_view value);

/// Debian's order of versions (deb-version(7)): negative, 0 or positive.
int compare_debian_versions(std::string_view a, std::string_view b);

}  // namespace annexa::collectors
