#include "collectors/support/service.hpp"

#include "collectors/support/processes.hpp"
#include "collectors/support/text.hpp"
#include "collectors/support/unit_state.hpp"

namespace annexa::collectors {

Services::Services(Host& host) : host_{host} {
    if (host.kernel != nullptr) running_ = running_programs(*host.kernel);
}

bool Services::installed(const ServiceDescription& service) const { return host_.files.status(service.program).has_value(); }

std::string Services::state(const ServiceDescription& service) const {
    if (host_.kernel != nullptr) return running_.contains(std::string{service.process}) ? "running" : "stopped";
    for (const std::string_view unit : text::words(service.units)) {
        const std::string state = unit_state(host_, std::nullopt, unit);
        if (state != "absent") return state == "enabled" ? "enabled" : "disabled";
    }
    return "disabled";
}

}  // namespace annexa::collectors
