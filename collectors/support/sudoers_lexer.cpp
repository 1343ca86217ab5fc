#include "collectors/support/sudoers_lexer.hpp"

#include "collectors/support/sudoers_patterns.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace annexa::collectors::sudoers {
namespace {

struct Keyword {
    std::string_view text;
    TokenKind kind;
};
constexpr std::array<std::string_view, 16> tags{
    "NOPASSWD",   "PASSWD",       "NOEXEC",    "EXEC",        "INTERCEPT", "NOINTERCEPT", "SETENV", "NOSETENV",
    "LOG_OUTPUT", "NOLOG_OUTPUT", "LOG_INPUT", "NOLOG_INPUT", "MAIL",      "NOMAIL",      "FOLLOW", "NOFOLLOW"};
constexpr std::array<std::string_view, 8> options{"TIMEOUT", "NOTBEFORE", "NOTAFTER", "CWD",
                                                  "CHROOT",  "ROLE",      "TYPE",     "APPARMOR_PROFILE"};
constexpr std::array<std::pair<std::string_view, std::size_t>, 4> digests{
    {{"sha224", 28}, {"sha256", 32}, {"sha384", 48}, {"sha512", 64}}};

int hex_value(char c) { return digit(c) ? c - '0' : (c | 0x20) - 'a' + 10; }

std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 >= text.size()) {
            plain += text[i];
        } else if (text[i + 1] == 'x' && i + 3 < text.size() && hex(text[i + 2]) && hex(text[i + 3])) {
            plain += static_cast<char>(hex_value(text[i + 2]) * 16 + hex_value(text[i + 3]));
            i += 3;
        } else {
            plain += text[++i];
        }
    }
    return plain;
}

std::string command_path(std::string_view text) {
    std::string path;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() && among(text[i + 1], ",:= \t#")) ++i;
        path += text[i];
    }
    constexpr std::string_view edit = "/sudoedit";
    if (path.size() >= edit.size() && path.compare(path.size() - edit.size(), edit.size(), edit) == 0)
        return "sudoedit";
    return path;
}

}  // namespace

Token Lexer::make(TokenKind kind, std::string text) const {
    Token token;
    token.kind = kind;
    token.text = std::move(text);
    token.line = line_;
    return token;
}

Token Lexer::fail(std::string what) const { return make(TokenKind::error, std::move(what)); }

Token Lexer::next() {
    if (ended_) return make(TokenKind::end);
    if (position_ >= text_.size()) {
        ended_ = true;
        // sudo adds the newline that a file's last line lacks.
        if (!text_.empty() && text_.back() != '\n') {
            if (state_ == State::string) return fail("unexpected line break in string");
            return make(TokenKind::newline);
        }
        return make(TokenKind::end);
    }
    return scan();
}

// What every state shares: line ends, blanks, continuations and negation. False where nothing matched; found where a
// token came of it.
bool Lexer::shared(Token& token, bool& found) {
    const std::string_view text = rest();
    found = false;
    if (const std::size_t length = newline_length(text)) {
        if (state_ == State::string) {
            state_ = State::initial;
            token = fail("unexpected line break in string");
            position_ = text_.size();
            found = true;
            return true;
        }
        token = make(TokenKind::newline);
        position_ += length;
        ++line_;
        state_ = State::initial;
        continued_ = false;
        found = true;
        return true;
    }
    if (const std::size_t length = continuation_length(text)) {
        position_ += length;
        ++line_;
        continued_ = true;
        return true;
    }
    if (const std::size_t length = blanks(text)) {
        if (state_ == State::got_defaults) state_ = State::start_defaults;
        position_ += length;
        return true;
    }
    if (text[0] == '!') {
        std::size_t length = 0;
        while (length < text.size() && text[length] == '!') ++length;
        position_ += length;
        if (length % 2 == 1) {
            token = make(TokenKind::negation);
            found = true;
        }
        return true;
    }
    return false;
}

Token Lexer::scan() {
    for (;;) {
        if (position_ >= text_.size()) return next();
        if (state_ == State::string) return scan_string();
        const std::string_view text = rest();
        if (state_ == State::got_defaults) {
            const std::size_t gap = blanks(text);
            if (gap < text.size() && text[gap] == ',') {
                position_ += gap + 1 + blanks(text, gap + 1);
                return make(TokenKind::comma);
            }
        }
        // A comment, unless it is a user id; these states alone know comments.
        if (state_ == State::initial || state_ == State::start_defaults || state_ == State::in_defaults) {
            const bool include = state_ == State::initial && at_line_start() &&
                                 ((begins(text, "#include") && text.size() > 8 && blank(text[8])) ||
                                  (begins(text, "#includedir") && text.size() > 11 && blank(text[11])));
            const std::size_t length = comment_length(text);
            if (!include && length > 0 && (state_ != State::initial || length > id_length(text))) {
                if (text[length - 1] == '\n') {
                    const Token token = make(TokenKind::newline);
                    position_ += length;
                    ++line_;
                    state_ = State::initial;
                    continued_ = false;
                    return token;
                }
                position_ += length;
                if (position_ >= text_.size()) return next();
                return fail("a stray #");
            }
        }
        // Defaults and the alias keywords carry the blanks before them.
        if (state_ == State::initial && at_line_start() && blank(text[0])) {
            const std::string_view behind = text.substr(blanks(text));
            const bool keyword = begins(behind, "Defaults") || begins(behind, "User_Alias") ||
                                 begins(behind, "Runas_Alias") || begins(behind, "Host_Alias") ||
                                 begins(behind, "Cmnd_Alias") || begins(behind, "Cmd_Alias");
            if (keyword) return scan_initial();
        }
        Token token;
        bool found = false;
        if (shared(token, found)) {
            if (found) return token;
            continue;
        }
        switch (state_) {
            case State::start_defaults:
            case State::in_defaults:
                return scan_defaults_word();
            case State::got_include: {
                if (text[0] == '"') {
                    ++position_;
                    string_return_ = State::initial;
                    state_ = State::string;
                    return scan_string();
                }
                std::size_t length = 0;
                while (length < text.size() && !among(text[length], " \t\r\n\f\v")) {
                    if (text[length] == '\\' && length + 1 < text.size() && blank(text[length + 1])) ++length;
                    ++length;
                }
                position_ += length;
                state_ = State::initial;
                return make(TokenKind::word, unescaped(text.substr(0, length)));
            }
            case State::expect_path: {
                const std::size_t length = std::max(path_length(text), word_length(text));
                if (length > 0) {
                    position_ += length;
                    state_ = State::initial;
                    return make(TokenKind::word, unescaped(text.substr(0, length)));
                }
                return scan_initial();
            }
            default:
                return scan_initial();
        }
    }
}

Token Lexer::scan_defaults_word() {
    const std::string_view text = rest();
    if (state_ == State::start_defaults) {
        std::size_t length = 0;
        while (length < text.size() && ((text[length] >= 'a' && text[length] <= 'z') || text[length] == '_')) ++length;
        if (length == 0) return fail("expected a parameter of Defaults");
        position_ += length;
        state_ = State::in_defaults;
        return make(TokenKind::parameter, std::string{text.substr(0, length)});
    }
    if (text[0] == ',') {
        ++position_;
        state_ = State::start_defaults;
        return make(TokenKind::comma);
    }
    if (begins(text, "+=") || begins(text, "-=")) {
        position_ += 2;
        return make(text[0] == '+' ? TokenKind::plus_equals : TokenKind::minus_equals);
    }
    if (text[0] == '=') {
        ++position_;
        return make(TokenKind::equals);
    }
    if (text[0] == '"') {
        ++position_;
        string_return_ = State::in_defaults;
        state_ = State::string;
        return scan_string();
    }
    const std::size_t length = environment_word_length(text);
    if (length == 0) return fail("unexpected character in Defaults");
    position_ += length;
    return make(TokenKind::word, unescaped(text.substr(0, length)));
}

Token Lexer::scan_string() {
    std::string value;
    while (position_ < text_.size()) {
        const std::string_view text = rest();
        if (const std::size_t length = continuation_length(text)) {
            position_ += length;
            position_ += blanks(rest());
            ++line_;
            continued_ = true;
        } else if (text[0] == '"') {
            ++position_;
            state_ = string_return_;
            if (value.empty()) return fail("empty string");
            if (string_return_ == State::initial || string_return_ == State::got_defaults) {
                if (value[0] == '%')
                    return value == "%" || value == "%:" ? fail("empty group") : make(TokenKind::group, value);
                if (value[0] == '+') return value == "+" ? fail("empty netgroup") : make(TokenKind::netgroup, value);
            }
            return make(TokenKind::word, value);
        } else if (newline_length(text) != 0 || text[0] == '\r') {
            state_ = State::initial;
            return fail("unexpected line break in string");
        } else if (begins(text, "\\\"")) {
            value += '"';
            position_ += 2;
        } else if (text[0] == '\\' && text.size() > 3 && text[1] == 'x' && hex(text[2]) && hex(text[3])) {
            value += '\\';  // as written; hexadecimal is undone for words alone
            ++position_;
        } else {
            value += text[0];
            ++position_;
        }
    }
    ended_ = true;
    return fail("unexpected line break in string");
}

Token Lexer::scan_initial() {
    const std::string_view text = rest();
    const bool plain = state_ == State::initial;
    const std::size_t word = word_length(text);

    if (plain && at_line_start()) {
        for (const auto& [keyword, kind] :
             {Keyword{"#includedir", TokenKind::include_folder}, Keyword{"#include", TokenKind::include}})
            if (begins(text, keyword) && text.size() > keyword.size() && blank(text[keyword.size()])) {
                if (continued_) return fail("invalid line continuation");
                position_ += keyword.size();
                state_ = State::got_include;
                return make(kind);
            }
        const std::size_t gap = blanks(text);
        const std::string_view behind = text.substr(gap);
        const std::size_t behind_word = word_length(behind);
        if (begins(behind, "Defaults")) {
            // The binding counts only if a word, an id or a quoted name follows it at once.
            const std::string_view after = behind.substr(8);
            std::size_t binding = 0;
            std::size_t name_start = 0;
            if (!after.empty() && among(after[0], ":@>!")) {
                name_start = 1 + blanks(after, 1);
                std::size_t start = name_start;
                while (start < after.size() && after[start] == '!') ++start;
                if (start < after.size() && after[start] == '"') ++start;
                const std::string_view name = after.substr(std::min(start, after.size()));
                const std::size_t length = std::max(word_length(name), id_length(name));
                if (length > 0) binding = start + length;
            }
            if (8 + binding >= behind_word) {
                if (continued_) return fail("invalid line continuation");
                state_ = State::got_defaults;
                position_ += gap + 8 + (binding > 0 ? name_start : 0);
                if (binding == 0) return make(TokenKind::defaults);
                return make(after[0] == ':'   ? TokenKind::defaults_user
                            : after[0] == '@' ? TokenKind::defaults_host
                            : after[0] == '>' ? TokenKind::defaults_runas
                                              : TokenKind::defaults_command);
            }
        }
        for (const auto& [keyword, kind] :
             {Keyword{"User_Alias", TokenKind::user_alias}, Keyword{"Runas_Alias", TokenKind::runas_alias},
              Keyword{"Host_Alias", TokenKind::host_alias}, Keyword{"Cmnd_Alias", TokenKind::command_alias},
              Keyword{"Cmd_Alias", TokenKind::command_alias}})
            if (begins(behind, keyword) && behind_word == keyword.size()) {
                if (continued_) return fail("invalid line continuation");
                position_ += gap + keyword.size();
                return make(kind);
            }
        if (gap > 0) {
            position_ += gap;
            return scan();
        }
    }
    if (plain && text[0] == '@' && (text.substr(0, word) == "@include" || text.substr(0, word) == "@includedir")) {
        if (continued_) return fail("invalid line continuation");
        position_ += word;
        state_ = State::got_include;
        return make(word == 8 ? TokenKind::include : TokenKind::include_folder);
    }
    if (state_ == State::want_digest) {
        std::size_t length = 0;
        while (length < text.size() && hex(text[length])) ++length;
        std::size_t wide = 0;
        while (wide < text.size() && (hex(text[wide]) || (text[wide] >= 'g' && text[wide] <= 'z') ||
                                      (upper(text[wide])) || among(text[wide], "+/=")))
            ++wide;
        if (wide > 0) {
            const bool padded = text[wide - 1] == '=';
            const std::size_t base64 = padded ? 4 * ((digest_bytes_ + 2) / 3) : (4 * digest_bytes_ + 2) / 3;
            if ((length == wide && length == digest_bytes_ * 2) || (length != wide && wide == base64)) {
                position_ += wide;
                state_ = State::initial;
                return make(TokenKind::digest, std::string{text.substr(0, wide)});
            }
            return fail("expected a digest of the right length");
        }
    }
    for (const std::string_view tag : tags)
        if (begins(text, tag)) {
            const std::size_t length = tag.size() + blanks(text, tag.size());
            if (length < text.size() && text[length] == ':' && length + 1 > word) {
                position_ += length + 1;
                return make(TokenKind::tag, std::string{tag});
            }
        }
    if (text[0] == '+') {
        const std::size_t length = word_length(text.substr(1));
        if (length == 0) return fail("empty netgroup");
        position_ += 1 + length;
        return make(TokenKind::netgroup, unescaped(text.substr(0, 1 + length)));
    }
    if (text[0] == '%') {
        const std::size_t prefix = begins(text, "%:") ? 2 : 1;
        const std::string_view name = text.substr(prefix);
        const std::size_t length = std::max(word_length(name), id_length(name));
        if (length == 0) return fail("empty group");
        position_ += prefix + length;
        return make(TokenKind::group, unescaped(text.substr(0, prefix + length)));
    }
    if (const std::size_t length = address_length(text); length > 0 && length >= word) {
        position_ += length;
        return make(TokenKind::address, std::string{text.substr(0, length)});
    }
    const std::string_view name = text.substr(0, word);
    if (name == "ALL") {
        position_ += word;
        return make(TokenKind::all, "ALL");
    }
    if (plain)
        for (const std::string_view option : options)
            if (name == option) {
                position_ += word;
                if (option == "CWD" || option == "CHROOT") state_ = State::expect_path;
                return make(TokenKind::option, std::string{option});
            }
    if (word > 0 && upper(name[0]) &&
        std::all_of(name.begin(), name.end(), [](char c) { return upper(c) || digit(c) || c == '_'; })) {
        position_ += word;
        return make(TokenKind::alias, std::string{name});
    }
    for (const auto& [digest, bytes] : digests)
        if (name == digest) {
            position_ += word;
            digest_bytes_ = bytes;
            state_ = State::want_digest;
            return make(TokenKind::digest_type, std::string{digest});
        }
    const bool in_defaults = state_ == State::got_defaults;
    if (name == "sudoedit") {
        position_ += word;
        return in_defaults ? make(TokenKind::command, "sudoedit") : scan_command("sudoedit");
    }
    // A path ends where a word may go on, and the longer of the two wins; a tie is a path.
    if (const std::size_t length = path_length(text); length > 0 && length >= word) {
        position_ += length;
        std::string path = command_path(text.substr(0, length));
        if (in_defaults || text[length - 1] == '/') return make(TokenKind::command, std::move(path));
        return scan_command(std::move(path));
    }
    if (const std::size_t length = regex_length(text); length > 0 && length >= word) {
        position_ += length;
        std::string path{text.substr(0, length)};
        return in_defaults ? make(TokenKind::command, std::move(path)) : scan_command(std::move(path));
    }
    if (text[0] == '"' && (plain || in_defaults)) {
        ++position_;
        string_return_ = state_;
        state_ = State::string;
        return scan_string();
    }
    if (const std::size_t length = std::max(id_length(text), word); length > 0 && (plain || in_defaults)) {
        position_ += length;
        return make(TokenKind::word, unescaped(text.substr(0, length)));
    }
    ++position_;
    switch (text[0]) {
        case '(':
            return make(TokenKind::open);
        case ')':
            return make(TokenKind::close);
        case ',':
            return make(TokenKind::comma);
        case '=':
            return make(TokenKind::equals);
        case ':':
            return make(TokenKind::colon);
        default:
            break;
    }
    return fail("unexpected character");
}

// The arguments of a command run to the next unescaped , : = # or line end; blanks between them count as one.
Token Lexer::scan_command(std::string path) {
    Token command = make(TokenKind::command, std::move(path));
    bool gap = false;
    const auto add = [&](std::string_view piece) {
        if (gap && command.has_arguments) command.arguments += ' ';
        command.arguments += piece;
        command.has_arguments = true;
        gap = false;
    };
    while (position_ < text_.size()) {
        const std::string_view text = rest();
        if (const std::size_t length = continuation_length(text)) {
            position_ += length;
            ++line_;
            continued_ = true;
            gap = true;
        } else if (text[0] == '\\') {
            if (text.size() > 1 && among(text[1], "*?[]!^"))
                add(text.substr(0, 2));
            else if (text.size() > 1 && among(text[1], ":\\,= \t#"))
                add(text.substr(1, 1));
            else
                return fail("unexpected \\ in the arguments of a command");
            position_ += 2;
        } else if (blank(text[0])) {
            position_ += blanks(text);
            gap = true;
        } else {
            std::size_t size = 0;
            while (size < text.size() && !among(text[size], "#\\:, \t\r\n")) ++size;
            // Newer sudo takes a carriage return here for part of the line's end; the one of Debian 12 refuses it.
            if (text[0] == '\r') return fail("unexpected carriage return behind a command");
            if (size == 0 || text.substr(0, size) == "=") break;
            if (!command.has_arguments && text[0] == '^') return scan_regex_arguments(std::move(command));
            add(text.substr(0, size));
            position_ += size;
        }
    }
    command.line = line_;
    return command;
}

Token Lexer::scan_regex_arguments(Token command) {
    std::string arguments;
    while (position_ < text_.size()) {
        const std::string_view text = rest();
        if (const std::size_t length = continuation_length(text)) {
            position_ += length;
            position_ += blanks(rest());
            ++line_;
            continued_ = true;
        } else if (text[0] == '\\' && text.size() > 1 && !among(text[1], "\r\n")) {
            arguments += text.substr(0, 2);
            position_ += 2;
        } else if (among(text[0], "#\r\n")) {
            break;
        } else {
            arguments += text[0];
            ++position_;
            if (text[0] == '$') {
                command.arguments = std::move(arguments);
                command.has_arguments = true;
                command.line = line_;
                return command;
            }
        }
    }
    return fail("unterminated regular expression");
}

}  // namespace annexa::collectors::sudoers
