// The only view of the outside that a database of ours has: a clock that stands still, and no files at all.
#pragma once

#include "evidence/instant.hpp"

#include <sqlite3.h>

#include <string>

namespace annexa::policies {

/// A VFS of its own for one connection, registered with SQLite from construction to destruction: it opens nothing (so
/// no query can touch a disk, whatever else fails), its random bytes are zeros and its clock shows `now`. The
/// connection must be closed before it is destroyed.
class ClockVfs {
  public:
    ClockVfs();
    ~ClockVfs();
    ClockVfs(const ClockVfs&) = delete;
    ClockVfs& operator=(const ClockVfs&) = delete;

    [[nodiscard]] const char* name() const { return name_.c_str(); }
    void set(evidence::Instant now) { now_ = now; }

  private:
    std::string name_;
    sqlite3_vfs vfs_{};
    evidence::Instant now_{};
};

}  // namespace annexa::policies
