// GET /api/v1/policies, GET and PUT /api/v1/policies/{pack}, PUT /api/v1/policies/{pack}/adoption.
#include "evidence/canonical_json.hpp"
#include "policies/schema.hpp"
#include "server-stub/api/arguments.hpp"
#include "server-stub/api/decider.hpp"
#include "server-stub/api/results_json.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/evaluation/parameter_json.hpp"
#include "server-stub/http/problem.hpp"
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

constexpr std::size_t most_files = 4000;

/// {"files": {"pack.yaml": TEXT, "checks/ID.yaml": TEXT, …}}; cases are no part of what is adopted.
policies::FileTree files_of(const json& body) {
    const auto found = body.find("files");
    if (found == body.end() || !found->is_object() || found->size() > most_files)
        throw coded_error("schema", "files: expected an object of at most 4,000 paths and their texts");
    policies::FileTree files;
    for (const auto& [path, text] : found->items()) {
        const bool known = path == "pack.yaml" || path.starts_with("checks/") || path.starts_with("cases/");
        if (!known || path.find("..") != std::string::npos || !evidence::is_plain_text(path) || !text.is_string())
            throw coded_error("schema", "files: expected pack.yaml, checks/ID.yaml and cases/ID.yaml, each a text");
        files.emplace(path, text.get<std::string>());
    }
    return files;
}

/// The pack that is to be adopted: what is in force where it is to be kept, what has that digest, what is shipped.
std::shared_ptr<const policies::Pack> pack_to_adopt(const RuleBooks& books, const RuleBook& rules,
                                                    const std::string& name, bool keep, const json& body) {
    const auto digest = body_optional_text(body, "sha256");
    if (keep) {
        const RuledPack& current = find_pack(rules, name);
        if (!current.adoption)
            throw coded_error("conflict", "the pack " + name + " is not adopted yet; adopt it first, with its parameters");
        if (digest && *digest != current.pack->digest.hex())
            throw coded_error("conflict", "the pack in force has the digest " + current.pack->digest.hex() + ", not " + *digest);
        return current.pack;
    }
    if (!digest && name != books.shipped()->name) {
        (void)find_pack(rules, name);
        throw coded_error("bad_request", "this server ships no pack " + name +
                                             "; say by its digest which that was uploaded is adopted (--sha256)");
    }
    std::shared_ptr<const policies::Pack> pack = digest ? books.kept(Digest::from_hex(*digest)) : books.shipped();
    if (pack->name != name) throw coded_error("conflict", "the pack of that digest is called " + pack->name);
    return pack;
}

/// A check is of one pack alone: results and waivers name it by its id.
void demand_own_checks(const RuleBook& rules, const policies::Pack& pack) {
    for (const policies::Check& check : pack.checks)
        if (const RuledPack* other = rules.pack_of(check.id); other != nullptr && other->pack->name != pack.name)
            throw coded_error("conflict", "the pack " + other->pack->name + " in force has a check " + check.id +
                                              " too; give yours another id");
}

/// An object of checks and numbers.
std::map<std::string, std::uint64_t> numbers_of(const json& body, const std::string& member, const std::string& unit) {
    std::map<std::string, std::uint64_t> numbers;
    const auto found = body.find(member);
    if (found == body.end()) return numbers;
    if (!found->is_object()) throw coded_error("schema", member + ": expected an object of check and " + unit);
    for (const auto& [check, number] : found->items()) {
        if (!number.is_number_unsigned() || number.get<std::uint64_t>() > 1'000'000'000)
            throw coded_error("schema", member + "." + check + ": expected a number of " + unit);
        numbers.emplace(check, number.get<std::uint64_t>());
    }
    return numbers;
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
    answer["fix_within_s"] = ruled.fix_within;
    answer["checks"] = std::move(checks);
    return json_answer(answer);
}

Response put_policy(Server& server, const Request& request) {
    const RuleBooks& books = server.evaluation.rule_books();
    const policies::FileTree files = files_of(read_body(request, {"files"}));
    try {
        const policies::Pack pack = policies::load_pack(files, policies::built_in_schemas());
        if (pack.name != request.parameters.at(0))
            throw coded_error("schema", "pack.yaml:1: the pack is called " + pack.name + ", not " + request.parameters.at(0));
        books.keep(files);
        return json_answer({{"pack", pack.name}, {"version", pack.version}, {"sha256", pack.digest.hex()},
                            {"checks", pack.checks_in_force().size()}}, 201);
    } catch (const policies::pack_errors& problem) {
        // One sentence for the answer; the others beside it, each with its file and line.
        json errors = json::array();
        for (const policies::PackError& error : problem.errors()) errors.push_back(error.text());
        return store::problem("schema", errors.front().get<std::string>(), {{"errors", errors}});
    }
}

Response put_adoption(Server& server, const Request& request) {
    const json body = read_body(request, {"sha256", "parameters", "tolerances", "fix_within_s", "document", "keep"});
    const RuleBooks& books = server.evaluation.rule_books();
    const RuleBook rules = books.at(std::nullopt, std::nullopt);
    // keep: what was adopted stays, but for what this request sets.
    const bool keep = body.value("keep", false);
    const std::string& pack_name = request.parameters.at(0);
    const std::shared_ptr<const policies::Pack> pack = pack_to_adopt(books, rules, pack_name, keep, body);
    demand_own_checks(rules, *pack);
    const RuledPack current = keep ? find_pack(rules, pack_name) : RuledPack{};
    AdoptionOrder order{current.set, current.tolerances, current.fix_within,
                        current.adoption ? current.adoption->document : std::nullopt};
    for (const auto& [name, value] : parameters_of(body, *pack)) order.parameters.insert_or_assign(name, value);
    for (const auto& [check, hosts] : numbers_of(body, "tolerances", "hosts")) order.tolerances.insert_or_assign(check, hosts);
    for (const auto& [check, seconds] : numbers_of(body, "fix_within_s", "seconds")) order.fix_within.insert_or_assign(check, seconds);
    if (const auto text = body_optional_text(body, "document")) order.document = Digest::from_hex(*text);
    books.keep(policies::linux_baseline_files());
    const std::uint64_t index = adopt(decider(server, request), *pack, order);
    server.evaluation.wake();
    return json_answer({{"pack", pack->name}, {"version", pack->version}, {"sha256", pack->digest.hex()}, {"index", index}}, 201);
}

}  // namespace annexa::store
