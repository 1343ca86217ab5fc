// Tokens of a sudoers file, by the rules and start states of sudo's own scanner (sudoers(5); sudo 1.9): what counts as
// one word differs between a command, its arguments, a Defaults value and an include, so the state is part of the
// token.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace annexa::collectors::sudoers {

enum class TokenKind {
    end,
    newline,
    error,
    word,
    alias,
    group,
    netgroup,
    address,
    all,
    command,
    digest_type,
    digest,
    parameter,
    tag,
    option,
    defaults,
    defaults_host,
    defaults_user,
    defaults_runas,
    defaults_command,
    user_alias,
    runas_alias,
    host_alias,
    command_alias,
    include,
    include_folder,
    open,
    close,
    comma,
    equals,
    colon,
    negation,
    plus_equals,
    minus_equals,
};

struct Token {
    TokenKind kind = TokenKind::end;
    std::string text;       // unescaped; of a command its path, of an error what is wrong
    std::string arguments;  // of a command, as sudo keeps them
    bool has_arguments = false;
    int line = 1;  // where it ends: what sudo names as well
};

/// Reads one file. Not thread-safe; the text must outlive it.
class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_{text} {}
    Token next();
    /// Goes on behind the present line, as sudo does after a syntax error.
    [[nodiscard]] int line() const { return line_; }

  private:
    enum class State {
        initial,
        got_defaults,
        got_command,
        got_regex,
        start_defaults,
        in_defaults,
        string,
        want_digest,
        got_include,
        expect_path
    };

    Token make(TokenKind kind, std::string text = {}) const;
    Token fail(std::string what) const;
    Token scan();
    Token scan_initial();
    Token scan_defaults_word();
    Token scan_string();
    Token scan_command(std::string path);
    Token scan_regex_arguments(Token command);
    bool shared(Token& token, bool& found);
    [[nodiscard]] bool at_line_start() const { return position_ == 0 || text_[position_ - 1] == '\n'; }
    [[nodiscard]] std::string_view rest() const { return text_.substr(position_); }

    std::string_view text_;
    std::size_t position_ = 0;
    int line_ = 1;
    State state_ = State::initial;
    State string_return_ = State::initial;
    bool continued_ = false;
    bool ended_ = false;
    std::size_t digest_bytes_ = 0;
};

}  // namespace annexa::collectors::sudoers
