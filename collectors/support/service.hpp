// Whether a service program runs, or in an image would be started.
#pragma once

#include "collectors/host.hpp"


#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct ServiceDescription {
    std::string_view name;     // for people: chrony
    std::string_view program;  // whose presence means installed: /usr/sbin/chronyd
    std::string_view process;  // as /proc/PID/comm has it: chronyd
    std::string_view units;    // its units, between blanks; the first that is there counts
};

class Services {
  public:
    explicit Services(Host& host);

    [[nodiscard]] bool installed(const ServiceDescription& service) const;

    /// "running" or "stopped"; of an image "enabled" or "disabled". A process of that name counts as running whoever
    /// started it: what runs is asked, not what was configured.
    [[nodiscard]] std::string state(const ServiceDescription& service) const;

  private:
    Host& host_;
    std::set<std::string> running_;
};

}  // namespace annexa::collectors
