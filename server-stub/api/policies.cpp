// GET /api/v1/policies, GET /api/v1/policies/{pack}, PUT /api/v1/policies/{pack}/adoption.
#include "server-stub/api/arguments.hpp"
#include "server-stub/api/decider.hpp"
#include "server-stub/api/results_json.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/evaluation/parameter_json.hpp"
#include "server-stub/server/server.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

using evidence::coded_error;
using nlohmann::json;

json adoption_json(const Store& store, const RuledPack& ruled) {
    if (!ruled.adoption) return nullptr;
    return {{"account", ruled.adoption->account},
            {"account_name", name_json(store, ruled.adoption->account)},
            {"at", evidence::to_string(ruled.adoption->at)},
            {"index", ruled.adoption->index},
            {"document", ruled.adoption->document ? json(ruled.adoption->document->hex()) : json(nullptr)}};
}

json pack_json(const Store& store, const RuledPack& ruled, const policies::Pack& shipped) {
    const policies::Pack& pack = *ruled.pack;
    return {{"pack", pack.name},
            {"version", pack.version},
            {"title", pack.title},
            {"sha256", pack.digest.hex()},
            {"checks", pack.checks_in_force().size()},
            {"adopted", adoption_json(store, ruled)},
            {"offered", shipped.name == pack.name && shipped.digest != pack.digest ? json{{"version", shipped.version}, {"sha256", shipped.digest.hex()}} : json(nullptr)}};
}

const RuledPack& find_pack(const RuleBook& rules, std::string_view name) {
    for (const RuledPack& ruled : rules.packs)
        if (ruled.pack->name == name) return ruled;
    throw coded_error("not_found", "no policy pack is called " + std::string{name} + "; `annexa policy list` lists them");
}

std::map<std::string, std::uint64_t> tolerances_of(const json& body) {
    std::map<std::string, std::uint64_t> tolerances;
    const auto found = body.find("tolerances");
    if (found == body.end()) return tolerances;
    if (!found->is_object()) throw coded_error("schema", "tolerances: expected an object of check and hosts");
    for (const auto& [check, hosts] : found->items()) {
        if (!hosts.is_number_unsigned() || hosts.get<std::uint64_t>() > 1'000'000)
            throw coded_error("schema", "tolerances." + check + ": expected a number of hosts");
        tolerances.emplace(check, hosts.get<std::uint64_t>());
    }
    return tolerances;
}

/// Parameters come as JSON values or, from a command line, as text in the parameter's own form.
policies::Parameters parameters_of(const json& body, const policies::Pack& pack) {
    policies::Parameters set;
    const auto found = body.find("parameters");
    if (found == body.end()) return set;
    if (!found->is_object()) throw coded_error("schema", "parameters: expected an object");
    for (const auto& [name, value] : found->items()) {
        const auto parameter = pack.parameters.find(name);
        if (parameter == pack.parameters.end()) throw coded_error("bad_request", "the pack " + pack.name + " has no parameter " + name);
        try {
            set.insert_or_assign(name, value.is_string() ? policies::parse_parameter(parameter->second, value.get<std::string>())
                                 : value.is_array()      ? policies::ParameterValue{true, row_from_json(value)}
                                                         : policies::ParameterValue::of(cell_from_json(value)));
        } catch (const evidence::error& problem) {
            throw coded_error("bad_request", problem.what());
        }
    }
    return set;
}

}  // namespace

Response get_policies(Server& server, const Request& request) {
    const AsOf as_of = read_as_of(server, request);
    const RuleBooks& books = server.evaluation.rule_books();
    json packs = json::array();
    const RuleBook rules = books.at(as_of.at, as_of.known_at);
    for (const RuledPack& ruled : rules.packs) packs.push_back(pack_json(server.store, ruled, *books.shipped()));
    return json_answer({{"at", evidence::to_string(as_of.at)}, {"packs", std::move(packs)}});
}

Response get_policy(Server& server, const Request& request) {
    const AsOf as_of = read_as_of(server, request);
    const RuleBooks& books = server.evaluation.rule_books();
    const RuleBook rules = books.at(as_of.at, as_of.known_at);
    const RuledPack& ruled = find_pack(rules, request.parameters.at(0));
    json answer = pack_json(server.store, ruled, *books.shipped());
    json parameters = json::array();
    for (const auto& [name, parameter] : ruled.pack->parameters)
        parameters.push_back({{"name", name}, {"title", parameter.title}, {"unit", parameter.unit.empty() ? json(nullptr) : json(parameter.unit)},
                              {"value", json::parse(parameters_to_json({{name, ruled.parameters.at(name)}}))[name]},
                              {"shipped", json::parse(parameters_to_json({{name, parameter.value}}))[name]},
                              {"set", ruled.set.contains(name)}});
    json checks = json::array();
    for (const policies::Check& check : ruled.pack->checks)
        checks.push_back({{"check", check.id}, {"title", check.title}, {"topic", check.topic}, {"severity", policies::severity_name(check.severity)},
                          {"in_force", check.in_force}, {"fix_within_s", check.fix_within.count()}, {"max_age_s", check.max_age.count()},
                          {"tolerance", check.tolerance}});
    answer["parameters"] = std::move(parameters);
    answer["tolerances"] = ruled.tolerances;
    answer["checks"] = std::move(checks);
    return json_answer(answer);
}

Response put_adoption(Server& server, const Request& request) {
    const json body = read_body(request, {"sha256", "parameters", "tolerances", "document", "keep"});
    const RuleBooks& books = server.evaluation.rule_books();
    const RuleBook rules = books.at(std::nullopt, std::nullopt);
    const RuledPack& current = find_pack(rules, request.parameters.at(0));
    // keep: the adopted digest, parameters and tolerances stay, but for what this request sets.
    const bool keep = body.value("keep", false);
    if (keep && !current.adoption)
        throw coded_error("conflict", "the pack " + current.pack->name + " is not adopted yet; adopt it first, with its parameters");
    const std::shared_ptr<const policies::Pack>& pack = keep ? current.pack : books.shipped();
    if (pack->name != current.pack->name) throw coded_error("not_found", "this server ships no pack " + current.pack->name);
    if (const auto digest = body_optional_text(body, "sha256"); digest && *digest != pack->digest.hex())
        throw coded_error("conflict", "the pack at hand has the digest " + pack->digest.hex() + ", not " + *digest);
    policies::Parameters set = keep ? current.set : policies::Parameters{};
    for (const auto& [name, value] : parameters_of(body, *pack)) set.insert_or_assign(name, value);
    std::map<std::string, std::uint64_t> tolerances = keep ? current.tolerances : std::map<std::string, std::uint64_t>{};
    for (const auto& [check, hosts] : tolerances_of(body)) tolerances.insert_or_assign(check, hosts);
    std::optional<Digest> document;
    if (const auto text = body_optional_text(body, "document")) document = Digest::from_hex(*text);
    books.keep_shipped();
    const std::uint64_t index = adopt(decider(server, request), *pack, set, tolerances, document);
    server.evaluation.wake();
    return json_answer({{"pack", pack->name}, {"version", pack->version}, {"sha256", pack->digest.hex()}, {"index", index}}, 201);
}

}  // namespace annexa::store
