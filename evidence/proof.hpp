// Inclusion and consistency proofs, RFC 6962 sections 2.1.1 and 2.1.2; verified as RFC 9162 section 2.1 tells.
#pragma once

#include "evidence/merkle_tree.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace annexa::evidence {

/// That leaf `index` is in the tree of `size` leaves. Throws error where index >= size.
std::vector<Digest> inclusion_proof(std::uint64_t index, std::uint64_t size, HashReader& hashes);

/// That the tree of `new_size` begins with the one of `old_size`. Empty where they are equal or the old one is empty.
/// Throws error where old_size > new_size.
std::vector<Digest> consistency_proof(std::uint64_t old_size, std::uint64_t new_size, HashReader& hashes);

[[nodiscard]] bool verify_inclusion(const Digest& leaf, std::uint64_t index, const TreeHead& tree,
                                    std::span<const Digest> proof);

/// False where the older tree is empty: everything begins with it, so nothing would be proved.
[[nodiscard]] bool verify_consistency(const TreeHead& older, const TreeHead& newer, std::span<const Digest> proof);

}  // namespace annexa::evidence
