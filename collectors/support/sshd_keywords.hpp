// The keywords of sshd_config(5): how each is read, where it may stand, what it is where nobody says.
#pragma once

#include "collectors/support/sshd_config.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors::sshd {

enum class Kind {
    flag,    // yes, no
    choice,  // one of a few words
    number,
    seconds,
    octal,
    text,        // one word
    whole,       // the rest of the line
    words,       // several words on one line, the first line wins
    list,        // several words, lines add up, a row each
    repeated,    // one value, lines add up, a row each
    algorithms,  // a comma list with + - ^
    level,
    facility,
    startups,
    rekey,
    ignored,  // deprecated or unsupported: read over
    unshown,  // known, no row of it
};

struct Keyword {
    std::string_view name;
    Kind kind = Kind::ignored;
    bool in_match = false;
    std::string_view fallback = {};   // the default; empty: no row where nothing is set
    std::string_view choices = {};    // "yes no", or "written=printed …"
    std::string_view real_name = {};  // of an old name
    Release since = {};               // unknown to older releases
};

/// Nothing for what sshd would call a bad configuration option.
const Keyword* find_keyword(std::string_view lower_case_name, Release release);

/// All that yield rows, in the order of their names.
std::vector<const Keyword*> shown_keywords(Release release);

/// The default list of an algorithms keyword.
std::string default_algorithms(std::string_view keyword, Release release);

/// All algorithms of a keyword that + and ^ patterns can bring in, as far as known.
std::vector<std::string> known_algorithms(std::string_view keyword);

}  // namespace annexa::collectors::sshd
