#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "evidence/proof.hpp"
#include "tests/evidence/random.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <bit>
#include <filesystem>
#include <fstream>

using namespace annexa::evidence;
using annexa::evidence::test::Random;
using nlohmann::json;

namespace {

constexpr std::uint64_t most_leaves = 300;

std::vector<Digest> make_leaves(std::uint64_t count) {
    std::vector<Digest> leaves;
    for (std::uint64_t i = 0; i < count; ++i) leaves.push_back(leaf_hash("entry " + std::to_string(i)));
    return leaves;
}

/// RFC 6962 section 2.1 word for word.
Digest defined_root(std::span<const Digest> leaves) {
    if (leaves.empty()) return sha256("");
    if (leaves.size() == 1) return leaves.front();
    const std::size_t k = std::bit_floor(leaves.size() - 1);
    return node_hash(defined_root(leaves.first(k)), defined_root(leaves.subspan(k)));
}

Digest flipped(Digest digest, std::size_t bit) {
    digest.bytes[bit / 8] = static_cast<std::uint8_t>(digest.bytes[bit / 8] ^ (1U << (bit % 8)));
    return digest;
}

/// Trees of every size up to most_leaves over the same leaves.
struct Trees {
    std::vector<Digest> leaves = make_leaves(most_leaves);
    std::vector<TreeHead> heads;
    MemoryHashes hashes;
    Trees() {
        MerkleTree tree;
        heads.push_back(tree.head());
        for (const Digest& leaf : leaves) {
            tree.add(leaf);
            hashes.add(leaf);
            heads.push_back(tree.head());
        }
    }
};

/// Proofs of the published vectors may be null and their hashes anything: what is no digest verifies nothing.
std::optional<std::vector<Digest>> digests(const json& list) {
    std::vector<Digest> found;
    for (const json& one : list) {
        const std::string bytes = from_any_base64(one.get<std::string>());
        if (bytes.size() != 32) return std::nullopt;
        found.push_back(Digest::from_bytes(bytes));
    }
    return found;
}

bool holds(const json& vector) {
    const auto proof = digests(vector.at("proof"));
    if (!proof) return false;
    if (vector.contains("leafIdx")) {
        const auto hashes = digests({vector.at("root"), vector.at("leafHash")});
        return hashes &&
               verify_inclusion((*hashes)[1], vector.at("leafIdx"), {vector.at("treeSize"), (*hashes)[0]}, *proof);
    }
    // Some vectors have roots that are not 32 bytes: other digests stand for them, equal where they are equal.
    const auto root = [&](const char* name) {
        const std::string bytes = from_any_base64(vector.at(name).get<std::string>());
        return bytes.size() == 32 ? Digest::from_bytes(bytes) : sha256(bytes);
    };
    return verify_consistency({vector.at("size1"), root("root1")}, {vector.at("size2"), root("root2")}, *proof);
}

}  // namespace

TEST_CASE("published vectors of RFC 6962 proofs, good and tampered") {
    const std::filesystem::path vectors = std::filesystem::path{ANNEXA_SOURCE_DIR} / "../shared/data/vectors/merkle";
    if (!std::filesystem::exists(vectors)) {
        WARN("the published vectors are not beside this checkout");
        return;
    }
    int good = 0;
    int bad = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator{vectors}) {
        if (!file.is_regular_file()) continue;
        std::ifstream in{file.path()};
        const json vector = json::parse(in);
        const bool expected = !vector.at("wantErr").get<bool>();
        INFO(file.path().string());
        CHECK(holds(vector) == expected);
        ++(expected ? good : bad);
    }
    CHECK(good == 12);
    CHECK(bad == 184);
}

TEST_CASE("the hash of leaf, node and empty tree") {
    CHECK(empty_tree_root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(leaf_hash("").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    CHECK(leaf_hash("x") == sha256(std::string_view{"\0x", 2}));
    CHECK(node_hash(sha256("l"), sha256("r")) ==
          sha256("\x01" + std::string{sha256("l").view()} + std::string{sha256("r").view()}));
    // the tree of eight inputs that RFC 6962's implementations publish
    MerkleTree tree;
    for (const char* input :
         {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"})
        tree.add(leaf_hash(from_hex(input)));
    CHECK(tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST_CASE("a tree grown leaf by leaf has the root that RFC 6962 defines") {
    Trees trees;
    for (std::uint64_t size = 0; size <= most_leaves; ++size) {
        CHECK(trees.heads[size].root == defined_root(std::span{trees.leaves}.first(size)));
        CHECK(MerkleTree{size, trees.hashes}.head() == trees.heads[size]);
    }
}

TEST_CASE("every inclusion proof of every tree up to 300 leaves verifies, and for no other leaf") {
    Trees trees;
    std::uint64_t wrong = 0;
    for (std::uint64_t size = 1; size <= most_leaves; ++size) {
        for (std::uint64_t index = 0; index < size; ++index) {
            const std::vector<Digest> proof = inclusion_proof(index, size, trees.hashes);
            const TreeHead& head = trees.heads[size];
            if (!verify_inclusion(trees.leaves[index], index, head, proof)) ++wrong;
            if (verify_inclusion(trees.leaves[(index + 1) % most_leaves], index, head, proof)) ++wrong;
            if (verify_inclusion(trees.leaves[index], (index + 1) % (size + 1), head, proof)) ++wrong;
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("every consistency proof between trees up to 300 leaves verifies, and between no others") {
    Trees trees;
    std::uint64_t wrong = 0;
    for (std::uint64_t newer = 1; newer <= most_leaves; ++newer) {
        for (std::uint64_t older = 1; older <= newer; ++older) {
            const std::vector<Digest> proof = consistency_proof(older, newer, trees.hashes);
            if (!verify_consistency(trees.heads[older], trees.heads[newer], proof)) ++wrong;
            if (verify_consistency({older, sha256("another")}, trees.heads[newer], proof)) ++wrong;
            if (older < newer && verify_consistency(trees.heads[older], {newer, sha256("another")}, proof)) ++wrong;
            if (older < newer && verify_consistency(trees.heads[newer], trees.heads[older], proof)) ++wrong;
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("any flipped bit in leaf, root or proof fails, and so does any other length of proof") {
    Trees trees;
    INFO("ANNEXA_TEST_SEED=" << test::seed());
    Random random;
    for (int round = 0; round < 12; ++round) {
        const std::uint64_t size = 2 + random.up_to(most_leaves - 2);
        const std::uint64_t index = random.up_to(size - 1);
        const std::uint64_t older = 1 + random.up_to(size - 2);
        INFO("size " << size << ", index " << index << ", older " << older);
        const TreeHead& head = trees.heads[size];
        const Digest& leaf = trees.leaves[index];
        std::vector<Digest> inclusion = inclusion_proof(index, size, trees.hashes);
        std::vector<Digest> consistency = consistency_proof(older, size, trees.hashes);
        REQUIRE(verify_inclusion(leaf, index, head, inclusion));
        REQUIRE(verify_consistency(trees.heads[older], head, consistency));
        std::uint64_t wrong = 0;
        for (std::size_t bit = 0; bit < 256; ++bit) {
            wrong += verify_inclusion(flipped(leaf, bit), index, head, inclusion);
            wrong += verify_inclusion(leaf, index, {size, flipped(head.root, bit)}, inclusion);
            wrong += verify_consistency({older, flipped(trees.heads[older].root, bit)}, head, consistency);
            wrong += verify_consistency(trees.heads[older], {size, flipped(head.root, bit)}, consistency);
            for (Digest& hash : inclusion) {
                hash = flipped(hash, bit);
                wrong += verify_inclusion(leaf, index, head, inclusion);
                hash = flipped(hash, bit);
            }
            for (Digest& hash : consistency) {
                hash = flipped(hash, bit);
                wrong += verify_consistency(trees.heads[older], head, consistency);
                hash = flipped(hash, bit);
            }
        }
        for (std::vector<Digest>* proof : {&inclusion, &consistency}) {
            const std::vector<Digest> good = *proof;
            for (std::size_t place = 0; place <= good.size(); ++place) {
                *proof = good;
                proof->insert(proof->begin() + static_cast<std::ptrdiff_t>(place), random.digest());
                wrong += proof == &inclusion ? verify_inclusion(leaf, index, head, *proof)
                                             : verify_consistency(trees.heads[older], head, *proof);
                if (place == good.size()) continue;
                *proof = good;
                proof->erase(proof->begin() + static_cast<std::ptrdiff_t>(place));
                wrong += proof == &inclusion ? verify_inclusion(leaf, index, head, *proof)
                                             : verify_consistency(trees.heads[older], head, *proof);
            }
            *proof = good;
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("an empty tree proves nothing") {
    Trees trees;
    CHECK_FALSE(verify_consistency(trees.heads[0], trees.heads[5], {}));
    CHECK_FALSE(verify_consistency(trees.heads[0], trees.heads[0], {}));
    CHECK_FALSE(verify_inclusion(trees.leaves[0], 0, trees.heads[0], {}));
    CHECK(consistency_proof(0, 5, trees.hashes).empty());
    CHECK_THROWS_AS(consistency_proof(6, 5, trees.hashes), error);
    CHECK_THROWS_AS(inclusion_proof(5, 5, trees.hashes), error);
    CHECK_THROWS_AS(trees.hashes.hash(0, most_leaves), error);
    CHECK_THROWS_AS(trees.hashes.hash(20, 0), error);
}

TEST_CASE("sizes near the end of 64 bits do no harm") {
    const TreeHead huge{~std::uint64_t{0}, sha256("root")};
    const std::vector<Digest> proof(64, sha256("x"));
    CHECK_FALSE(verify_inclusion(sha256("leaf"), ~std::uint64_t{0} - 1, huge, proof));
    CHECK_FALSE(verify_inclusion(sha256("leaf"), ~std::uint64_t{0}, huge, proof));
    CHECK_FALSE(verify_consistency({~std::uint64_t{0} - 1, sha256("root")}, huge, proof));
    CHECK_FALSE(verify_consistency({std::uint64_t{1} << 63, sha256("root")}, huge, proof));
}
