// The three kinds of machine that collectors run on, and what each makes of Host.
#pragma once

#include "collectors/host.hpp"
#include "collectors/source_log.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace annexa::collectors {

/// Owns what a Host refers to. Not thread-safe; a collector's child makes its own.
class Machine {
  public:
    virtual ~Machine() = default;
    virtual Host host() = 0;
    /// When it was as it is, of a case folder; nothing where that is the clock's to say.
    [[nodiscard]] virtual std::optional<evidence::Instant> time() const { return std::nullopt; }
    SourceLog sources;
};

/// The machine that annexa runs on.
std::unique_ptr<Machine> live_machine();

/// A folder that holds a root file system: files alone. Throws evidence::error where it is none.
std::unique_ptr<Machine> image_machine(std::string_view root);

/// A case folder: root/ holds its files, kernel/ those below /proc and /sys, host.yaml what git cannot hold
/// (tests/collectors/README.md). Throws evidence::error with line and column where host.yaml is not what it should be.
std::unique_ptr<Machine> fixture_machine(std::string_view case_folder);

}  // namespace annexa::collectors
