// GET and POST /api/v1/waivers, POST /api/v1/waivers/{id}/decision.
#include "server-stub/api/arguments.hpp"
#include "server-stub/api/decider.hpp"
#include "server-stub/api/results_json.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/server/server.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

using evidence::coded_error;
using nlohmann::json;

std::string waiver_state(const WaiverView& view, Instant at) {
    if (view.decision == "approved" && view.waiver.until <= at) return "ended";
    return view.decision;
}

json waiver_json(const Store& store, const WaiverView& view, Instant at) {
    return {{"id", view.waiver.id},
            {"check", view.waiver.check},
            {"hosts", view.waiver.hosts},
            {"key", view.waiver.key ? json(*view.waiver.key) : json(nullptr)},
            {"reason", view.waiver.reason},
            {"from", evidence::to_string(view.waiver.from)},
            {"until", evidence::to_string(view.waiver.until)},
            {"state", waiver_state(view, at)},
            {"asked_by", view.asked_by},
            {"asked_by_name", name_json(store, view.asked_by)},
            {"asked_at", evidence::to_string(view.asked_at)},
            {"decided_by", view.decided_by},
            {"decided_by_name", name_json(store, view.decided_by)},
            {"decided_at", evidence::to_string(view.decided_at)},
            {"single_person", view.single_person},
            {"index", view.index}};
}

}  // namespace

Response get_waivers(Server& server, const Request& request) {
    const AsOf as_of = read_as_of(server, request);
    json waivers = json::array();
    for (const WaiverView& view : read_waivers(server.store, server.blobs, as_of)) waivers.push_back(waiver_json(server.store, view, as_of.at));
    return json_answer({{"at", evidence::to_string(as_of.at)}, {"waivers", std::move(waivers)}});
}

Response post_waiver(Server& server, const Request& request) {
    const json body = read_body(request, {"check", "hosts", "key", "reason", "until"});
    policies::Waiver waiver;
    waiver.check = body_text(body, "check");
    const RuleBook rules = server.evaluation.rule_books().at(std::nullopt, std::nullopt);
    if (rules.find(waiver.check) == nullptr) throw coded_error("not_found", "no check in force is called " + waiver.check);
    if (const auto hosts = body.find("hosts"); hosts != body.end()) {
        if (!hosts->is_array() || hosts->size() > 1000) throw coded_error("schema", "hosts: expected an array of at most 1,000 names or ids");
        for (const json& host : *hosts) {
            if (!host.is_string()) throw coded_error("schema", "hosts: expected names or ids");
            waiver.hosts.push_back(find_host(server, host.get<std::string>()).id);
        }
    }
    waiver.key = body_optional_text(body, "key");
    waiver.reason = body_text(body, "reason");
    try {
        waiver.until = policies::parse_until(body_text(body, "until"));
    } catch (const evidence::format_error& problem) {
        throw coded_error("bad_request", std::string{"until: expected a date such as 2027-03-31; "} + problem.what());
    }
    return json_answer(waiver_json(server.store, ask_waiver(decider(server, request), std::move(waiver)), server.clock.now()), 201);
}

Response post_waiver_decision(Server& server, const Request& request) {
    const std::string decision = body_text(read_body(request, {"decision"}), "decision");
    if (decision != "approved" && decision != "rejected" && decision != "withdrawn")
        throw coded_error("schema", "decision: expected approved, rejected or withdrawn");
    const Decider by = decider(server, request);
    if (decision != "withdrawn" && !may(by.session.role, Permission::approve))
        throw coded_error("forbidden", "approving and rejecting take the role approver");
    return json_answer(waiver_json(server.store, decide_waiver(by, request.parameters.at(0), decision), server.clock.now()));
}

}  // namespace annexa::store
