// The kinds of exception in annexa, and when to use which.
//
//   error         the present piece of work cannot be done; what() tells a user what, where and what to do.
//   format_error  bytes from outside are not what their format says; carries the offset and what was expected.
//   coded_error   a refusal that crosses a protocol or ends up in a record: a stable code beside the sentence.
//
// Absence is std::optional, never an exception. Nothing else of ours is thrown across a folder's border.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace annexa::evidence {

class error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class format_error : public error {
  public:
    format_error(std::size_t offset, const std::string& expected)
        : error("at byte " + std::to_string(offset) + ": expected " + expected), offset_{offset}, expected_{expected} {}
    [[nodiscard]] std::size_t offset() const { return offset_; }
    [[nodiscard]] const std::string& expected() const { return expected_; }

  private:
    std::size_t offset_;
    std::string expected_;
};

class coded_error : public error {
  public:
    coded_error(std::string code, const std::string& message) : error(message), code_{std::move(code)} {}
    [[nodiscard]] const std::string& code() const { return code_; }

  private:
    std::string code_;
};

}  // namespace annexa::evidence
