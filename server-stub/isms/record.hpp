// A record of the ISMS as of a time, and all of them together. A plain value: reading it needs no store.
//
// Each change of a record is a Decision of the kind "record" in the log; what was written is a blob beside it, salted,
// so that its digest tells nothing once it is erased. An approval is a Decision of the kind "approval" on a version's
// digest.
#pragma once

#include "server-stub/evaluation/host_view.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::store {
class Blobs;
class Store;
}  // namespace annexa::store

namespace annexa::store::isms {

/// A person's approval (or rejection) of one version, by its exact digest.
struct Approval {
    std::uint64_t version = 0;
    Digest digest;
    bool approved = false;  // else rejected
    std::string account;
    Instant at;
    std::uint64_t index = 0;
    bool single_person = false;  // the author approved: nobody else held the right then
    std::string note;
};

struct Version {
    std::uint64_t version = 0;
    Digest digest;
    std::string account;
    Instant at;
    std::uint64_t index = 0;
    bool deleted = false;
};

struct Record {
    std::string id;                                               // R-0042
    std::string kind;                                             // "asset"
    std::shared_ptr<const nlohmann::json> members;                // of the last version; none where it was erased
    std::shared_ptr<const nlohmann::json> approved_members = {};  // of the version that is approved; none where none is
    std::shared_ptr<const nlohmann::json> rejected_members = {};  // of the version that is rejected; else none
    std::vector<Version> versions;                                // oldest first, never empty
    std::vector<Approval> approvals;                              // oldest first
    bool erased = false;

    [[nodiscard]] const Version& last() const { return versions.back(); }
    [[nodiscard]] bool deleted() const { return versions.back().deleted || erased; }
    /// The last approval that is not of a version rejected later; none where none is in force.
    [[nodiscard]] const Approval* approved() const;
    /// The rejection that stands: no version was approved since, whatever was edited. Of several the last by a person
    /// who did not write what was rejected, so that no author takes another's word back. None where none stands.
    [[nodiscard]] const Approval* rejected() const;
    /// What it says as far as somebody judged it: the approved members, else the rejected ones, else the last.
    [[nodiscard]] const nlohmann::json& judged_members() const;
    /// The last word on the last version; none where nobody judged it.
    [[nodiscard]] const Approval* judged() const;
    /// "none", "proposed" (never approved), "approved", "rejected", "older" (an older version is the approved one).
    [[nodiscard]] std::string_view approval_state() const;
    /// Who wrote what nobody has approved yet: none of these may approve it.
    [[nodiscard]] std::vector<std::string> authors() const;
};

class Register {
  public:
    Register() = default;
    /// As of a time and a tree size. A version whose blob is gone without a deletion is damage: throws evidence::error.
    Register(const Store& store, const Blobs& blobs, const AsOf& as_of);

    [[nodiscard]] const Record* find(std::string_view id) const;  // erased ones too
    /// Neither deleted nor erased, by id.
    [[nodiscard]] std::vector<const Record*> of_kind(std::string_view kind) const;
    [[nodiscard]] const std::map<std::string, Record, std::less<>>& all() const { return records_; }
    [[nodiscard]] std::uint64_t highest() const;  // number of the highest id, 0 without any

    void put(Record record);  // for what is to be written: rules look at the whole as it would be

  private:
    std::map<std::string, Record, std::less<>> records_;
};

/// "R-0042".
std::string record_id(std::uint64_t number);

/// A version's body as it was written. Nothing where it was erased.
std::optional<nlohmann::json> read_version(const Blobs& blobs, const Version& version);

}  // namespace annexa::store::isms
