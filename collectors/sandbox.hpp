// What a collector's child gives up before it looks at anything.
#pragma once

#include "collectors/collector.hpp"

#include <chrono>

namespace annexa::collectors {

struct ChildLimits {
    std::chrono::milliseconds timeout{60'000};
    std::size_t memory_bytes = std::size_t{256} << 20;  // of address space
};

/// Makes once what confine() of all children forked from here on needs. Throws evidence::error.
void prepare_confinement();

/// For the calling process and what it starts, for good: no core dump, memory and processor time limited, capabilities
/// only those that the collector states, and by seccomp no ptrace, no reading of others' memory, no program unless it
/// runs_programs, no socket but AF_UNIX and AF_NETLINK, nothing that changes the system; by Landlock, where the kernel
/// has it, no file made, changed or removed outside scratch_place(), unless it states sys_ptrace (landlock.hpp says
/// why). Deep collectors at idle I/O priority. Throws evidence::error where the kernel refuses any of it.
void confine(const Collector& collector, const ChildLimits& limits);

}  // namespace annexa::collectors
