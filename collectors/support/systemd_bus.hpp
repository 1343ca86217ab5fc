// The units of the running systemd, over the system bus (org.freedesktop.systemd1).
#pragma once

#include "collectors/host.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

/// ListUnits joined with ListUnitFiles: units that are loaded, and unit files of which none is. Throws not_applicable
/// where systemd is not process 1, host_error where the bus does not answer in time.
std::vector<SystemdUnit> systemd_units();

/// Properties of any of a unit's interfaces that are text, a number, a truth value ("true", "false") or a list of texts
/// (with blanks between). A property that the unit has not is left out.
std::map<std::string, std::string> systemd_unit_properties(std::string_view unit,
                                                           const std::vector<std::string>& names);

}  // namespace annexa::collectors
