// What every member of the Store family does with tokens, accounts and what they sign in with.
#include "tests/server-stub/store_members.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;

namespace {

Token token(const std::string& id, const std::string& account) {
    Token made;
    made.id = id;
    made.secret = digest("secret of " + id);
    made.role = "editor";
    made.name = "a token";
    made.account = account;
    made.made_at = at(1);
    made.expires = at(100);
    return made;
}

Account account(const std::string& id, const std::string& login) {
    return {.id = id, .name = "Name of " + id, .role = "editor", .made_at = at(2), .login = login, .disabled = false};
}

AccountChanged changed(const std::string& id, const std::string& word) {
    return {.decision = {"account", id, word, digest(word), "admin", at(3), 0}};
}

Token kept(const Store& store, const std::string& id) { return store.token(digest("secret of " + id)).value(); }

}  // namespace

CONTRACT("a token is found by its secret's hash, whole, and only once") {
    TestType member;
    Token session = token("t1", "a1");
    session.kind = "session";
    session.paths = {"/api/v1/status", "/log"};
    session.begun_by = "t0";
    session.idle = std::chrono::minutes{30};
    session.used_at = at(7);
    member.store().add_token(session);
    CHECK_THROWS_AS(member.store().add_token(session), contradiction);
    Store& store = member.reopened();
    CHECK(store.token(session.secret) == session);
    CHECK(store.tokens() == std::vector{session});
    CHECK_FALSE(store.token(digest("another")));
    store.touch_token("t1", at(9));
    CHECK(kept(store, "t1").used_at == at(9));
}

CONTRACT("a token that is revoked ends what began with it") {
    TestType member;
    Store& store = member.store();
    Token session = token("t2", "a1");
    session.begun_by = "t1";
    for (const Token& each : {token("t1", "a1"), session, token("t3", "a1")}) store.add_token(each);
    store.revoke_token("");
    CHECK_FALSE(kept(store, "t1").revoked);
    store.revoke_token("t1");
    CHECK(kept(store, "t1").revoked);
    CHECK(kept(store, "t2").revoked);
    CHECK_FALSE(kept(store, "t3").revoked);
}

CONTRACT("a token with a number of uses is used by so many, the same one again") {
    TestType member;
    Store& store = member.store();
    Token two = token("t1", "a1");
    two.uses_allowed = 2;
    store.add_token(two);
    CHECK(store.use_token(two.secret, "one", at(5)));
    CHECK(store.use_token(two.secret, "one", at(5)));
    CHECK_FALSE(store.use_token(two.secret, "late", at(100)));
    CHECK(store.use_token(two.secret, "two", at(5)));
    CHECK_FALSE(store.use_token(two.secret, "three", at(5)));
    CHECK(store.use_token(two.secret, "two", at(6)));
    CHECK(kept(store, "t1").uses == 2);
}

CONTRACT("an account changes together with the record that says so, or not at all") {
    TestType member;
    Store& store = member.store();
    AccountChanged added = changed("a1", "added");
    added.account = account("a1", "ada");
    added.token = token("t1", "a1");
    append(store, at(0), {{"added", added}});
    CHECK(store.account_by_login("ada") == account("a1", "ada"));
    CHECK(store.account("a1") == account("a1", "ada"));
    CHECK_FALSE(store.account_by_login("bob"));
    CHECK(kept(store, "t1").account == "a1");
    CHECK(store.all_decisions("account").at(0).index == 1);

    AccountChanged taken = changed("a2", "added");
    taken.account = account("a2", "ada");
    CHECK_THROWS_AS(append(store, at(1), {{"taken", taken}}), contradiction);
    CHECK_FALSE(store.account("a2"));
    CHECK_THROWS_AS(store.add_account(account("a2", "ada")), contradiction);
    CHECK_THROWS_AS(store.add_account(account("a1", "bob")), contradiction);
    CHECK(store.all_decisions("account").size() == 1);

    AccountChanged role = changed("a1", "role_changed");
    role.account = account("a1", "ada");
    role.account->role = "admin,approver";
    append(store, at(2), {{"role", role}});
    CHECK(member.reopened().account("a1")->role == "admin,approver");
    AccountChanged late = changed("a1", "disabled");
    late.decision.follows = 1;  // another record came meanwhile
    CHECK_THROWS_AS(append(member.store(), at(3), {{"late", late}}), contradiction);
    CHECK(member.store().accounts().size() == 1);
}

CONTRACT("disabling ends every token of that account, and what is added with it stays") {
    TestType member;
    Store& store = member.store();
    for (const Token& each : {token("t1", "a1"), token("t2", "a1"), token("other", "a2")}) store.add_token(each);
    AccountChanged ends = changed("a1", "invited");
    ends.ends_access = true;
    ends.token = token("new", "a1");
    append(store, at(0), {{"ends", ends}});
    CHECK(kept(store, "t1").revoked);
    CHECK(kept(store, "t2").revoked);
    CHECK_FALSE(kept(store, "other").revoked);
    CHECK_FALSE(kept(store, "new").revoked);

    AccountChanged one = changed("a1", "token_revoked");
    one.revoked = {"new"};
    append(store, at(1), {{"one", one}});
    CHECK(kept(store, "new").revoked);
}

CONTRACT("a credential is kept, replaced and removed, and no code is taken twice") {
    TestType member;
    Store& store = member.store();
    CHECK_FALSE(store.credential("a1"));
    CHECK_FALSE(store.use_code("a1", 5));
    AccountChanged set = changed("a1", "password_set");
    set.credential = Credential{"a1", "$scrypt$…", std::string{"\0sealed\xff", 8}, 0};
    append(store, at(0), {{"set", set}});
    CHECK(store.credential("a1") == set.credential);
    CHECK(store.use_code("a1", 5));
    CHECK_FALSE(store.use_code("a1", 5));
    CHECK_FALSE(store.use_code("a1", 4));
    CHECK(store.use_code("a1", 6));
    CHECK(member.reopened().credential("a1")->code_step == 6);
    set.credential->password = "$scrypt$…another";
    append(member.store(), at(1), {{"set again", set}});
    CHECK(member.store().credential("a1") == Credential{"a1", "$scrypt$…another", set.credential->code_key, 6});
    AccountChanged gone = changed("a1", "invited");
    gone.credential = Credential{"a1", {}, {}, 0};
    append(member.store(), at(2), {{"gone", gone}});
    CHECK_FALSE(member.store().credential("a1"));
}
