// The characters of rsyslog's configuration, include by include, as its lexer sees them: comments, texts, objects.
#pragma once

#include "collectors/support/log_config.hpp"

#include <map>

namespace annexa::collectors {

using RsyslogParameters = std::map<std::string, std::string>;  // names in lower case

class RsyslogText {
  public:
    RsyslogText(std::string_view path, std::string_view text, const ReadIncluded& include);

    [[nodiscard]] bool at_end() const { return files_.empty(); }
    /// The character ahead within this file; \0 behind its end.
    [[nodiscard]] char peek(std::size_t ahead = 0) const;
    [[nodiscard]] std::string_view rest() const;
    [[nodiscard]] bool line_starts() const;  // nothing but blanks before this on its line
    void advance(std::size_t count = 1);
    /// Over blanks, line ends, comments and the ends of included files.
    void skip_blanks();
    /// The rest of the line, trimmed; a backslash at its end continues it.
    std::string rest_of_line();
    std::string word();          // letters, digits, _ . and -
    std::string quoted();        // from its quote on
    RsyslogParameters object();  // from ( on
    /// From here on the files that a pattern names, then what follows here.
    void include(const std::string& pattern);

    [[nodiscard]] std::string here() const;
    [[noreturn]] void refuse(const std::string& source, const std::string& what) const;

  private:
    struct Open {
        std::string path, text;
        std::size_t at = 0;
        int line = 1;
        int depth = 0;
    };
    void skip_comment();

    const ReadIncluded& include_;
    std::vector<Open> files_;
    std::string last_;  // where the last file ended
    int included_ = 0;
};

/// An expression of RainerScript up to the word `then`, which is read too.
LogSelection read_rsyslog_condition(RsyslogText& text);
/// `:property, [!]operation, "value"`, from the colon on.
LogSelection read_rsyslog_property_filter(RsyslogText& text);

}  // namespace annexa::collectors
