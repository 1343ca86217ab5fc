// A folder of ours for libraries that insist on one, gone when the object goes. Below $CACHE_DIRECTORY (systemd's, the
// one place where the collecting unit may write), else below $TMPDIR or /tmp.
//
// A collector that is killed (too slow, too large) cannot clean up. Each folder is locked (flock) by whoever made it
// for as long as it lives; the next one made there removes those of ours that nobody holds any more.
#pragma once

#include "collectors/support/descriptor.hpp"

#include <string>

namespace annexa::collectors {

/// Where scratch folders are made: the one folder that a collector may write to.
std::string scratch_place();

class ScratchFolder {
  public:
    /// Throws host_error(internal) where none can be made.
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

    /// Makes folders below it: "etc/apt".
    void make_folder(const std::string& name) const;

    /// A symbolic link below it.
    void link(const std::string& name, const std::string& target) const;

  private:
    std::string path_;
    Descriptor lock_;
};

}  // namespace annexa::collectors
