#include "cli/isms/assignments.hpp"

#include "evidence/errors.hpp"
#include "tests/cli/kinds.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <fstream>

#include <unistd.h>

namespace annexa::cli::test {
namespace {

using nlohmann::json;

json assigned(const std::vector<std::string>& assignments, json members = json::object()) {
    const Kinds known = kinds();
    assign(members, known.get("risk").fields, assignments);
    return members;
}

std::string refused(const std::vector<std::string>& assignments, const json& members = json::object()) {
    try {
        assigned(assignments, members);
    } catch (const evidence::error& problem) {
        return problem.what();
    }
    return {};
}

}  // namespace

TEST_CASE("a value is taken by the type of the member") {
    CHECK(assigned({"title=2027", "likelihood=3", "cost=2.5", "relevant=true", "due=2027-03-31"}) ==
          json({{"title", "2027"}, {"likelihood", 3}, {"cost", 2.5}, {"relevant", true}, {"due", "2027-03-31"}}));
    CHECK(assigned({"title=a=b"}) == json({{"title", "a=b"}}));
    CHECK(assigned({"title="}, {{"title", "a"}, {"likelihood", 1}}) == json({{"likelihood", 1}}));
}

TEST_CASE("a list is given at commas, or one text at a time") {
    CHECK(assigned({"controls=A.5.1, A.8.5"}) == json({{"controls", {"A.5.1", "A.8.5"}}}));
    CHECK(assigned({"entries=1,2"}) == json({{"entries", {1, 2}}}));
    CHECK(assigned({"labels=a,b", "labels=c"}) == json({{"labels", {"a,b", "c"}}}));
    CHECK(assigned({"labels=b"}, {{"labels", {"a"}}}) == json({{"labels", {"b"}}}));
    CHECK(assigned({"labels+=b", "labels-=a"}, {{"labels", {"a"}}}) == json({{"labels", {"b"}}}));
    CHECK(assigned({"labels-=a"}, {{"labels", {"a"}}}) == json::object());
    CHECK(assigned({"labels[0]=c"}, {{"labels", {"a", "b"}}}) == json({{"labels", {"c", "b"}}}));
    CHECK(assigned({"labels[0]="}, {{"labels", {"a", "b"}}}) == json({{"labels", {"b"}}}));
}

TEST_CASE("groups are YAML, or reached by their place") {
    const json one{{"title", "a"}, {"due", "2027-03-31"}};
    CHECK(assigned({"milestones=[{title: a, due: 2027-03-31}]"}) == json({{"milestones", json::array({one})}}));
    CHECK(assigned({"milestones+={title: a, due: 2027-03-31}"}, {{"milestones", json::array({one})}}) ==
          json({{"milestones", json::array({one, one})}}));
    CHECK(assigned({"milestones[0].title=a", "milestones[0].due=2027-03-31"}) ==
          json({{"milestones", json::array({one})}}));
    CHECK(assigned({"plan.title=a", "plan.due=2027-03-31"}) == json({{"plan", one}}));
    CHECK(assigned({"plan={title: a, due: 2027-03-31}"}) == json({{"plan", one}}));
    CHECK(assigned({"milestones[0]="}, {{"milestones", json::array({one})}}) == json({{"milestones", json::array()}}));
}

TEST_CASE("a text comes from a file") {
    const std::string file = "assignments_test." + std::to_string(::getpid());
    std::ofstream{file} << "first\nsecond\n";
    CHECK(assigned({"notes=@" + file}) == json({{"notes", "first\nsecond\n"}}));
    std::remove(file.c_str());
    CHECK(assigned({"notes=@@ada", "title=@ada"}) == json({{"notes", "@ada"}, {"title", "@ada"}}));
    CHECK_THAT(refused({"notes=@" + file}), Catch::Contains(file));
}

TEST_CASE("what does not fit is named with what was expected") {
    CHECK_THAT(refused({"colour=red"}), Catch::Contains("no member colour") && Catch::Contains("title, notes"));
    CHECK_THAT(refused({"likelihood=high"}),
               Catch::Contains("a whole number") && Catch::Contains("What likelihood is"));
    CHECK_THAT(refused({"cost=nan"}), Catch::Contains("a number"));
    CHECK_THAT(refused({"relevant=yes"}), Catch::Contains("true or false"));
    CHECK_THAT(refused({"level=3"}), Catch::Contains("by the store alone"));
    CHECK_THAT(refused({"title"}), Catch::Contains("NAME=VALUE"));
    CHECK_THAT(refused({"=x"}), Catch::Contains("NAME=VALUE"));
    CHECK_THAT(refused({"title+=x"}), Catch::Contains("is no list"));
    CHECK_THAT(refused({"title[0]=x"}), Catch::Contains("is no list"));
    CHECK_THAT(refused({"labels-=x"}), Catch::Contains("does not hold"));
    CHECK_THAT(refused({"milestones.title=x"}), Catch::Contains("milestones[0].title"));
    CHECK_THAT(refused({"milestones[2].title=x"}), Catch::Contains("has 0 items"));
    CHECK_THAT(refused({"milestones[99999999999999999999].title=x"}), Catch::Contains("a place in a list"));
    CHECK_THAT(refused({"milestones=soon"}), Catch::Contains("milestones") && Catch::Contains("expected"));
    CHECK_THAT(refused({"milestones=[{colour: red}]"}), Catch::Contains("no member colour"));
    CHECK_THAT(refused({"title=\xff"}), Catch::Contains("UTF-8"));
}

TEST_CASE("what a gap leaves open is asked for by what it is") {
    CHECK_THAT(refused({"title=…"}), Catch::Contains("title: put a value in place of …: What title is"));
    CHECK_THAT(refused({"controls=A.…"}), Catch::Contains("controls: put a value in place of A.…"));
    CHECK_THAT(refused({"milestones=…"}), Catch::Contains("milestones: put a value in place of …"));
    CHECK_THAT(refused({"plan=…"}), Catch::Contains("plan: put a value in place of …"));
    CHECK_THAT(refused({"…"}), Catch::Contains("NAME=VALUE in place of …"));
    CHECK(assigned({"notes=and so on…"}) == json({{"notes", "and so on…"}}));
}

}  // namespace annexa::cli::test
