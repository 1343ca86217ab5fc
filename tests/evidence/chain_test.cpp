#include "evidence/chain.hpp"
#include "evidence/errors.hpp"

#include <catch2/catch.hpp>

using namespace annexa::evidence;

namespace {

const Instant noon = parse_instant("2026-11-24T12:00:00.000Z");
const Digest enrolment = sha256("enrolment");

PrivateKey own() { return PrivateKey::from_seed(std::string(32, 'o')); }

Statement statement(std::uint64_t sequence, const Digest& previous) {
    Statement made;
    made.host = {"2b1e7f0a-7c1d-4d0a-9a3e-0c5d1f2e3a4b", "web-1", enrolment};
    made.agent = {"0.1.0", own().public_key().id()};
    made.sequence = sequence;
    made.previous = previous;
    made.log = {"annexa/x", {1, sha256("root")}};
    made.made_at = noon;
    return made;
}

StoreHead head_of(const Statement& made, const PrivateKey& key) {
    const Envelope envelope = seal(serialise(made), key);
    return {{made.sequence, envelope.digest()}, envelope};
}

}  // namespace

TEST_CASE("what may follow what in a chain") {
    const ChainHead head{4, sha256("four")};
    const Digest digest = sha256("this");
    const auto step = [&](std::uint64_t sequence, const Digest& previous, std::optional<Digest> at = std::nullopt) {
        return chain_step(head, at, statement(sequence, previous), digest);
    };
    CHECK(step(5, sha256("four")) == ChainStep::next);
    CHECK(step(5, sha256("three")) == ChainStep::other_previous);
    CHECK(step(6, sha256("four")) == ChainStep::gap);
    CHECK(step(4, sha256("three"), sha256("four")) == ChainStep::fork);
    CHECK(step(2, sha256("one"), sha256("two")) == ChainStep::fork);
    CHECK(step(2, sha256("one"), digest) == ChainStep::repeat);
    CHECK(chain_step({4, digest}, std::nullopt, statement(4, sha256("three")), digest) == ChainStep::repeat);
    CHECK(advances(ChainStep::next));
    CHECK(advances(ChainStep::next_after_loss));
    for (const ChainStep refused : {ChainStep::repeat, ChainStep::fork, ChainStep::gap, ChainStep::other_previous})
        CHECK_FALSE(advances(refused));
}

TEST_CASE("the first statement follows the enrolment record") {
    const ChainHead head{0, enrolment};
    CHECK(chain_step(head, std::nullopt, statement(1, enrolment), sha256("this")) == ChainStep::next);
    CHECK(chain_step(head, std::nullopt, statement(1, sha256("other")), sha256("this")) == ChainStep::other_previous);
}

TEST_CASE("a gap is passed only where the agent says that the store lost exactly that") {
    const ChainHead head{4, sha256("four")};
    Statement made = statement(9, sha256("eight"));
    const auto step = [&](std::uint64_t from, std::uint64_t to) {
        made.lost_by_store = LostByStore{from, to, "note", 3, {}, {}};
        return chain_step(head, std::nullopt, made, sha256("this"));
    };
    CHECK(step(5, 8) == ChainStep::next_after_loss);
    CHECK(step(5, 7) == ChainStep::gap);
    CHECK(step(6, 8) == ChainStep::gap);
    CHECK(step(4, 8) == ChainStep::gap);
}

TEST_CASE("an agent judges a conflict by who signed the store's head") {
    const Statement six = statement(6, sha256("five"));
    const StoreHead ours = head_of(six, own());
    const auto judge = [&](const StoreHead& store, std::optional<ChainHead> acknowledged) {
        return judge_conflict(store, enrolment, own().public_key(), acknowledged);
    };
    CHECK(judge(ours, std::nullopt) == ConflictVerdict::go_on_behind);
    CHECK(judge(ours, ChainHead{3, sha256("three")}) == ConflictVerdict::go_on_behind);
    CHECK(judge(ours, ours.head) == ConflictVerdict::go_on_behind);
    CHECK(judge(ours, ChainHead{6, sha256("another six")}) == ConflictVerdict::forked);
    CHECK(judge(ours, ChainHead{8, sha256("eight")}) == ConflictVerdict::store_lost);

    CHECK(judge(head_of(six, PrivateKey::generate()), std::nullopt) == ConflictVerdict::not_ours);
    StoreHead other_digest = ours;
    other_digest.head.digest = sha256("x");
    CHECK(judge(other_digest, std::nullopt) == ConflictVerdict::not_ours);
    StoreHead other_sequence = ours;
    other_sequence.head.sequence = 7;
    CHECK(judge(other_sequence, std::nullopt) == ConflictVerdict::not_ours);
    CHECK(judge({ours.head, std::nullopt}, std::nullopt) == ConflictVerdict::not_ours);
    Statement elsewhere = six;
    elsewhere.host.enrolment = sha256("another enrolment");
    CHECK(judge(head_of(elsewhere, own()), std::nullopt) == ConflictVerdict::not_ours);
    // What our key signed need not be a statement: a request is none.
    const Envelope request = seal("{}", own());
    CHECK(judge({{6, request.digest()}, request}, std::nullopt) == ConflictVerdict::not_ours);
}

TEST_CASE("a store that knows only the enrolment lost everything, or never had it") {
    const StoreHead empty{{0, enrolment}, std::nullopt};
    const PublicKey key = own().public_key();
    CHECK(judge_conflict(empty, enrolment, key, std::nullopt) == ConflictVerdict::go_on_behind);
    CHECK(judge_conflict(empty, enrolment, key, ChainHead{1, sha256("one")}) == ConflictVerdict::store_lost);
    CHECK(judge_conflict({{0, sha256("x")}, std::nullopt}, enrolment, key, std::nullopt) == ConflictVerdict::not_ours);
}

TEST_CASE("two machines show by their fingerprint or by boot ids that alternate") {
    const auto boot = [](const char* id, bool rollback = false) { return Boot{std::nullopt, id, rollback}; };
    const auto two = [](std::vector<Boot> boots) { return speaks_from_two_machines(boots); };
    CHECK_FALSE(two({}));
    CHECK_FALSE(two({boot("a"), boot("a"), boot("b"), boot("c"), boot("c")}));
    CHECK_FALSE(two({boot("a"), boot("b"), boot("a")}));
    CHECK(two({boot("a"), boot("b"), boot("a"), boot("b")}));
    CHECK_FALSE(two({boot("a"), boot("b"), boot("a", true), boot("b")}));
    CHECK(two({boot("a"), boot("b"), boot("a", true), boot("b"), boot("a")}));
    CHECK(two({boot("a"), boot("b"), boot("a", true), boot("b", true), boot("a", true)}));

    const Boot first{sha256("1"), "a", false};
    CHECK(two({first, {sha256("2"), "a", false}}));
    CHECK_FALSE(two({first, {std::nullopt, "b", false}, {sha256("1"), "c", false}}));
}
