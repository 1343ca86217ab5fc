#include "evidence/receipt.hpp"
#include "evidence/errors.hpp"
#include "evidence/problem.hpp"
#include "evidence/proof.hpp"

#include <catch2/catch.hpp>

using namespace annexa::evidence;

namespace {

PrivateKey log_key() { return PrivateKey::from_seed(std::string(32, 'l')); }
VerifierKey log_verifier() { return {"annexa/5c8a", log_key().public_key()}; }

/// A log of entries "0", "1", … and what it would answer.
struct Log {
    MemoryHashes hashes;
    std::vector<Digest> leaves;
    MerkleTree tree;
    std::vector<TreeHead> heads{tree.head()};

    explicit Log(int entries, const std::string& salt = "") {
        for (int i = 0; i < entries; ++i) {
            leaves.push_back(leaf_hash(salt + std::to_string(i)));
            hashes.add(leaves.back());
            tree.add(leaves.back());
            heads.push_back(tree.head());
        }
    }
    Receipt receipt(std::uint64_t known, std::vector<std::uint64_t> accepted) {
        Receipt made{sign_checkpoint({"annexa/5c8a", tree.head(), {}}, log_key()), {}, {}};
        if (known <= tree.size()) made.consistency_proof = consistency_proof(known, tree.size(), hashes);
        for (const std::uint64_t index : accepted)
            made.statements.push_back(Accepted{index, inclusion_proof(index, tree.size(), hashes)});
        return made;
    }
};

}  // namespace

TEST_CASE("a receipt that holds is ok, also with a refusal among the answers") {
    Log log{20};
    Receipt receipt = log.receipt(7, {12, 19});
    receipt.statements.insert(receipt.statements.begin() + 1, Refused{"schema", "why", {}, std::nullopt});
    const std::vector<Digest> leaves{log.leaves[12], sha256("refused"), log.leaves[19]};
    const LogJudgement judgement = verify_receipt(receipt, log_verifier(), log.heads[7], leaves);
    CHECK(judgement.verdict == LogVerdict::ok);
    CHECK(judgement.checkpoint.head == log.tree.head());
}

TEST_CASE("what does not hold in a receipt has its verdict") {
    Log log{20};
    const std::vector<Digest> leaves{log.leaves[12]};
    const auto verdict = [&](const Receipt& receipt, std::uint64_t known = 7) {
        return verify_receipt(receipt, log_verifier(), log.heads[known], leaves).verdict;
    };
    const Receipt good = log.receipt(7, {12});
    REQUIRE(verdict(good) == LogVerdict::ok);

    Receipt bad = good;
    bad.checkpoint = sign_checkpoint({"annexa/5c8a", log.tree.head(), {}}, PrivateKey::generate());
    CHECK(verdict(bad) == LogVerdict::bad_signature);
    bad.checkpoint = "nothing";
    CHECK(verdict(bad) == LogVerdict::malformed);
    bad.checkpoint = serialise({"annexa/y\n1\n" + std::string(43, 'A') + "=\n",
                                {sign_note("annexa/y\n1\n" + std::string(43, 'A') + "=\n", "annexa/5c8a", log_key())}});
    CHECK(verdict(bad) == LogVerdict::other_origin);

    bad = good;
    bad.consistency_proof.pop_back();
    CHECK(verdict(bad) == LogVerdict::forked);
    CHECK(verdict(Log{20, "other"}.receipt(7, {12})) == LogVerdict::forked);
    CHECK(verdict(Log{7, "other"}.receipt(7, {})) == LogVerdict::forked);
    CHECK(verdict(Log{6}.receipt(7, {})) == LogVerdict::behind);

    bad = good;
    std::get<Accepted>(bad.statements[0]).index = 13;
    CHECK(verdict(bad) == LogVerdict::bad_inclusion);
    CHECK(verdict(log.receipt(7, {13})) == LogVerdict::bad_inclusion);
    CHECK(verdict(log.receipt(7, {})) == LogVerdict::malformed);
    CHECK(verdict(log.receipt(7, {12, 13})) == LogVerdict::malformed);
}

TEST_CASE("a receipt that accepts nothing need not prove anything, and moves nothing") {
    Log log{20};
    Receipt receipt = log.receipt(7, {});
    receipt.consistency_proof.clear();
    receipt.statements = {Refused{"bad_json", "", {}, std::nullopt}};
    const std::vector<Digest> leaves{sha256("refused")};
    const LogJudgement judgement = verify_receipt(receipt, log_verifier(), log.heads[7], leaves);
    CHECK(judgement.verdict == LogVerdict::ok);
    CHECK(judgement.checkpoint.head == log.heads[7]);
    // with a proof that fails, with the same size or with something accepted it is a fork all the same
    CHECK(verify_receipt(receipt, log_verifier(), {20, sha256("x")}, leaves).verdict == LogVerdict::forked);
    receipt.consistency_proof = {sha256("x")};
    CHECK(verify_receipt(receipt, log_verifier(), log.heads[7], leaves).verdict == LogVerdict::forked);
    receipt = log.receipt(7, {12});
    receipt.consistency_proof.clear();
    CHECK(verify_receipt(receipt, log_verifier(), log.heads[7], std::vector{log.leaves[12]}).verdict == LogVerdict::forked);
}

TEST_CASE("nothing is judged against an empty tree") {
    Log log{3};
    CHECK_THROWS_AS(verify_receipt(log.receipt(0, {}), log_verifier(), TreeHead{}, {}), error);
}

TEST_CASE("a checkpoint alone is judged as a receipt is") {
    Log log{20};
    const std::string note = sign_checkpoint({"annexa/5c8a", log.tree.head(), {}}, log_key());
    CHECK(judge_checkpoint(note, log_verifier(), log.tree.head(), {}).verdict == LogVerdict::ok);
    CHECK(judge_checkpoint(note, log_verifier(), log.heads[5], consistency_proof(5, 20, log.hashes)).verdict ==
          LogVerdict::ok);
    CHECK(judge_checkpoint(note, log_verifier(), {20, sha256("x")}, {}).verdict == LogVerdict::forked);
    CHECK(judge_checkpoint(note, log_verifier(), {21, sha256("x")}, {}).verdict == LogVerdict::behind);
}

TEST_CASE("receipts read back as they were") {
    Log log{20};
    Receipt receipt = log.receipt(7, {12});
    receipt.statements.push_back(
        Refused{"tables_missing", "two are missing", {sha256("a"), sha256("b")}, std::nullopt});
    const Envelope head = seal(R"({"a":1})", log_key());
    receipt.statements.push_back(Refused{"chain_conflict", "", {}, StoreHead{{4, head.digest()}, head}});
    receipt.statements.push_back(Refused{"chain_conflict", "", {}, StoreHead{{0, sha256("enrolment")}, std::nullopt}});
    CHECK(parse_receipt(serialise(receipt)) == receipt);
}

TEST_CASE("what is no receipt is refused, members that are not known pass") {
    const auto bad =
        GENERATE(as<std::string>{}, "", "[]", "{}", R"({"checkpoint":"","consistency_proof":[]})",
                 R"({"checkpoint":"","consistency_proof":["AAAA"],"statements":[]})",
                 R"({"checkpoint":"","consistency_proof":[],"statements":[{}]})",
                 R"({"checkpoint":"","consistency_proof":[],"statements":[{"index":-1,"inclusion_proof":[]}]})",
                 R"({"checkpoint":"","consistency_proof":[],"statements":[{"code":"x"}]})",
                 R"({"checkpoint":"","consistency_proof":[],"statements":[{"code":"x","detail":"","tables":[1]}]})",
                 R"({"checkpoint":"","consistency_proof":[],"statements":[{"code":"x","detail":"","head":{}}]})");
    INFO(bad);
    CHECK_THROWS_AS(parse_receipt(bad), coded_error);
    CHECK(parse_receipt(R"({"checkpoint":"n","consistency_proof":[],"later":1,"statements":[]})").checkpoint == "n");
}

TEST_CASE("uploads read back, and only 1 to 16 canonical envelopes are one") {
    std::vector<Envelope> envelopes(16, seal("{}", log_key()));
    const std::vector<std::string> entries = decode_upload(encode_upload(envelopes));
    REQUIRE(entries.size() == 16);
    CHECK(entries[15] == entry(envelopes[15]));
    envelopes.push_back(envelopes[0]);
    CHECK_THROWS_AS(encode_upload(envelopes), error);
    CHECK_THROWS_AS(encode_upload({}), error);
    const auto code = [](const std::string& body) {
        try {
            decode_upload(body);
            return std::string{};
        } catch (const coded_error& problem) {
            return problem.code();
        }
    };
    CHECK(code("[]") == "bad_json");
    CHECK(code("{}") == "bad_json");
    CHECK(code("[1,2") == "bad_json");
    CHECK(code("[1, 2]") == "bad_json");
    CHECK(code("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]") == "bad_json");
    CHECK(code("[1]").empty());  // each element is refused alone, by parse_entry
    CHECK(code(std::string(largest_upload_bytes + 1, ' ')) == "too_large");
}

TEST_CASE("a full upload of the largest statements fits") {
    const std::vector<Envelope> envelopes(16, seal(std::string(largest_payload_bytes, 'x'), log_key()));
    CHECK(encode_upload(envelopes).size() <= largest_upload_bytes);
}

TEST_CASE("a problem document reads, anything else is an unknown answer") {
    const auto problem =
        parse_problem(R"({"type":"about:blank","title":"Busy","status":503,"detail":"later","code":"busy","x":1})");
    REQUIRE(problem);
    CHECK(*problem == Problem{503, "busy", "Busy", "later"});
    for (const char* body : {"", "<html>", "{}", "[]", R"({"title":"","status":503,"detail":"","code":1})",
                             R"({"title":"","status":7,"detail":"","code":"busy"})"})
        CHECK_FALSE(parse_problem(body));
}
