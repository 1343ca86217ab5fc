// The patterns of sudo's scanner, one function each: the length of the match at the text's beginning, 0 where there is
// none. sudo takes the longest match of all that its state allows, so lengths are what has to be compared.
#pragma once

#include <cstddef>
#include <string_view>

namespace annexa::collectors::sudoers {

constexpr bool blank(char c) { return c == ' ' || c == '\t'; }
constexpr bool digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool hex(char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool among(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
constexpr bool begins(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

/// How many blanks there are from an offset on.
std::size_t blanks(std::string_view text, std::size_t from = 0);
std::size_t newline_length(std::string_view text);           // \n or \r\n
std::size_t continuation_length(std::string_view text);      // a backslash, blanks, a line end
std::size_t word_length(std::string_view text);              // a name: no # > ! = : , ( ) blank quote, unless escaped
std::size_t id_length(std::string_view text);                // #1000
std::size_t path_length(std::string_view text);              // /usr/bin/true
std::size_t regex_length(std::string_view text);             // ^…$
std::size_t environment_word_length(std::string_view text);  // a value of Defaults
std::size_t comment_length(std::string_view text);           // # … with its line end; 1 where it is a user id's
std::size_t address_length(std::string_view text);           // an IPv4 or IPv6 address, also with a mask

}  // namespace annexa::collectors::sudoers
