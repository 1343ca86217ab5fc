#include "server-stub/http/router.hpp"

#include "evidence/errors.hpp"
#include "server-stub/http/problem.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

using namespace annexa;
using namespace annexa::store;

namespace {

Response answer(Server&, const Request&) { return {}; }

constexpr Route routes[] = {
    {"GET", "/", Listener::people, Access::open, 0, answer},
    {"GET", "/api/v1/hosts", Listener::people, Access::read, 0, answer},
    {"GET", "/api/v1/hosts/{id}", Listener::people, Access::read, 0, answer},
    {"POST", "/api/v1/hosts/{id}/notes/{note}", Listener::people, Access::edit, 4096, answer},
    {"GET", "/log/tile/{path...}", Listener::people, Access::read, 0, answer},
    {"PUT", "/agent/v1/tables/{sha256}", Listener::agents, Access::agent, 1024, answer},
};

std::string refusal(const Router& router, Listener listener, std::string_view method, std::string_view path) {
    try {
        (void)router.find(listener, method, path);
        return "";
    } catch (const evidence::coded_error& error) {
        return error.code();
    }
}

}  // namespace

TEST_CASE("a route is found by listener, method and path, and its parameters in their order") {
    const Router router{routes};
    CHECK(router.find(Listener::people, "GET", "/").route == &routes[0]);
    CHECK(router.find(Listener::people, "GET", "/api/v1/hosts").route == &routes[1]);
    const Match host = router.find(Listener::people, "GET", "/api/v1/hosts/web 1");
    CHECK(host.route == &routes[2]);
    CHECK(host.parameters == std::vector<std::string>{"web 1"});
    CHECK(router.find(Listener::people, "POST", "/api/v1/hosts/a/notes/b").parameters == std::vector<std::string>{"a", "b"});
    CHECK(router.find(Listener::people, "GET", "/log/tile/0/x001/234").parameters == std::vector<std::string>{"0/x001/234"});
}

TEST_CASE("what no route takes is refused with its own code") {
    const Router router{routes};
    CHECK(refusal(router, Listener::people, "GET", "/api/v1") == "not_found");
    CHECK(refusal(router, Listener::people, "GET", "/api/v1/hosts/a/b") == "not_found");
    CHECK(refusal(router, Listener::people, "GET", "/log/tile") == "not_found");
    CHECK(refusal(router, Listener::people, "DELETE", "/api/v1/hosts") == "bad_method");
    CHECK(router.methods(Listener::people, "/api/v1/hosts") == std::vector<std::string_view>{"GET"});
    // the agents' listener does not know the people's routes, nor the other way round
    CHECK(refusal(router, Listener::agents, "GET", "/api/v1/hosts") == "not_found");
    CHECK(refusal(router, Listener::people, "PUT", "/agent/v1/tables/00") == "not_found");
}

TEST_CASE("request targets are decoded, and what could be read two ways is refused") {
    const auto target = parse_target("/api/v1/hosts/web%201?at=2026-11-24T09:30:00Z&name=a%26b&flag");
    REQUIRE(target);
    CHECK(target->path == "/api/v1/hosts/web 1");
    REQUIRE(target->query.size() == 3);
    CHECK(target->query[0].second == "2026-11-24T09:30:00Z");
    CHECK(target->query[1].second == "a&b");
    CHECK(target->query[2].second.empty());
    CHECK(parse_target("/")->path == "/");

    for (const char* bad : {"", "*", "http://example.org/", "example.org:443", "//", "/a//b", "/a/", "/a/../b", "/./a", "/a/%2e%2e/b", "/a%2fb",
                            "/a%00b", "/a%0ab", "/a?x=%00", "/a%ff", "/a b", "/a#fragment", "/%zz"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_target(bad));
    }
    CHECK_FALSE(parse_target("/" + std::string(5000, 'a')));
}

TEST_CASE("a problem document bears its code, its status and when to come again") {
    const Response busy = problem("busy", "ten statements an hour");
    CHECK(busy.status == 503);
    CHECK(busy.content_type == "application/problem+json");
    const auto body = nlohmann::json::parse(busy.body);
    CHECK(body.at("code") == "busy");
    CHECK(body.at("status") == 503);
    CHECK(body.at("detail") == "ten statements an hour");
    CHECK(std::count(busy.headers.begin(), busy.headers.end(), Header{"Retry-After", "5"}) == 1);

    CHECK(problem("no such code", "secret").status == 500);
    std::set<std::string_view> codes;
    for (const ProblemKind& kind : problem_kinds()) CHECK(codes.insert(kind.code).second);
}

TEST_CASE("roles may what they are for") {
    CHECK_FALSE(may(Role::agent, Permission::read));
    CHECK(may(Role::auditor, Permission::read));
    CHECK_FALSE(may(Role::auditor, Permission::edit));
    CHECK(may(Role::editor, Permission::edit));
    CHECK(may(Role::approver, Permission::edit));
    CHECK_FALSE(may(Role::editor, Permission::approve));
    CHECK_FALSE(may(Role::editor, Permission::approve));
    CHECK(may(Role::approver, Permission::approve));
    CHECK_FALSE(may(Role::approver, Permission::administer));
    CHECK(may(Role::admin, Permission::administer));
    for (const Role role : {Role::agent, Role::reader, Role::auditor, Role::editor, Role::approver, Role::admin})
        CHECK(parse_role(role_name(role)) == role);
    CHECK_FALSE(parse_role("root"));
}
