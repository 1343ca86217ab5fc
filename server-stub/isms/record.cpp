#include "server-stub/isms/record.hpp"

#include "server-stub/isms/values.hpp"
#include "server-stub/storage/blobs.hpp"
#include "server-stub/storage/store.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

bool counts(const Decision& decision, const AsOf& as_of) {
    return decision.at <= as_of.at && (!as_of.known_at || decision.index < *as_of.known_at);
}

json document(const Blobs& blobs, const Digest& digest, const std::string& place) {
    const std::optional<std::string> bytes = blobs.get(digest);
    if (!bytes) throw evidence::error(place + ": its document " + digest.hex() + " is gone; run annexa-server check");
    return json::parse(*bytes);
}

std::uint64_t number_of(std::string_view id) {
    std::uint64_t number = 0;
    std::from_chars(id.data() + 2, id.data() + id.size(), number);
    return number;
}

}  // namespace

const Approval* Record::approved() const {
    for (auto approval = approvals.rbegin(); approval != approvals.rend(); ++approval) {
        if (!approval->approved) continue;
        const bool revoked = std::any_of(approvals.rbegin(), approval,
                                         [&](const Approval& later) { return later.version == approval->version; });
        // What was deleted and is written again waits for a new approval.
        const bool withdrawn =
            !last().deleted && std::any_of(versions.begin(), versions.end(), [&](const Version& version) {
                return version.deleted && version.version > approval->version;
            });
        if (withdrawn) return nullptr;
        if (!revoked) return &*approval;
    }
    return nullptr;
}

const Approval* Record::rejected() const {
    const Approval* in_force = approved();
    const auto wrote = [&](const Approval& rejection) {
        return std::any_of(versions.begin(), versions.end(), [&](const Version& version) {
            return version.account == rejection.account && version.version <= rejection.version &&
                   (in_force == nullptr || version.version > in_force->version);
        });
    };
    const Approval* newest = nullptr;
    for (auto approval = approvals.rbegin(); approval != approvals.rend() && !approval->approved; ++approval) {
        if (newest == nullptr) newest = &*approval;
        if (!wrote(*approval)) return &*approval;
    }
    return newest;
}

const json& Record::judged_members() const {
    return approved_members ? *approved_members : rejected_members ? *rejected_members : *members;
}

const Approval* Record::judged() const {
    for (auto approval = approvals.rbegin(); approval != approvals.rend(); ++approval)
        if (approval->version == last().version) return &*approval;
    return nullptr;
}

std::string_view Record::approval_state() const {
    const Approval* word = judged();
    if (word != nullptr) return word->approved ? "approved" : "rejected";
    return approved() != nullptr ? "older" : "proposed";
}

std::vector<std::string> Record::authors() const {
    const Approval* in_force = approved();
    std::set<std::string> accounts;
    for (const Version& version : versions)
        if (in_force == nullptr || version.version > in_force->version) accounts.insert(version.account);
    if (accounts.empty()) accounts.insert(last().account);
    return {accounts.begin(), accounts.end()};
}

Register::Register(const Store& store, const Blobs& blobs, const AsOf& as_of) {
    std::set<std::string> erased;
    for (const Decision& decision : store.all_decisions("deletion"))
        erased.insert(decision.subject);  // whenever it was: what is gone cannot be shown of any time
    for (const Decision& decision : store.all_decisions("record")) {
        if (!counts(decision, as_of)) continue;
        Record& record = records_[decision.subject];
        record.id = decision.subject;
        record.versions.push_back({record.versions.size() + 1, decision.document, decision.account, decision.at,
                                   decision.index, decision.decision == "deleted"});
    }
    for (auto& [id, record] : records_) {
        if (erased.contains(id)) {
            record.erased = true;
            continue;
        }
        const json body = document(blobs, record.last().digest, id);
        record.kind = text_in(body, "kind");
        record.members = std::make_shared<const json>(body.at("record"));
    }
    for (const Decision& decision : store.all_decisions("approval")) {
        const auto record = records_.find(decision.subject);
        if (!counts(decision, as_of) || record == records_.end() || record->second.erased) continue;
        const json body = document(blobs, decision.document, decision.subject);
        record->second.approvals.push_back({body.at("version").get<std::uint64_t>(),
                                            Digest::from_hex(text_in(body, "digest")), decision.decision == "approved",
                                            decision.account, decision.at, decision.index,
                                            body.at("single_person").get<bool>(), text_in(body, "note")});
    }
    for (auto& [id, record] : records_) {
        if (record.erased) continue;
        const auto members_of = [&, &id = id, &record = record](const Approval* word) {
            if (word == nullptr) return std::shared_ptr<const json>{};
            if (word->version == record.last().version) return record.members;
            return std::make_shared<const json>(document(blobs, word->digest, id).at("record"));
        };
        record.approved_members = members_of(record.approved());
        record.rejected_members = members_of(record.rejected());
    }
}

const Record* Register::find(std::string_view id) const {
    const auto found = records_.find(id);
    return found == records_.end() ? nullptr : &found->second;
}

std::vector<const Record*> Register::of_kind(std::string_view kind) const {
    std::vector<const Record*> found;
    for (const auto& [id, record] : records_)
        if (record.kind == kind && !record.deleted()) found.push_back(&record);
    std::sort(found.begin(), found.end(),
              [](const Record* left, const Record* right) { return number_of(left->id) < number_of(right->id); });
    return found;
}

std::uint64_t Register::highest() const {
    std::uint64_t highest = 0;
    for (const auto& [id, record] : records_) highest = std::max(highest, number_of(id));
    return highest;
}

void Register::put(Record record) { records_.insert_or_assign(record.id, std::move(record)); }

std::string record_id(std::uint64_t number) {
    const std::string digits = std::to_string(number);
    return "R-" + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

std::optional<json> read_version(const Blobs& blobs, const Version& version) {
    const std::optional<std::string> bytes = blobs.get(version.digest);
    if (!bytes) return std::nullopt;
    return json::parse(*bytes).at("record");
}

}  // namespace annexa::store::isms
