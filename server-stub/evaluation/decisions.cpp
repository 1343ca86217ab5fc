#include "server-stub/evaluation/decisions.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/envelope.hpp"
#include "evidence/record.hpp"
#include "server-stub/evaluation/parameter_json.hpp"
#include "server-stub/people/rights.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace annexa::store {
namespace {

using evidence::coded_error;
using nlohmann::json;

constexpr std::chrono::days longest_waiver{366};
constexpr std::size_t most_reason_bytes = 4096;

std::string document_of(const WaiverView& view) {
    const policies::Waiver& waiver = view.waiver;
    return evidence::canonical_json(json{{"asked_at", evidence::to_string(view.asked_at)},
                                         {"asked_by", view.asked_by},
                                         {"check", waiver.check},
                                         {"from", evidence::to_string(waiver.from)},
                                         {"hosts", waiver.hosts},
                                         {"id", waiver.id},
                                         {"key", waiver.key ? json(*waiver.key) : json(nullptr)},
                                         {"reason", waiver.reason},
                                         {"single_person", view.single_person},
                                         {"until", evidence::to_string(waiver.until)}});
}

WaiverView waiver_from(const Decision& decision, std::string_view document) {
    const json text = json::parse(document);
    WaiverView view;
    view.waiver.id = decision.subject;
    view.waiver.check = text.at("check").get<std::string>();
    view.waiver.hosts = text.at("hosts").get<std::vector<std::string>>();
    if (!text.at("key").is_null()) view.waiver.key = text.at("key").get<std::string>();
    view.waiver.reason = text.at("reason").get<std::string>();
    // In force from the approval on, whatever was asked for: an exception never covers the time before it was decided.
    view.waiver.from = std::max(evidence::parse_instant(text.at("from").get<std::string>()), decision.at);
    view.waiver.until = evidence::parse_instant(text.at("until").get<std::string>());
    view.asked_by = text.at("asked_by").get<std::string>();
    view.asked_at = evidence::parse_instant(text.at("asked_at").get<std::string>());
    view.single_person = text.at("single_person").get<bool>();
    view.decision = decision.decision;
    view.decided_by = decision.account;
    view.decided_at = decision.at;
    view.index = decision.index;
    return view;
}

Decision log_decision(const Decider& decider, const std::string& kind, const std::string& subject, const std::string& decided,
                      const std::string& document) {
    const LogEntry entry = decision_entry(decider, kind, subject, decided, document);
    Decision decision = std::get<Decision>(entry.change);
    decision.index = decider.log.append({entry}).front();
    return decision;
}

bool is_remark(const StatementRow& statement) { return !statement.remarks.empty(); }

}  // namespace

LogEntry decision_entry(const Decider& decider, const std::string& kind, const std::string& subject, const std::string& decided,
                        const std::string& document) {
    const Instant now = decider.clock.now();
    const Digest digest = evidence::sha256(document);
    decider.blobs.put(digest, document);
    evidence::DecisionRecord record;
    record.kind = kind;
    record.document = digest;
    record.id = subject;
    record.decision = decided;
    record.actor = {decider.session.account, decider.session.id};
    record.made_at = now;
    return {.bytes = evidence::entry(evidence::seal(evidence::serialise(record), decider.record_key)),
            .change = Decision{kind, subject, decided, digest, decider.session.account, now, 0}};
}

std::vector<WaiverView> read_waivers(const Store& store, const Blobs& blobs, const AsOf& as_of) {
    std::vector<WaiverView> waivers;
    for (const Decision& decision : store.decisions("waiver", as_of.at, as_of.known_at))
        if (const auto document = blobs.get(decision.document)) waivers.push_back(waiver_from(decision, *document));
    return waivers;
}

std::vector<WaiverView> waivers_between(const Store& store, const Blobs& blobs, Instant from, Instant to, std::optional<std::uint64_t> known_at) {
    std::vector<WaiverView> stretches;
    std::map<std::string, std::size_t> last;  // the stretch in force, by waiver
    for (const Decision& decision : store.all_decisions("waiver")) {
        if (known_at && decision.index >= *known_at) continue;
        if (const auto found = last.find(decision.subject); found != last.end()) {
            policies::Waiver& before = stretches[found->second].waiver;
            before.until = std::min(before.until, decision.at);
            last.erase(found);
        }
        if (decision.decision != "approved") continue;
        const auto document = blobs.get(decision.document);
        if (!document) continue;
        last.emplace(decision.subject, stretches.size());
        stretches.push_back(waiver_from(decision, *document));
    }
    std::erase_if(stretches, [&](const WaiverView& view) {
        return view.waiver.from >= view.waiver.until || view.waiver.until <= from || view.waiver.from >= to;
    });
    std::stable_sort(stretches.begin(), stretches.end(), [](const WaiverView& a, const WaiverView& b) { return a.waiver.id < b.waiver.id; });
    return stretches;
}

WaiverView ask_waiver(const Decider& decider, policies::Waiver waiver) {
    const Instant now = decider.clock.now();
    if (waiver.reason.empty() || waiver.reason.size() > most_reason_bytes)
        throw coded_error("bad_request", "a waiver needs a reason of at most " + std::to_string(most_reason_bytes) + " bytes");
    if (waiver.until <= now) throw coded_error("bad_request", "the waiver would already have ended at " + evidence::to_string(waiver.until));
    if (waiver.until - now > longest_waiver) throw coded_error("bad_request", "a waiver lasts at most a year; ask again when it ends");
    WaiverView view;
    waiver.id = evidence::random_uuid();
    waiver.from = now;
    view.waiver = std::move(waiver);
    view.asked_by = decider.session.account;
    view.asked_at = now;
    view.single_person = may(decider.session.role, Permission::approve) && holders(decider.store, Permission::approve, now) < 2;
    const std::string document = document_of(view);
    const Decision decision = log_decision(decider, "waiver", view.waiver.id, view.single_person ? "approved" : "proposed", document);
    return waiver_from(decision, document);
}

WaiverView decide_waiver(const Decider& decider, std::string_view id, std::string_view decision) {
    const std::vector<WaiverView> all = read_waivers(decider.store, decider.blobs, {decider.clock.now(), std::nullopt});
    const auto found = std::find_if(all.begin(), all.end(), [&](const WaiverView& view) { return view.waiver.id == id; });
    if (found == all.end()) throw coded_error("not_found", "there is no waiver " + std::string{id});
    const bool open = found->decision == "proposed";
    const bool in_force = found->decision == "approved";
    if (decision == "withdrawn" ? !(open || in_force) : !open)
        throw coded_error("conflict", "the waiver is " + found->decision + " already");
    // Asking and approving are two persons' matter; who asked may always withdraw.
    if (decision == "approved" && found->asked_by == decider.session.account)
        throw coded_error("forbidden", "another person must approve what you asked for");
    WaiverView view = *found;
    const std::string document = document_of(view);
    return waiver_from(log_decision(decider, "waiver", view.waiver.id, std::string{decision}, document), document);
}

void acknowledge_host(const Decider& decider, const Host& host, std::uint64_t up_to_index) {
    const json document{{"host", host.id}, {"up_to", up_to_index}};
    log_decision(decider, "acknowledgement", host.id, "acknowledged", evidence::canonical_json(document));
}

std::vector<std::pair<std::string, std::uint64_t>> unacknowledged(const Store& store, const Blobs& blobs, const Host& host, const AsOf& as_of) {
    std::uint64_t seen_below = 0;
    for (const Decision& decision : store.decisions("acknowledgement", as_of.at, as_of.known_at)) {
        if (decision.subject != host.id) continue;
        if (const auto document = blobs.get(decision.document)) seen_below = json::parse(*document).at("up_to").get<std::uint64_t>() + 1;
    }
    std::vector<std::pair<std::string, std::uint64_t>> remarks;
    StatementFilter filter;
    filter.host = host.id;
    filter.from_index = seen_below;
    filter.before_index = as_of.known_at;
    filter.newest_first = false;
    filter.limit = 1000;
    for (;;) {
        const std::vector<StatementRow> statements = store.statements(filter);
        for (const StatementRow& statement : statements)
            if (is_remark(statement) && statement.logged_at <= as_of.at)
                for (const std::string& remark : statement.remarks) remarks.emplace_back(remark, statement.index);
        if (statements.size() < filter.limit) return remarks;
        filter.from_index = statements.back().index + 1;
    }
}

std::uint64_t adopt(const Decider& decider, const policies::Pack& pack, const AdoptionOrder& order) {
    constexpr std::uint64_t most_seconds = std::uint64_t{366} * 86400;
    for (const auto& [name, value] : order.parameters) {
        const auto parameter = pack.parameters.find(name);
        if (parameter == pack.parameters.end()) throw coded_error("bad_request", "the pack " + pack.name + " has no parameter " + name);
        if (const auto problem = policies::parameter_problem(parameter->second, value)) throw coded_error("bad_request", name + ": " + *problem);
    }
    for (const auto* set : {&order.tolerances, &order.fix_within})
        for (const auto& [check, value] : *set)
            if (pack.find(check) == nullptr) throw coded_error("bad_request", "the pack " + pack.name + " has no check " + check);
    for (const auto& [check, seconds] : order.fix_within)
        if (seconds > most_seconds) throw coded_error("bad_request", check + ": a finding may be open for at most 366 days");
    const Instant now = decider.clock.now();
    evidence::PolicyRecord record;
    record.pack = pack.digest;
    record.name = pack.name;
    record.version = pack.version;
    record.parameters = parameters_to_json(order.parameters);
    record.tolerances = order.tolerances;
    record.fix_within = order.fix_within;
    record.document = order.document;
    record.actor = {decider.session.account, decider.session.id};
    record.made_at = now;
    const std::string bytes = evidence::entry(evidence::seal(evidence::serialise(record), decider.record_key));
    return decider.log.append({{bytes, Decision{"adoption", pack.name, "adopted", pack.digest, decider.session.account, now, 0}}}).front();
}

}  // namespace annexa::store
