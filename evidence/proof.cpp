#include "evidence/proof.hpp"

#include "evidence/errors.hpp"

#include <bit>
#include <string>

namespace annexa::evidence {
namespace {

/// The largest power of two smaller than count (count > 1): where RFC 6962 splits a tree.
std::uint64_t split(std::uint64_t count) { return std::bit_floor(count - 1); }

/// MTH(D[begin:end]). `begin` is always a multiple of the power of two that holds the range.
Digest range_hash(std::uint64_t begin, std::uint64_t end, HashReader& hashes) {
    const std::uint64_t count = end - begin;
    if (std::has_single_bit(count)) {
        const auto level = static_cast<unsigned>(std::countr_zero(count));
        return hashes.hash(level, begin >> level);
    }
    const std::uint64_t middle = begin + split(count);
    const Digest left = range_hash(begin, middle, hashes);
    return node_hash(left, range_hash(middle, end, hashes));
}

/// RFC 6962 section 2.1.1, PATH(index, D[begin:end]).
void append_path(std::vector<Digest>& proof, std::uint64_t index, std::uint64_t begin, std::uint64_t end,
                 HashReader& hashes) {
    if (end - begin == 1) return;
    const std::uint64_t middle = begin + split(end - begin);
    if (index < middle) {
        append_path(proof, index, begin, middle, hashes);
        proof.push_back(range_hash(middle, end, hashes));
    } else {
        append_path(proof, index, middle, end, hashes);
        proof.push_back(range_hash(begin, middle, hashes));
    }
}

/// RFC 6962 section 2.1.2, SUBPROOF: the old tree ends at old_end; `known` says that the verifier has the root of this
/// part.
void append_subproof(std::vector<Digest>& proof, std::uint64_t old_end, std::uint64_t begin, std::uint64_t end,
                     bool known, HashReader& hashes) {
    if (old_end == end) {
        if (!known) proof.push_back(range_hash(begin, end, hashes));
        return;
    }
    const std::uint64_t middle = begin + split(end - begin);
    if (old_end <= middle) {
        append_subproof(proof, old_end, begin, middle, known, hashes);
        proof.push_back(range_hash(middle, end, hashes));
    } else {
        append_subproof(proof, old_end, middle, end, false, hashes);
        proof.push_back(range_hash(begin, middle, hashes));
    }
}

}  // namespace

std::vector<Digest> inclusion_proof(std::uint64_t index, std::uint64_t size, HashReader& hashes) {
    if (index >= size)
        throw error("a tree of " + std::to_string(size) + " leaves has no leaf " + std::to_string(index));
    std::vector<Digest> proof;
    append_path(proof, index, 0, size, hashes);
    return proof;
}

std::vector<Digest> consistency_proof(std::uint64_t old_size, std::uint64_t new_size, HashReader& hashes) {
    if (old_size > new_size)
        throw error("a tree of " + std::to_string(new_size) + " leaves cannot begin with one of " +
                    std::to_string(old_size));
    std::vector<Digest> proof;
    if (old_size != 0) append_subproof(proof, old_size, 0, new_size, true, hashes);
    return proof;
}

bool verify_inclusion(const Digest& leaf, std::uint64_t index, const TreeHead& tree, std::span<const Digest> proof) {
    if (index >= tree.size) return false;
    // RFC 9162 section 2.1.3.2
    std::uint64_t node = index;
    std::uint64_t last = tree.size - 1;
    Digest hash = leaf;
    for (const Digest& sibling : proof) {
        if (last == 0) return false;
        if ((node & 1) != 0 || node == last) {
            hash = node_hash(sibling, hash);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && hash == tree.root;
}

bool verify_consistency(const TreeHead& older, const TreeHead& newer, std::span<const Digest> proof) {
    if (older.size == 0 || older.size > newer.size) return false;
    if (older.size == newer.size) return proof.empty() && older.root == newer.root;
    // RFC 9162 section 2.1.4.2. A tree of a power of two is its own first node.
    const bool is_first = std::has_single_bit(older.size);
    if (!is_first && proof.empty()) return false;
    std::uint64_t node = older.size - 1;
    std::uint64_t last = newer.size - 1;
    for (; (node & 1) != 0; node >>= 1) last >>= 1;
    const Digest& first = is_first ? older.root : proof.front();
    Digest old_hash = first;
    Digest new_hash = first;
    for (const Digest& sibling : proof.subspan(is_first ? 0 : 1)) {
        if (last == 0) return false;
        if ((node & 1) != 0 || node == last) {
            old_hash = node_hash(sibling, old_hash);
            new_hash = node_hash(sibling, new_hash);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && old_hash == older.root && new_hash == newer.root;
}

}  // namespace annexa::evidence
