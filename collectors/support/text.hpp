// Lines, words and numbers of configuration files. Everything returns views into the text that it was given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annexa::collectors::text {

enum class Comments {
    none,        // every line counts
    whole_line,  // a line whose first character that is not blank is # is none
    semicolon,   // the same with # or ;
};
constexpr Comments no_comments = Comments::none;
constexpr Comments whole_line_comments = Comments::whole_line;
constexpr Comments whole_line_comments_or_semicolon = Comments::semicolon;

struct Line {
    std::size_t number = 0;  // from 1
    std::string_view text;   // without blanks at either end, never empty
};

/// The lines that say something: blanks (also CR) at both ends cut off, empty lines and comments left out.
std::vector<Line> lines(std::string_view text, Comments comments = no_comments);

/// Every line as written, without its line feed; a last line without one counts, an empty one after it does not.
std::vector<Line> raw_lines(std::string_view text);

/// A line with those that continue it.
struct JoinedLine {
    std::size_t number = 0;  // of the first, from 1
    std::string text;
};

/// raw_lines(), where a backslash at the end joins a line with the next. `line_ends` are cut off before it is looked
/// for: "\r" where the program that owns the file passes over it.
std::vector<JoinedLine> joined_lines(std::string_view text, std::string_view line_ends = {});

/// True for space, tab, vertical tab, form feed, carriage return and line feed (C's isspace in the C locale).
bool is_blank(char character);

std::string_view trimmed(std::string_view text);

/// The first word and what follows it, blanks between and around them cut off; the second empty where there is none.
std::pair<std::string_view, std::string_view> split_at_blank(std::string_view text);

/// The text before and after the first separator, both trimmed; nothing where it does not occur.
std::optional<std::pair<std::string_view, std::string_view>> split_at(std::string_view text, char separator);

/// All fields between separators, as written, empty ones too: "a::b" has three.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The words between blanks.
std::vector<std::string_view> words(std::string_view text);

/// As login.defs does it: blanks and double quotes at the beginning skipped, the rest up to the next double quote.
std::string_view unquoted(std::string_view text);

/// A whole decimal number, optionally signed, that fits 64 bits; nothing for anything else.
std::optional<std::int64_t> integer(std::string_view text);

/// The same with the base given and no sign: mode bits (8), addresses of /proc/net (16).
std::optional<std::uint64_t> unsigned_integer(std::string_view text, int base = 10);

/// ASCII letters in lower case.
std::string lower(std::string_view text);

/// ASCII comparison without case.
bool equal_without_case(std::string_view a, std::string_view b);

/// "/a/b/c" → "c"; "/a/b/c" → "/a/b".
std::string_view file_name(std::string_view path);
std::string_view folder(std::string_view path);

/// What a message may hold: bytes that are no printable UTF-8 become \xHH, and it ends in "…" beyond most_bytes.
std::string printable(std::string_view text, std::size_t most_bytes = 1000);

}  // namespace annexa::collectors::text
