// The programs that collectors may start, and how.
#pragma once

#include "collectors/host.hpp"
#include "collectors/source_log.hpp"

#include <chrono>

namespace annexa::collectors {

/// Clean environment, no shell, /dev/null to read, a time limit and a cap on what it prints (both: host_error).
class LivePrograms final : public Programs {
  public:
    explicit LivePrograms(SourceLog& sources) : sources_{sources} {}
    ProgramOutput run(std::string_view path, const std::vector<std::string>& arguments) override;

  private:
    SourceLog& sources_;
};

/// True where the program may be started with these arguments: the whole list is in live_programs.cpp.
bool is_permitted(std::string_view path, const std::vector<std::string>& arguments);

/// The start itself, for whatever path; tests use it. Throws host_error.
ProgramOutput run_program(const std::string& path, const std::vector<std::string>& arguments,
                          std::chrono::milliseconds limit, std::size_t most_bytes);

}  // namespace annexa::collectors
