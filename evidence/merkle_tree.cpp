#include "evidence/merkle_tree.hpp"

#include "evidence/errors.hpp"

#include <string>

namespace annexa::evidence {

Digest leaf_hash(std::string_view entry) {
    Hasher hasher;
    hasher.add(std::string_view{"\x00", 1});
    hasher.add(entry);
    return hasher.finish();
}

Digest node_hash(const Digest& left, const Digest& right) {
    std::string bytes{"\x01"};
    bytes.append(left.view()).append(right.view());
    return sha256(bytes);
}

Digest empty_tree_root() { return sha256(""); }

MerkleTree::MerkleTree(std::uint64_t size, HashReader& hashes) : size_{size} {
    std::uint64_t begin = 0;
    for (unsigned level = 64; level-- > 0;) {
        if (((size >> level) & 1) == 0) continue;
        edge_.push_back(hashes.hash(level, begin >> level));
        begin += std::uint64_t{1} << level;
    }
}

void MerkleTree::add(const Digest& leaf) {
    Digest hash = leaf;
    // Each one at the low end of the size is a subtree that the new leaf completes into one twice as large.
    for (std::uint64_t size = size_; (size & 1) != 0; size >>= 1) {
        hash = node_hash(edge_.back(), hash);
        edge_.pop_back();
    }
    edge_.push_back(hash);
    ++size_;
}

Digest MerkleTree::root() const {
    if (edge_.empty()) return empty_tree_root();
    Digest hash = edge_.back();
    for (std::size_t i = edge_.size() - 1; i-- > 0;) hash = node_hash(edge_[i], hash);
    return hash;
}

void MemoryHashes::add(const Digest& leaf) {
    Digest hash = leaf;
    for (std::size_t level = 0;; ++level) {
        if (levels_.size() == level) levels_.emplace_back();
        levels_[level].push_back(hash);
        const std::size_t count = levels_[level].size();
        if (count % 2 != 0) return;
        hash = node_hash(levels_[level][count - 2], levels_[level][count - 1]);
    }
}

std::uint64_t MemoryHashes::size() const { return levels_.empty() ? 0 : levels_.front().size(); }

Digest MemoryHashes::hash(unsigned level, std::uint64_t index) {
    if (level >= levels_.size() || index >= levels_[level].size())
        throw error("the tree of " + std::to_string(size()) + " leaves has no hash " + std::to_string(index) +
                    " on level " + std::to_string(level));
    return levels_[level][index];
}

}  // namespace annexa::evidence
