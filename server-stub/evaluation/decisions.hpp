// What people decided: waivers, acknowledgements and adoptions, each a record in the log and a document beside it.
//
// A rule that asks for a second person binds as soon as two accounts hold the right that it asks for; until then one may do
// both, and the waiver says `single_person` for ever.
#pragma once

#include "policies/waiver.hpp"
#include "server-stub/evaluation/host_view.hpp"
#include "server-stub/http/session.hpp"
#include "server-stub/log/log.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::evidence {
class PrivateKey;
}

namespace annexa::store {

struct WaiverView {
    policies::Waiver waiver;         // id is the decision's subject
    std::string decision;            // proposed, approved, rejected, withdrawn
    std::string asked_by;            // account
    std::string decided_by;          // account of the last decision
    bool single_person = false;
    Instant asked_at;
    Instant decided_at;
    std::uint64_t index = 0;         // of the last decision in the log
};

/// All, by id. A waiver whose document was deleted is left out: nobody can say what it covered, so it covers nothing.
std::vector<WaiverView> read_waivers(const Store& store, const Blobs& blobs, const AsOf& as_of);

/// Waivers that were approved, each as long as it was in force: until its end or the next decision on it. By id; one that was
/// approved again comes again. Those that ended by `from` or began at `to` or later are left out.
std::vector<WaiverView> waivers_between(const Store& store, const Blobs& blobs, Instant from, Instant to, std::optional<std::uint64_t> known_at);

/// What a person decides goes into the log through this.
struct Decider {
    Store& store;
    Blobs& blobs;
    Log& log;
    const evidence::PrivateKey& record_key;
    const evidence::Clock& clock;
    const Session& session;
};

/// Puts the document beside the log, and makes the signed record of a decision on it, with its Decision as the change: what
/// the log takes.
LogEntry decision_entry(const Decider& decider, const std::string& kind, const std::string& subject, const std::string& decided,
                        const std::string& document);

/// Asks for a waiver. Approved at once, as single_person, where the asker may approve and nobody else could. Throws
/// coded_error `bad_request` where a reason is missing or it lasts longer than a year.
WaiverView ask_waiver(const Decider& decider, policies::Waiver waiver);

/// approved, rejected or withdrawn. Throws coded_error `not_found`, `conflict` (it is decided already) or `forbidden` (a second person must approve).
WaiverView decide_waiver(const Decider& decider, std::string_view id, std::string_view decision);

/// A person has seen what a host said of itself (rollback, lost_by_store, alarm) up to a log index.
void acknowledge_host(const Decider& decider, const Host& host, std::uint64_t up_to_index);

/// Remarks of a host (rollback, lost_by_store, alarm, dropped) that nobody has acknowledged yet, with their log index.
std::vector<std::pair<std::string, std::uint64_t>> unacknowledged(const Store& store, const Blobs& blobs, const Host& host, const AsOf& as_of);

/// What an organization sets differently from a pack that it adopts.
struct AdoptionOrder {
    policies::Parameters parameters;
    std::map<std::string, std::uint64_t> tolerances;  // check → hosts
    std::map<std::string, std::uint64_t> fix_within;  // check → seconds, at most 366 days
    std::optional<Digest> document;                   // its text that this is tied to
};

/// Adopts a pack whose bytes the store keeps. Returns the record's index. Throws coded_error `bad_request` for what the
/// pack has not, and for a value that does not fit.
std::uint64_t adopt(const Decider& decider, const policies::Pack& pack, const AdoptionOrder& order);

}  // namespace annexa::store
