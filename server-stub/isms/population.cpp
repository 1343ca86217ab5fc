#include "server-stub/isms/population.hpp"

#include "evidence/errors.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"
#include "server-stub/storage/store.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using evidence::coded_error;
using nlohmann::json;

Instant begin_of(const std::string& day) { return evidence::parse_instant(day + "T00:00:00Z"); }

json hosts_between(const Store& store, const std::vector<std::string>& named, const std::string& from,
                   const std::string& to, Instant end) {
    json members = json::array();
    for (const Host& host : store.hosts()) {
        if (!named.empty() && std::find(named.begin(), named.end(), host.id) == named.end()) continue;
        if (host.first_seen > end) continue;
        std::string last = to;
        const std::vector<Enrolment> enrolments = store.enrolments(host.id);
        if (!enrolments.empty() && enrolments.back().state == EnrolmentState::retired && enrolments.back().closed_at)
            last = std::min(last, day_of(*enrolments.back().closed_at));
        const std::string first = std::max(from, day_of(host.first_seen));
        if (last < first) continue;
        members.push_back({{"id", host.id}, {"name", host.name}, {"tags", host.tags}, {"from", first}, {"to", last}});
    }
    return members;
}

json records_at(const Store& store, const Blobs& blobs, const std::vector<std::string>& kinds, Instant end) {
    if (kinds.empty()) throw coded_error("bad_request", "kinds: say of which kinds of records the population is");
    json members = json::array();
    const Register records{store, blobs, {end, std::nullopt}};
    for (const std::string& name : kinds) {
        const Kind* kind = find_kind(name);
        if (kind == nullptr) throw coded_error("bad_request", "kinds: there is no kind of record " + name);
        for (const Record* record : records.of_kind(kind->name))
            members.push_back({{"id", record->id},
                               {"kind", record->kind},
                               {"version", record->last().version},
                               {"digest", record->last().digest.hex()}});
    }
    return members;
}

}  // namespace

json population_of(const Store& store, const Blobs& blobs, const json& audit, std::string_view of,
                   const std::vector<std::string>& kinds, Instant now) {
    const std::string from = text_in(audit, "period_from");
    const std::string to = text_in(audit, "period_to");
    if (from.empty() || to.empty())
        throw coded_error("conflict", "the audit has no period yet: period_from, period_to");
    if (to > day_of(now)) throw coded_error("conflict", "the audit's period ends on " + to + ": freeze it then");
    const Instant end = std::min(now, begin_of(to) + std::chrono::days{1} - std::chrono::milliseconds{1});
    json members = of == "records" ? records_at(store, blobs, kinds, end)
                                   : hosts_between(store, texts_in(audit, "hosts"), from, to, end);
    if (members.empty()) throw coded_error("conflict", "there was nothing of it in the period");
    std::sort(members.begin(), members.end(),
              [](const json& left, const json& right) { return left.at("id") < right.at("id"); });
    return {{"of", of}, {"from", from}, {"to", to}, {"members", std::move(members)}};
}

}  // namespace annexa::store::isms
