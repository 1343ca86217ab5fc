// Runs collectors, each in a forked child that is confined and limited; nothing that one does disturbs another.
#pragma once

#include "collectors/collected.hpp"
#include "collectors/sandbox.hpp"

#include <functional>
#include <memory>
#include <span>

namespace annexa::collectors {

struct RunLimits {
    ChildLimits child;
    std::size_t output_bytes = std::size_t{32} << 20;  // of one collector's tables
    // Children at once. On two cores 33 collectors took 45 s one by one, 10 s by two, 7 s by four, on a machine that
    // was busy with other work: more than two gain little and would be felt by what the host is there for.
    unsigned parallel = 2;
};

using OpenMachine = std::function<std::unique_ptr<Machine>()>;

/// Runs all, and calls `done` with each result as soon as it is there. A child that crashes, hangs, eats memory, says
/// too much or says what is no table becomes an `error` with its reason. Opens the machine in each child. Where a peer
/// is given (a socket) and it hangs up, or `done` throws, every child is ended and run returns false or throws. Forks:
/// the calling process must have one thread.
bool run(std::span<const Collector* const> collectors, const OpenMachine& open_machine, const RunLimits& limits,
         const evidence::Clock& clock, const std::function<void(Collected)>& done, int peer = -1);

}  // namespace annexa::collectors
