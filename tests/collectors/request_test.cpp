#include "collectors/request.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::collectors;

namespace {

Collector named(std::string_view name, Cost cost = Cost::fast) {
    Collector collector{};
    collector.name = name;
    collector.cost = cost;
    return collector;
}

const Collector users = named("users");
const Collector shadow = named("shadow");
const Collector walk = named("walk", Cost::deep);
const std::vector<const Collector*> known{&users, &shadow, &walk};

}  // namespace

TEST_CASE("an empty request asks for every collector with the default limits") {
    const Request request = parse_request("{}", known);
    CHECK(request.collectors == known);
    CHECK(request.disabled.empty());
    CHECK(request.limits.child.timeout == std::chrono::seconds{60});
    CHECK(request.limits.child.memory_bytes == std::size_t{256} << 20);
    CHECK_FALSE(request.root);
}

TEST_CASE("a request chooses by name, cost and what is switched off") {
    const Request request = parse_request(
        R"({"collectors":["walk","users","of_tomorrow"],"root":null,"fixture":null,"cost":"fast","timeout_ms":5000,"memory_bytes":67108864,
            "output_bytes":1048576,"disabled":["users","never_heard_of"],"fingerprint_for":"annexa/x"})",
        known);
    CHECK(request.collectors.empty());
    CHECK(request.disabled == std::vector<const Collector*>{&users});
    CHECK(request.unknown == std::vector<std::string>{"of_tomorrow"});
    CHECK(request.limits.child.timeout == std::chrono::seconds{5});
    CHECK(request.limits.output_bytes == 1048576);
    CHECK(request.fingerprint_for == "annexa/x");
    CHECK(parse_request(R"({"cost":"deep"})", known).collectors == std::vector<const Collector*>{&walk});
}

TEST_CASE("whatever a request should not be is refused with a sentence") {
    const std::string long_path = "/" + std::string(5000, 'a');
    const auto text =
        GENERATE_COPY(as<std::string>{}, "", "[]", "null", "{", R"({"collectors":"users"})", R"({"collectors":[1]})",
                      R"({"collectors":["../users"]})", R"({"collectors":["Users"]})", R"({"collectors":[""]})",
                      R"({"cost":"cheap"})", R"({"cost":null})", R"({"root":"relative"})", R"({"root":""})",
                      R"({"root":["/"]})", R"({"root":")" + long_path + R"("})", R"({"root":"/a\u0000b"})",
                      R"({"root":"/a","fixture":"/b"})", R"({"timeout_ms":0})", R"({"timeout_ms":-1})",
                      R"({"timeout_ms":1e3})", R"({"timeout_ms":"5"})", R"({"timeout_ms":99999999999})",
                      R"({"memory_bytes":1})", R"({"output_bytes":1e300})", R"({"output_bytes":68000000})",
                      R"({"disabled":null})", R"({"command":"/bin/sh"})", R"({"cost":"fast","cost":"deep"})",
                      R"({"fingerprint_for":""})", "{\"root\":\"/\xff\"}", R"({"collectors":[[[[[]]]]]})");
    CAPTURE(text);
    CHECK_THROWS_AS(parse_request(text, known), evidence::error);
}

TEST_CASE("a request has bounds before it has members") {
    CHECK_THROWS_AS(parse_request(std::string(most_request_bytes + 1, ' '), known), evidence::error);
    std::string names = "{\"collectors\":[\"users\"";
    for (int i = 0; i < 1000; ++i) names += ",\"users\"";
    CHECK_THROWS_AS(parse_request(names + "]}", known), evidence::error);
}
