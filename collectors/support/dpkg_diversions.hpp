// Where dpkg-divert(1) put files of packages: /var/lib/dpkg/diversions.
#pragma once

#include "collectors/host.hpp"

#include <map>
#include <string>
#include <utility>

namespace annexa::collectors {

class DpkgDiversions {
  public:
    explicit DpkgDiversions(Files& files);

    /// Where the file `path` of `package` is: elsewhere where another package or the administrator diverted it.
    [[nodiscard]] std::string place_of(const std::string& path, const std::string& package) const;

  private:
    std::map<std::string, std::pair<std::string, std::string>> diverted_;
};

}  // namespace annexa::collectors
