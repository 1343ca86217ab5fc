// What the server says of itself: lines on standard error, by severity. Under systemd they bear its priorities and no time.
//
// Never a secret: no token, no key, no body of a request.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

namespace annexa::store {

enum class Severity { error, warning, info, debug };

std::string_view severity_name(Severity severity);
std::optional<Severity> parse_severity(std::string_view name);

/// Safe from any thread; a line is written as a whole. What is not plain text in a line is escaped.
class Journal {
  public:
    explicit Journal(Severity least);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    void write(Severity severity, std::string_view line);
    void error(std::string_view line) { write(Severity::error, line); }
    void warning(std::string_view line) { write(Severity::warning, line); }
    void info(std::string_view line) { write(Severity::info, line); }
    void debug(std::string_view line) { write(Severity::debug, line); }

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace annexa::store
