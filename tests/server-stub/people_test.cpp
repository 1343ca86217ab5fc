// People from the invitation to the last sign-out, by the HTTP API of a whole server.
#include "evidence/envelope.hpp"
#include "evidence/record.hpp"
#include "server-stub/check/store_check.hpp"
#include "server-stub/people/accounts.hpp"
#include "server-stub/people/one_time_code.hpp"
#include "server-stub/people/rights.hpp"
#include "server-stub/people/sign_in.hpp"
#include "server-stub/people/sign_in_guard.hpp"
#include "server-stub/storage/store.hpp"
#include "tests/server-stub/site.hpp"

#include <sqlite3.h>
#include <catch2/catch.hpp>

#include <fstream>
#include <set>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr const char* password = "several words do well";

std::string from_base32(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        bits = (bits << 5) | static_cast<std::uint32_t>(alphabet.find(c));
        if ((count += 5) >= 8) out += static_cast<char>(bits >> (count -= 8));
    }
    return out;
}

/// Somebody with a password and an authenticator.
struct Person {
    std::string account, login, secret, headers;
};

struct People {
    Site site;
    std::string admin = bearer(site.token("admin", {{"name", "the first"}}));

    Answer ask(const std::string& method, const std::string& path, const std::string& headers,
               const json& body = nullptr) {
        const std::string request = body.is_null()
                                        ? method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n"
                                        : with_body(method, path, body.dump(), headers);
        auto answer = site.person().ask(request);
        REQUIRE(answer);
        return *answer;
    }
    json asked(const std::string& method, const std::string& path, const std::string& headers,
               const json& body = nullptr) {
        const Answer answer = ask(method, path, headers, body);
        INFO(method << " " << path << ": " << answer.body);
        REQUIRE(answer.status < 300);
        return json::parse(answer.body);
    }

    std::string invite(const std::string& login, const std::string& role) {
        const json made =
            asked("POST", "/api/v1/accounts", admin, {{"login", login}, {"name", "Name of " + login}, {"role", role}});
        CHECK(made.at("state") == "invited");
        return made.at("invitation").at("token").get<std::string>();
    }
    Person accept(const std::string& invitation) {
        const json set =
            asked("POST", "/api/v1/invitation", bearer(evidence::parse_token(invitation)), {{"password", password}});
        const std::string uri = set.at("uri").get<std::string>();
        const std::size_t begin = uri.find("secret=") + 7;
        const std::string login = set.at("login").get<std::string>();
        return {find_account(site.store->server(), login).id,
                login,
                from_base32(uri.substr(begin, uri.find('&') - begin)),
                {}};
    }
    [[nodiscard]] std::string code(const Person& person) const {
        return hotp(person.secret, code_step(site.clock.now()));
    }
    [[nodiscard]] json proof(const Person& person) const {
        return {{"name", person.login}, {"password", password}, {"code", code(person)}};
    }
    void sign_in(Person& person) {
        site.clock.advance(30s);  // a code is taken once
        const json session = asked("POST", "/api/v1/session", {}, proof(person));
        person.headers = "Authorization: Bearer " + session.at("secret").get<std::string>() + "\r\n";
    }
    Person person(const std::string& login, const std::string& role) {
        Person made = accept(invite(login, role));
        sign_in(made);
        return made;
    }

    [[nodiscard]] Store& store() { return site.store->server().store; }
    [[nodiscard]] std::vector<std::string> logged(const std::string& account) {
        std::vector<std::string> words;
        for (const Decision& decision : store().all_decisions("account"))
            if (decision.subject == account) words.push_back(decision.decision);
        return words;
    }
};

bool holds(const std::filesystem::path& folder, const std::string& bytes) {
    for (const auto& file : std::filesystem::recursive_directory_iterator{folder}) {
        if (!file.is_regular_file()) continue;
        std::ifstream in{file.path(), std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        if (text.find(bytes) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("people: an invited person sets a password and signs in with it and a code, once") {
    People people;
    const std::string invitation = people.invite("ada", "approver");
    const std::string invited = bearer(evidence::parse_token(invitation));
    CHECK(people.ask("GET", "/api/v1/session", invited).code() == "sign_in_needed");
    CHECK(people.ask("POST", "/api/v1/session", invited).code() == "forbidden");
    CHECK(people.ask("POST", "/api/v1/invitation", invited, {{"password", "too short"}}).code() == "password_refused");
    Person ada = people.accept(invitation);
    CHECK(people.ask("POST", "/api/v1/invitation", invited, {{"password", password}}).status == 401);

    const json proof = people.proof(ada);
    const json session = people.asked("POST", "/api/v1/session", {}, proof);
    CHECK(session.at("account") == ada.account);
    CHECK(session.at("name") == "Name of ada");
    CHECK(session.at("role") == "approver");
    CHECK(people.ask("POST", "/api/v1/session", {}, proof).code() == "sign_in_refused");  // the same code
    const std::string headers = "Authorization: Bearer " + session.at("secret").get<std::string>() + "\r\n";
    CHECK(people.asked("GET", "/api/v1/session", headers).at("account") == ada.account);
    CHECK(people.ask("POST", "/api/v1/session", headers).code() == "forbidden");  // a session begins no other
    people.asked("DELETE", "/api/v1/session", headers);
    CHECK(people.ask("GET", "/api/v1/session", headers).code() == "token_revoked");

    people.site.clock.advance(30s);
    json upper = people.proof(ada);
    upper["name"] = "ADA";
    CHECK(people.ask("POST", "/api/v1/session", {}, upper).status == 201);
}

TEST_CASE("people: whatever is wrong, the answer is the same, and no secret and no name is in store or log") {
    People people;
    Person ada = people.accept(people.invite("ada.lovelace", "reader"));
    people.invite("bob", "reader");
    const json good = people.proof(ada);
    std::set<std::string> bodies;
    const auto refused = [&](const char* member, const std::string& value) {
        json proof = good;
        proof[member] = value;
        const Answer answer = people.ask("POST", "/api/v1/session", {}, proof);
        CHECK(answer.status == 401);
        bodies.insert(answer.body);
    };
    refused("name", "nobody");
    refused("name", "bob");  // invited, without a password
    refused("name", std::string(1000, 'x'));
    refused("password", "several words do not");
    refused("password", "");
    refused("code", "000000");
    CHECK(bodies.size() == 1);
    CHECK(people.ask("POST", "/api/v1/session", {}, {{"name", "ada.lovelace"}}).code() == "schema");
    people.site.clock.advance(30s);
    CHECK(people.ask("POST", "/api/v1/session", {}, people.proof(ada)).status == 201);

    CHECK_FALSE(holds(people.site.data, password));
    CHECK_FALSE(holds(people.site.data, ada.secret));
    CHECK_FALSE(holds(people.site.data, to_base32(ada.secret)));
    const std::vector<std::string> entries = people.store().entries(0, 1000);
    REQUIRE(entries.size() > 4);
    for (const std::string& entry : entries)
        CHECK(evidence::parse_entry(entry).payload.find("lovelace") == std::string::npos);
    for (const Decision& decision : people.store().all_decisions("account"))
        CHECK(people.site.store->server().blobs.get(decision.document).value().find("lovelace") == std::string::npos);
}

TEST_CASE("people: a session ends after half an hour without a request, and after twelve hours in any case") {
    People people;
    Person ada = people.person("ada", "reader");
    for (int i = 0; i < 3; ++i) {
        people.site.clock.advance(29min);
        CHECK(people.ask("GET", "/api/v1/session", ada.headers).status == 200);
    }
    people.site.clock.advance(30min);
    CHECK(people.ask("GET", "/api/v1/session", ada.headers).code() == "token_expired");
    people.sign_in(ada);
    for (int i = 0; i < 12 * 60 / 20 - 1; ++i) {
        people.site.clock.advance(20min);
        REQUIRE(people.ask("GET", "/api/v1/session", ada.headers).status == 200);
    }
    people.site.clock.advance(20min);
    CHECK(people.ask("GET", "/api/v1/session", ada.headers).code() == "token_expired");
}

TEST_CASE("people: who guesses must wait, and an administrator lets the person in again") {
    People people;
    Person ada = people.accept(people.invite("ada", "reader"));
    json wrong = people.proof(ada);
    wrong["password"] = "not the right password";
    for (unsigned i = 0; i < Throttle::free_by_login; ++i)
        REQUIRE(people.ask("POST", "/api/v1/session", {}, wrong).code() == "sign_in_refused");
    const Answer waiting = people.ask("POST", "/api/v1/session", {}, people.proof(ada));
    CHECK(waiting.status == 429);
    CHECK(waiting.code() == "too_many_attempts");
    people.asked("PUT", "/api/v1/accounts/ada/state", people.admin, {{"state", "active"}});
    CHECK(people.ask("POST", "/api/v1/session", {}, people.proof(ada)).status == 201);
}

TEST_CASE("people: no more passwords are looked at at once than the machine bears") {
    People people;
    Person ada = people.accept(people.invite("ada", "reader"));
    SignInGuard& guard = people.site.store->server().guard;
    {
        const auto one = guard.slot();
        const auto two = guard.slot();
        const Answer busy = people.ask("POST", "/api/v1/session", {}, people.proof(ada));
        CHECK(busy.status == 503);
        CHECK(busy.code() == "busy");
    }
    CHECK(people.ask("POST", "/api/v1/session", {}, people.proof(ada)).status == 201);
}

TEST_CASE("people: disabling an account ends its sessions and tokens at once, and for good") {
    People people;
    Person ada = people.person("ada", "editor");
    const json made = people.asked("POST", "/api/v1/tokens", ada.headers,
                                   {{"name", "a script"}, {"role", "reader"}, {"ttl_s", 86400}});
    const std::string token = bearer(evidence::parse_token(made.at("token").get<std::string>()));
    CHECK(people.ask("GET", "/api/v1/session", token).status == 200);
    people.asked("PUT", "/api/v1/accounts/ada/state", people.admin, {{"state", "disabled"}});
    for (const std::string& headers : {ada.headers, token})
        CHECK(people.ask("GET", "/api/v1/session", headers).status == 401);
    people.site.clock.advance(30s);
    CHECK(people.ask("POST", "/api/v1/session", {}, people.proof(ada)).code() == "sign_in_refused");
    people.asked("PUT", "/api/v1/accounts/" + ada.account + "/state", people.admin, {{"state", "active"}});
    for (const std::string& headers : {ada.headers, token})
        CHECK(people.ask("GET", "/api/v1/session", headers).code() == "token_revoked");
    people.site.clock.advance(30s);
    CHECK(people.ask("POST", "/api/v1/session", {}, people.proof(ada)).status == 201);
    CHECK(people.logged(ada.account) ==
          std::vector<std::string>{"added", "password_set", "token_made", "disabled", "enabled"});
}

TEST_CASE("people: a change of role counts at once, also for what is open") {
    People people;
    Person ada = people.person("ada", "approver");
    CHECK(people.asked("GET", "/api/v1/session", ada.headers).at("role") == "approver");
    people.asked("PUT", "/api/v1/accounts/ada/role", people.admin, {{"role", "auditor"}});
    CHECK(people.asked("GET", "/api/v1/session", ada.headers).at("role") == "reader");  // what both hold
    people.sign_in(ada);
    CHECK(people.asked("GET", "/api/v1/session", ada.headers).at("role") == "auditor");
}

TEST_CASE("people: an auditor reads and edits nothing, and an administrator edits only where that was given") {
    People people;
    const json waiver{{"check", "ssh-root-login"}, {"reason", "a test"}, {"until", "2027-03-31"}};
    Person auditor = people.person("audrey", "auditor");
    CHECK(people.ask("GET", "/api/v1/waivers", auditor.headers).status == 200);
    CHECK(people.ask("GET", "/api/v1/accounts", auditor.headers).status == 200);  // who holds which right
    CHECK(people.ask("POST", "/api/v1/waivers", auditor.headers, waiver).code() == "forbidden");
    CHECK(people.ask("PUT", "/api/v1/policies/linux-baseline/adoption", auditor.headers, json::object()).code() ==
          "forbidden");
    CHECK(people.ask("POST", "/api/v1/accounts", auditor.headers, {{"login", "eve"}, {"role", "admin"}}).code() ==
          "forbidden");
    Person admin = people.person("adam", "admin");
    CHECK(people.ask("POST", "/api/v1/waivers", admin.headers, waiver).code() == "forbidden");
    CHECK(people.ask("POST", "/api/v1/accounts", admin.headers, {{"login", "eve"}, {"role", "reader"}}).status == 201);
    // neither for themselves
    CHECK(people.ask("PUT", "/api/v1/accounts/adam/role", admin.headers, {{"role", "admin,approver"}}).code() ==
          "forbidden");
    CHECK(people.ask("PUT", "/api/v1/accounts/adam/state", admin.headers, {{"state", "disabled"}}).code() ==
          "forbidden");
    Person both = people.person("bea", "admin,editor");
    CHECK(people.ask("POST", "/api/v1/waivers", both.headers, waiver).status == 201);
}

TEST_CASE("people: a person's token holds no more than the person, lasts its time, and opens its paths") {
    People people;
    Person ada = people.person("ada", "editor");
    const auto order = [](const char* role, std::int64_t ttl) {
        return json{{"name", "a script"}, {"role", role}, {"ttl_s", ttl}};
    };
    CHECK(people.ask("POST", "/api/v1/tokens", ada.headers, order("approver", 60)).code() == "forbidden");
    CHECK(people.ask("POST", "/api/v1/tokens", ada.headers, order("auditor", 60)).code() == "forbidden");
    CHECK(people.ask("POST", "/api/v1/tokens", ada.headers, order("agent", 60)).code() == "schema");
    CHECK(people.ask("POST", "/api/v1/tokens", ada.headers, order("reader", 367 * 86400)).code() == "schema");
    CHECK(people.ask("POST", "/api/v1/tokens", ada.headers, {{"name", "for ever"}, {"role", "reader"}}).code() ==
          "schema");
    json scoped = order("editor", 600);
    scoped["paths"] = {"/api/v1/waivers", "/api/v1/session"};
    const json made = people.asked("POST", "/api/v1/tokens", ada.headers, scoped);
    const std::string token = bearer(evidence::parse_token(made.at("token").get<std::string>()));
    CHECK(people.ask("GET", "/api/v1/waivers", token).status == 200);
    CHECK(people.ask("GET", "/api/v1/hosts", token).code() == "forbidden");
    CHECK(people.ask("POST", "/api/v1/tokens", token, order("reader", 60)).code() == "forbidden");
    CHECK(people.ask("POST", "/api/v1/session", token).code() == "forbidden");
    const json listed = people.asked("GET", "/api/v1/tokens", ada.headers);
    CHECK(listed.at("tokens").size() == 2);  // the session, and this one
    people.site.clock.advance(600s);
    CHECK(people.ask("GET", "/api/v1/waivers", token).code() == "token_expired");

    const json second = people.asked("POST", "/api/v1/tokens", ada.headers, order("reader", 600));
    const std::string path = "/api/v1/tokens/" + second.at("id").get<std::string>();
    Person bob = people.person("bob", "approver");
    CHECK(people.ask("DELETE", path, bob.headers).code() == "not_found");
    CHECK(people.ask("GET", "/api/v1/tokens?account=ada", bob.headers).code() == "forbidden");
    people.asked("DELETE", path, ada.headers);
    CHECK(people.ask("GET", "/api/v1/session", bearer(evidence::parse_token(second.at("token").get<std::string>())))
              .code() == "token_revoked");
}

TEST_CASE("people: one's own password and codes are changed with the old ones, and other sessions end") {
    People people;
    Person ada = people.person("ada", "reader");
    const std::string other = ada.headers;
    people.sign_in(ada);
    const auto body = [&](const char* old_password, const char* new_password) {
        people.site.clock.advance(30s);
        return json{{"password", old_password}, {"code", people.code(ada)}, {"new_password", new_password}};
    };
    CHECK(people.ask("PUT", "/api/v1/session/password", ada.headers, body("not the right one", "another few words"))
              .code() == "sign_in_refused");
    CHECK(people.ask("PUT", "/api/v1/session/password", ada.headers, body(password, "ada")).code() ==
          "password_refused");
    people.asked("PUT", "/api/v1/session/password", ada.headers, body(password, "another few words"));
    CHECK(people.ask("GET", "/api/v1/session", ada.headers).status == 200);
    CHECK(people.ask("GET", "/api/v1/session", other).code() == "token_revoked");
    people.site.clock.advance(30s);
    CHECK(people.ask("POST", "/api/v1/session", {}, people.proof(ada)).code() ==
          "sign_in_refused");  // the old password

    people.site.clock.advance(30s);
    const json renewed = people.asked("PUT", "/api/v1/session/code", ada.headers,
                                      {{"password", "another few words"}, {"code", people.code(ada)}});
    CHECK(renewed.at("uri").get<std::string>().starts_with("otpauth://totp/annexa%20Example%20Ltd:ada?secret="));
    people.site.clock.advance(30s);
    json proof = people.proof(ada);
    proof["password"] = "another few words";
    CHECK(people.ask("POST", "/api/v1/session", {}, proof).code() == "sign_in_refused");  // the old secret
}

TEST_CASE("people: a reset takes password, codes, sessions and tokens, and invites anew") {
    People people;
    Person ada = people.person("ada", "reader");
    const json again = people.asked("POST", "/api/v1/accounts/ada/invitation", people.admin, json::object());
    CHECK(people.ask("GET", "/api/v1/session", ada.headers).code() == "token_revoked");
    people.site.clock.advance(30s);
    CHECK(people.ask("POST", "/api/v1/session", {}, people.proof(ada)).code() == "sign_in_refused");
    const std::string late = people.asked("POST", "/api/v1/accounts/ada/invitation", people.admin, json::object())
                                 .at("invitation")
                                 .at("token")
                                 .get<std::string>();
    const std::string first = again.at("invitation").at("token").get<std::string>();
    CHECK(people.ask("POST", "/api/v1/invitation", bearer(evidence::parse_token(first)), {{"password", password}})
              .code() == "token_revoked");
    Person anew = people.accept(late);
    people.sign_in(anew);
    CHECK(anew.account == ada.account);
    const std::string expired = people.invite("bob", "reader");
    people.site.clock.advance(invitation_lifetime);
    CHECK(people.ask("POST", "/api/v1/invitation", bearer(evidence::parse_token(expired)), {{"password", password}})
              .code() == "token_expired");
}

TEST_CASE("people: logins and roles that are none are refused, and a login is one person's") {
    People people;
    const auto refusal = [&](const std::string& login, const std::string& role) {
        return people.ask("POST", "/api/v1/accounts", people.admin, {{"login", login}, {"role", role}}).code();
    };
    for (const std::string& login : {std::string{}, std::string{"Ada"}, std::string{"a b"}, std::string{"-ada"},
                                     std::string{"../x"}, std::string(65, 'a'), std::string{"ädä"}})
        CHECK(refusal(login, "reader") == "schema");
    for (const char* role : {"", "root", "agent", "auditor,editor", "admin,auditor"})
        CHECK(refusal("ada", role) == "schema");
    people.invite("ada", "reader");
    CHECK(refusal("ada", "reader") == "conflict");
    CHECK(people.ask("PUT", "/api/v1/accounts/nobody/state", people.admin, {{"state", "disabled"}}).code() ==
          "not_found");
    CHECK(people.ask("PUT", "/api/v1/accounts/ada/state", people.admin, {{"state", "away"}}).code() == "schema");
}

TEST_CASE("people: rules for a second person count accounts that can act") {
    People people;
    const auto approvers = [&] { return holders(people.store(), Permission::approve, people.site.clock.now()); };
    // The token of People, and the first administrator's, whose sign-in token nobody has used yet.
    const std::size_t before = approvers();
    CHECK(before == 2);
    const std::string invitation = people.invite("ada", "approver");
    CHECK(approvers() == before);  // cannot act yet
    const Person ada = people.accept(invitation);
    CHECK(approvers() == before + 1);
    CHECK(holders(people.store(), Permission::administer, people.site.clock.now()) == before);
    people.site.token("approver", {{"name", "ada"}});
    CHECK(approvers() == before + 1);  // the same account
    people.person("eddie", "editor");
    people.person("adam", "admin");
    people.person("audrey", "auditor");
    CHECK(approvers() == before + 1);
    people.asked("PUT", "/api/v1/accounts/ada/state", people.admin, {{"state", "disabled"}});
    CHECK(approvers() == before);
    people.site.token("approver", {{"name", "by token"}, {"ttl_s", 60}});
    CHECK(approvers() == before + 1);
    people.site.clock.advance(60s);
    CHECK(approvers() == before);
}

TEST_CASE("people: every change is in the log, and the whole store verifies") {
    People people;
    Person ada = people.person("ada", "editor");
    people.asked("PUT", "/api/v1/accounts/ada/role", people.admin, {{"role", "approver"}});
    people.site.token("reader", {{"name", "ada"}});  // on the server itself, for a person that there is
    CHECK(people.logged(ada.account) ==
          std::vector<std::string>{"added", "password_set", "role_changed", "token_made"});
    CHECK_THROWS_WITH(people.site.token("admin", {{"name", "ada"}}), Catch::Contains("may not be more"));
    const Server& server = people.site.store->server();
    const StoreCheck check = check_store(server.store, server.blobs, DataFolder{people.site.data}.key_files());
    for (const StoreProblem& problem : check.problems) UNSCOPED_INFO(problem.place << ": " << problem.what);
    CHECK(check.problems.empty());
}

TEST_CASE("people: a role that was raised in the database alone is found by the check") {
    People people;
    const Person ada = people.person("ada", "reader");
    const Server& server = people.site.store->server();
    const auto places = [&] {
        std::vector<std::string> named;
        for (const StoreProblem& problem :
             check_store(server.store, server.blobs, DataFolder{people.site.data}.key_files()).problems)
            named.push_back(problem.place);
        return named;
    };
    CHECK(places().empty());
    {
        sqlite3* handle = nullptr;
        REQUIRE(sqlite3_open((people.site.data / "store.db").c_str(), &handle) == SQLITE_OK);
        CHECK(sqlite3_exec(handle, "UPDATE accounts SET role = 'admin,approver' WHERE login = 'ada'", nullptr, nullptr,
                           nullptr) == SQLITE_OK);
        sqlite3_close(handle);
    }
    CHECK(places() == std::vector<std::string>{"account " + ada.account});
}
