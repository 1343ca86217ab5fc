// The size and root of a Merkle tree: what a checkpoint signs and a statement names.
#pragma once

#include "evidence/digest.hpp"

#include <cstdint>

namespace annexa::evidence {

struct TreeHead {
    std::uint64_t size = 0;
    Digest root;
    bool operator==(const TreeHead&) const = default;
};

}  // namespace annexa::evidence
