// Kernel parameters as sysctl.d(5) configures them, by the rules of systemd-sysctl(8) (src/sysctl/sysctl.c).
#pragma once

#include "collectors/host.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct SysctlOption {
    std::string key;                   // normalized: net/ipv4/conf/all/rp_filter; may be a glob
    std::optional<std::string> value;  // nothing: "-key", which only takes the key out of globs
    std::string source;                // file:line
};

/// All files in their order; of equal keys the last assignment counts, and stands where it came.
class SysctlConfig {
  public:
    /// Throws host_error (malformed_source) for a line that is no assignment: what it was meant to set is not known.
    void add(const File& file);

    /// What a parameter of this path is set to: by its own assignment, else by the last glob that matches it and of
    /// which it is not taken out. Nothing where it is left alone.
    [[nodiscard]] const SysctlOption* find(std::string_view path) const;

    [[nodiscard]] const std::vector<SysctlOption>& options() const { return options_; }

  private:
    std::vector<SysctlOption> options_;
};

/// sysctl_normalize(): dots become slashes and slashes dots unless the first separator is a slash.
std::string normalized_sysctl(std::string_view name);

/// "net/ipv4/conf/eth0.1/rp_filter" → "net.ipv4.conf.eth0/1.rp_filter", as sysctl(8) prints it.
std::string sysctl_name(std::string_view path);

bool is_glob(std::string_view key);

}  // namespace annexa::collectors
