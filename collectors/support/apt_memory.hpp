// The last answer of libapt-pkg, kept beside what it was made from: reading the indexes of a Debian release takes more than
// a second of CPU, and they change once a day.
//
// Kept in $CACHE_DIRECTORY alone (systemd's); without it nothing is kept. An answer counts only where every input is the
// same file with the same size and times, and where the kept file is our own and nobody else may write it. An answer whose
// inputs changed within the last seconds is not kept: another change may bear the same time.
#pragma once

#include "collectors/support/apt_cache.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::collectors {

class AptMemory {
  public:
    /// identity: a text that differs wherever the answer may.
    explicit AptMemory(std::string_view identity);

    /// Nothing where nothing is kept, or not of this identity, or not in good order.
    [[nodiscard]] std::optional<AptCacheView> recall() const;

    /// Failing to keep is no failure.
    void remember(const AptCacheView& view, std::int64_t newest_change_ns) const;

  private:
    std::string path_;    // empty: nothing is kept
    std::string digest_;  // of the identity
};

}  // namespace annexa::collectors
