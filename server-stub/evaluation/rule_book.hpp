// The policy packs in force at a time: the shipped one as the vendor's default, or what a person adopted, one digest with
// its parameters and tolerances. An adopted pack stays in force until another is adopted; a newer shipped one changes nothing.
#pragma once

#include "policies/control_status.hpp"
#include "policies/pack.hpp"
#include "server-stub/storage/blobs.hpp"
#include "server-stub/storage/store.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace annexa::store {

/// Who adopted a pack, and when.
struct Adoption {
    std::string account;
    Instant at;
    std::uint64_t index = 0;             // of the policy/v1 record in the log
    std::optional<Digest> document;      // the organization's text that it is tied to
};

/// A pack in force with what the organization set: `pack` bears the adopted tolerances and times.
struct RuledPack {
    std::shared_ptr<const policies::Pack> pack;
    policies::Parameters parameters;                    // every one, the pack's own values where nothing was set
    policies::Parameters set;                           // those set differently
    std::map<std::string, std::uint64_t> tolerances;    // check → hosts, those set differently
    std::map<std::string, std::uint64_t> fix_within;    // check → seconds, those set differently
    std::optional<Adoption> adoption;                   // nothing: the vendor's default
};

struct RuleBook {
    std::vector<RuledPack> packs;

    /// All checks in force, in their order; they point into the packs.
    [[nodiscard]] std::vector<policies::CheckInForce> checks() const;
    [[nodiscard]] const RuledPack* pack_of(std::string_view check) const;
    [[nodiscard]] const policies::Check* find(std::string_view check) const;
};

/// The shipped packs, loaded once.
class RuleBooks {
  public:
    /// Borrows all three.
    RuleBooks(const Store& store, Blobs& blobs, const policies::Schemas& schemas);

    /// The packs in force at a time, as far as the log told by `known_at` (all of it where empty). Thread-safe.
    [[nodiscard]] RuleBook at(std::optional<Instant> at, std::optional<std::uint64_t> known_at) const;

    /// The pack that this server was built with.
    [[nodiscard]] const std::shared_ptr<const policies::Pack>& shipped() const { return shipped_; }

    /// Makes a pack's bytes durable as blobs: of one that is shipped, so that its adoption outlives an upgrade; of the
    /// organization's own, so that it can be adopted. Changes nothing by itself. The files are those of a pack that
    /// loads.
    void keep(const policies::FileTree& files) const;

    /// A pack that was shipped or kept, by its digest. Throws coded_error `not_found` where there is none.
    [[nodiscard]] std::shared_ptr<const policies::Pack> kept(const Digest& digest) const;

  private:
    [[nodiscard]] std::shared_ptr<const policies::Pack> kept_pack(const Digest& digest) const;
    [[nodiscard]] std::shared_ptr<const policies::Pack> load_kept(const Digest& digest) const;
    [[nodiscard]] RuledPack adopted(const Decision& decision) const;

    const Store& store_;
    Blobs& blobs_;
    const policies::Schemas& schemas_;
    std::shared_ptr<const policies::Pack> shipped_;
    mutable std::mutex guard_;
    mutable std::map<Digest, std::shared_ptr<const policies::Pack>> loaded_;  // what a digest names never changes
};

}  // namespace annexa::store
