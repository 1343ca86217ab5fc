// Processes as /proc lists them, in the coarsest form that serves: which programs run.
#pragma once

#include "collectors/host.hpp"

#include <set>
#include <string>
#include <vector>

namespace annexa::collectors {

/// Their numbers, ascending.
std::vector<std::string> process_numbers(Kernel& kernel);

/// Names of all programs that run (/proc/PID/comm, at most 15 bytes each). Processes that end meanwhile are left out.
std::set<std::string> running_programs(Kernel& kernel);

}  // namespace annexa::collectors
