// docs/openapi.yaml against the server's routes; what the answers look like is held against it by tests/integration.
#include "server-stub/http/router.hpp"
#include "server-stub/server/routes.hpp"

#include <yaml-cpp/yaml.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

using namespace annexa;
using namespace annexa::store;

namespace {

std::string_view access_name(Access access) {
    switch (access) {
        case Access::open:
            return "open";
        case Access::credential:
            return "credential";
        case Access::agent:
            return "agent";
        case Access::local:
            return "local";
        case Access::read:
            return "read";
        case Access::edit:
            return "edit";
        case Access::approve:
            return "approve";
        case Access::audit:
            return "audit";
        case Access::administer:
            return "administer";
    }
    return "";
}

/// "GET /api/v1/hosts read no body": all that the document and the list of routes both say of an operation.
std::string line(std::string method, std::string path, std::string_view access, bool body) {
    std::transform(method.begin(), method.end(), method.begin(), [](unsigned char c) { return std::toupper(c); });
    if (const auto tail = path.find("...}"); tail != std::string::npos) path.erase(tail, 3);
    return method + " " + path + " " + std::string{access} + (body ? " body" : " no body");
}

YAML::Node document() { return YAML::LoadFile(std::string{ANNEXA_SOURCE_DIR} + "/docs/openapi.yaml"); }

}  // namespace

TEST_CASE(
    "docs/openapi.yaml names exactly the routes of people's listener, who may call each and whether it takes a body") {
    std::set<std::string> served;
    for (const Route* route : routes().routes())
        if (route->listener == Listener::people)
            served.insert(line(std::string{route->method}, std::string{route->path}, access_name(route->access),
                               route->body_bytes != 0));
    std::set<std::string> described;
    for (const auto& path : document()["paths"])
        for (const auto& operation : path.second)
            if (operation.first.Scalar() != "parameters")
                described.insert(line(operation.first.Scalar(), path.first.Scalar(),
                                      operation.second["x-access"].Scalar(),
                                      operation.second["requestBody"].IsDefined()));
    CHECK(described == served);
}

TEST_CASE("each parameter in a path of docs/openapi.yaml is described") {
    const YAML::Node all = document();
    const auto name_of = [&](const YAML::Node& parameter) {
        if (!parameter["$ref"]) return parameter["name"].Scalar();
        const std::string reference = parameter["$ref"].Scalar();
        return all["components"]["parameters"][reference.substr(reference.rfind('/') + 1)]["name"].Scalar();
    };
    for (const auto& path : all["paths"])
        for (const auto& operation : path.second) {
            if (operation.first.Scalar() == "parameters") continue;
            std::set<std::string> names;
            for (const YAML::Node& list : {path.second["parameters"], operation.second["parameters"]})
                for (const auto& parameter : list) names.insert(name_of(parameter));
            INFO(operation.first.Scalar() << " " << path.first.Scalar());
            const std::string& text = path.first.Scalar();
            for (auto at = text.find('{'); at != std::string::npos; at = text.find('{', at + 1))
                CHECK(names.contains(text.substr(at + 1, text.find('}', at) - at - 1)));
        }
}
