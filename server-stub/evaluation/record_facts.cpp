#include "server-stub/evaluation/record_facts.hpp"

#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/isms/overview.hpp"

#include <algorithm>

namespace annexa::store {
namespace {

using policies::RecordFact;
using policies::RecordKind;
using policies::Review;

RecordFact fact_of(std::string control, RecordKind kind, Review review, Instant at) {
    RecordFact fact;
    fact.control = std::move(control);
    fact.kind = kind;
    fact.review = review;
    fact.produced_at = at;
    if (review != Review::none) fact.reviewed_at = at;
    return fact;
}

/// A second person decided, either way: what one had withdrawn, or approved alone, shows no separation.
bool by_two(const WaiverView& waiver) {
    return (waiver.decision == "approved" || waiver.decision == "rejected") && !waiver.single_person &&
           waiver.decided_by != waiver.asked_by;
}

void add_separation(std::vector<RecordFact>& facts, const Store& store, const Blobs& blobs, const AsOf& as_of) {
    const std::vector<WaiverView> waivers = read_waivers(store, blobs, as_of);
    const WaiverView* newest = nullptr;
    for (const WaiverView& waiver : waivers)
        if (by_two(waiver) && (newest == nullptr || waiver.decided_at > newest->decided_at)) newest = &waiver;
    if (newest == nullptr) return;
    RecordFact fact = fact_of("A.5.3", RecordKind::operation, Review::approved, newest->decided_at);
    fact.reference = "entry " + std::to_string(newest->index);
    fact.what = "a waiver of " + newest->waiver.check + " that one person asked for and another " + newest->decision;
    facts.push_back(std::move(fact));
}

void add_inventory(std::vector<RecordFact>& facts, const StatusReport& report) {
    if (report.hosts.empty()) return;
    RecordFact fact = fact_of("A.5.9", RecordKind::operation, Review::none, report.as_of.at);
    fact.reference = "hosts";
    fact.what = std::to_string(report.hosts.size()) + (report.hosts.size() == 1 ? " host" : " hosts") +
                " in scope as their agents report them";
    facts.push_back(std::move(fact));
}

void add_log(std::vector<RecordFact>& facts, const Store& store, const StatusReport& report) {
    StatementFilter filter;
    filter.before_index = std::min(store.known_at(report.as_of.at), report.as_of.known_at.value_or(UINT64_MAX));
    filter.limit = 1;
    for (const StatementRow& statement : store.statements(filter)) {
        for (const char* control : {"A.5.28", "A.5.33"}) {
            const Review review = report.log_doubted ? Review::none : Review::approved;
            RecordFact fact = fact_of(control, RecordKind::operation, review, statement.logged_at);
            fact.reference = "entry " + std::to_string(statement.index);
            fact.what = report.log_doubted ? "a log that a host says does not fit the one it knew"
                                           : "the newest statement in a log that only grew, as its hosts verified";
            facts.push_back(std::move(fact));
        }
    }
}

void add_baselines(std::vector<RecordFact>& facts, const RuleBook& rules) {
    for (const RuledPack& ruled : rules.packs) {
        if (!ruled.adoption) continue;
        RecordFact fact = fact_of("A.8.9", RecordKind::rule, Review::approved, ruled.adoption->at);
        fact.reference = "entry " + std::to_string(ruled.adoption->index);
        fact.what = "the pack " + ruled.pack->name + " " + ruled.pack->version + ", adopted with its parameters";
        facts.push_back(std::move(fact));
    }
}

}  // namespace

policies::StatusInputs status_inputs(const Store& store, const Blobs& blobs, const AsOf& as_of) {
    return isms::status_inputs(isms::Register{store, blobs, as_of}, as_of.at);
}

std::vector<RecordFact> record_facts(const Store& store, const Blobs& blobs, const StatusReport& report) {
    std::vector<RecordFact> facts;
    add_separation(facts, store, blobs, report.as_of);
    add_inventory(facts, report);
    add_log(facts, store, report);
    add_baselines(facts, report.rules);
    return facts;
}

}  // namespace annexa::store
