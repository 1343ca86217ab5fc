// The log's tree, RFC 6962 section 2.1: leaf SHA-256(0x00 || entry), node SHA-256(0x01 || left || right), an empty tree
// SHA-256 of nothing.
#pragma once

#include "evidence/tree_head.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace annexa::evidence {

Digest leaf_hash(std::string_view entry);
Digest node_hash(const Digest& left, const Digest& right);
Digest empty_tree_root();

/// Where the hashes of a tree come from: a file of tiles, a database, memory.
class HashReader {
  public:
    virtual ~HashReader() = default;
    /// MTH(D[index * 2^level : (index + 1) * 2^level]): the hash of a whole subtree. Throws error where it is not
    /// there.
    virtual Digest hash(unsigned level, std::uint64_t index) = 0;
};

/// The right edge of a tree: grows by one leaf at a time in O(log size) memory. Not thread-safe.
class MerkleTree {
  public:
    MerkleTree() = default;
    /// The tree of that size, from one hash for each bit of the size.
    MerkleTree(std::uint64_t size, HashReader& hashes);

    void add(const Digest& leaf);
    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] Digest root() const;
    [[nodiscard]] TreeHead head() const { return {size_, root()}; }

  private:
    std::uint64_t size_ = 0;
    std::vector<Digest> edge_;  // whole subtrees, largest first
};

/// A whole tree in memory: for tests, small logs and packs. Not thread-safe.
class MemoryHashes final : public HashReader {
  public:
    void add(const Digest& leaf);
    [[nodiscard]] std::uint64_t size() const;
    Digest hash(unsigned level, std::uint64_t index) override;

  private:
    std::vector<std::vector<Digest>> levels_;
};

}  // namespace annexa::evidence
