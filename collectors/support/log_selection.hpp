// Which of a host's security messages a rule of a log daemon takes: those of the facilities auth and authpriv, at each
// severity, with yes, no or "cannot be told" for each. Conditions on anything else (text, program name) cannot be told.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace annexa::collectors {

enum class Known : std::uint8_t { no, unknown, yes };

class LogSelection {
  public:
    static LogSelection all(Known value);
    static LogSelection of_facility(Known auth, Known authpriv);
    /// Severities as syslog numbers them: 0 is emerg, 7 debug.
    static LogSelection of_severities(int from, int to);

    void set(bool authpriv, int severity, Known value) {
        cells_.at((authpriv ? 8U : 0U) + static_cast<unsigned>(severity)) = value;
    }
    [[nodiscard]] Known at(bool authpriv, int severity) const {
        return cells_.at((authpriv ? 8U : 0U) + static_cast<unsigned>(severity));
    }

    [[nodiscard]] LogSelection operator&(const LogSelection& other) const;
    [[nodiscard]] LogSelection operator|(const LogSelection& other) const;
    [[nodiscard]] LogSelection operator~() const;
    /// What cannot be told where this is not certainly no.
    [[nodiscard]] LogSelection doubted() const;
    [[nodiscard]] bool nothing() const;

    /// Whether all messages of the facility from info up to emerg are taken; nothing where it cannot be told.
    [[nodiscard]] std::optional<bool> takes(bool authpriv) const;

  private:
    std::array<Known, 16> cells_{};
};

/// auth 4 (also called security), authpriv 10, …; nothing for a name that syslog does not know. Numbers stand for
/// themselves.
std::optional<int> syslog_facility(std::string_view name);
/// emerg 0 (panic), …, debug 7; nothing for another name.
std::optional<int> syslog_severity(std::string_view name);

/// A selector of syslog.conf(5): "*.info;mail.none;authpriv.!=debug". Nothing where a name in it is unknown.
std::optional<LogSelection> parse_selector(std::string_view text);

}  // namespace annexa::collectors
