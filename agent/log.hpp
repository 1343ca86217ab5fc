// What the service says while it runs: to the journal with its fields, where standard error is the journal's, else to
// standard error, a line each.
#pragma once

#include "agent/configuration.hpp"

#include <atomic>
#include <initializer_list>
#include <string_view>

namespace annexa::agent {

/// A field of the journal besides MESSAGE and PRIORITY: ANNEXA_CONDITION (a code of conditions.hpp), ANNEXA_COLLECTOR,
/// ANNEXA_REASON.
struct LogField {
    std::string_view name;
    std::string_view value;
};

/// Thread-safe.
class Log {
  public:
    explicit Log(LogLevel level);
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void set_level(LogLevel level) { level_ = level; }
    /// What is not printable in text is escaped: answers of the store and messages of collectors stand in it.
    void write(LogLevel level, std::string_view text, std::initializer_list<LogField> fields = {}) const;
    void error(std::string_view text) const { write(LogLevel::error, text); }
    void warning(std::string_view text) const { write(LogLevel::warning, text); }
    void info(std::string_view text) const { write(LogLevel::info, text); }
    void debug(std::string_view text) const { write(LogLevel::debug, text); }

  private:
    std::atomic<LogLevel> level_;
    bool journal_;
};

}  // namespace annexa::agent
