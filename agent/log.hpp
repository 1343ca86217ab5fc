// What the service says while it runs: to standard error, where the journal takes it up.
#pragma once

#include "agent/configuration.hpp"

#include <memory>
#include <string_view>

namespace annexa::agent {

/// Thread-safe.
class Log {
  public:
    explicit Log(LogLevel level);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void write(LogLevel level, std::string_view text) const;
    void error(std::string_view text) const { write(LogLevel::error, text); }
    void warning(std::string_view text) const { write(LogLevel::warning, text); }
    void info(std::string_view text) const { write(LogLevel::info, text); }
    void debug(std::string_view text) const { write(LogLevel::debug, text); }

  private:
    struct Sink;
    std::unique_ptr<Sink> sink_;
};

}  // namespace annexa::agent
