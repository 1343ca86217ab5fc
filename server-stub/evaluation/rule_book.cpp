#include "server-stub/evaluation/rule_book.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/envelope.hpp"
#include "evidence/record.hpp"
#include "server-stub/evaluation/parameter_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store {
namespace {

using nlohmann::json;

/// The listing whose digest is the pack's: {path: hex SHA-256 of the file}, without the cases.
json listing_of(const policies::FileTree& files) {
    json listing = json::object();
    for (const auto& [path, bytes] : files)
        if (!path.starts_with("cases/")) listing[path] = evidence::sha256(bytes).hex();
    return listing;
}

}  // namespace

std::vector<policies::CheckInForce> RuleBook::checks() const {
    std::vector<policies::CheckInForce> checks;
    for (const RuledPack& ruled : packs)
        for (const policies::Check* check : ruled.pack->checks_in_force())
            checks.push_back({check, ruled.adoption.has_value()});
    return checks;
}

const RuledPack* RuleBook::pack_of(std::string_view check) const {
    for (const RuledPack& ruled : packs)
        if (ruled.pack->find(check) != nullptr) return &ruled;
    return nullptr;
}

const policies::Check* RuleBook::find(std::string_view check) const {
    const RuledPack* ruled = pack_of(check);
    return ruled == nullptr ? nullptr : ruled->pack->find(check);
}

RuleBooks::RuleBooks(const Store& store, Blobs& blobs, const policies::Schemas& schemas)
    : store_{store}, blobs_{blobs}, schemas_{schemas},
      shipped_{std::make_shared<policies::Pack>(policies::load_pack(policies::linux_baseline_files(), schemas))} {}

void RuleBooks::keep(const policies::FileTree& files) const {
    const auto put = [&](const std::string& bytes) {
        const Digest digest = evidence::sha256(bytes);
        if (!blobs_.get(digest)) blobs_.put(digest, bytes);
    };
    for (const auto& [path, bytes] : files)
        if (!path.starts_with("cases/")) put(bytes);
    put(evidence::canonical_json(listing_of(files)));  // last: what it names is then there
}

std::shared_ptr<const policies::Pack> RuleBooks::kept(const Digest& digest) const {
    if (digest != shipped_->digest && !blobs_.get(digest))
        throw evidence::coded_error("not_found", "no pack of the digest " + digest.hex() +
                                                     " was uploaded; `annexa policy upload FOLDER` does it");
    try {
        return kept_pack(digest);
    } catch (const evidence::error&) {
        throw evidence::coded_error("not_found", digest.hex() + " is the digest of something else than a pack");
    }
}

std::shared_ptr<const policies::Pack> RuleBooks::kept_pack(const Digest& digest) const {
    if (digest == shipped_->digest) return shipped_;
    const std::scoped_lock lock{guard_};
    std::shared_ptr<const policies::Pack>& known = loaded_[digest];
    if (!known) known = load_kept(digest);
    return known;
}

std::shared_ptr<const policies::Pack> RuleBooks::load_kept(const Digest& digest) const {
    const auto listing = blobs_.get(digest);
    if (!listing) throw evidence::error("the adopted pack " + digest.hex() + " is not in the store; restore its blob");
    policies::FileTree files;
    const auto paths = evidence::parse_json(*listing);  // outlives the loop: items() only refers to it
    for (const auto& [path, file] : paths.items()) {
        auto bytes = blobs_.get(Digest::from_hex(file.get<std::string>()));
        if (!bytes) throw evidence::error("the file " + path + " of the adopted pack " + digest.hex() + " is not in the store");
        files.emplace(path, std::move(*bytes));
    }
    return std::make_shared<policies::Pack>(policies::load_pack(files, schemas_));
}

RuledPack RuleBooks::adopted(const Decision& decision) const {
    const std::vector<std::string> entries = store_.entries(decision.index, 1);
    if (entries.size() != 1) throw evidence::error("entry " + std::to_string(decision.index) + " of an adoption is not in the log");
    const auto record = evidence::parse_policy_record(evidence::parse_entry(entries.front()).payload);
    const std::shared_ptr<const policies::Pack> pack = kept_pack(record.pack);
    RuledPack ruled{pack, pack->default_parameters(), parameters_from_json(record.parameters), record.tolerances, record.fix_within,
                    Adoption{decision.account, decision.at, decision.index, record.document}};
    for (const auto& [name, value] : ruled.set) ruled.parameters.insert_or_assign(name, value);
    if (record.tolerances.empty() && record.fix_within.empty()) return ruled;
    auto own = std::make_shared<policies::Pack>(*pack);
    for (policies::Check& check : own->checks) {
        if (const auto hosts = record.tolerances.find(check.id); hosts != record.tolerances.end())
            check.tolerance = static_cast<int>(hosts->second);
        if (const auto time = record.fix_within.find(check.id); time != record.fix_within.end())
            check.fix_within = std::chrono::seconds{static_cast<std::int64_t>(time->second)};
    }
    ruled.pack = own;
    return ruled;
}

RuleBook RuleBooks::at(std::optional<Instant> at, std::optional<std::uint64_t> known_at) const {
    RuleBook book;
    for (const Decision& decision : store_.decisions("adoption", at, known_at)) book.packs.push_back(adopted(decision));
    const bool replaced = std::any_of(book.packs.begin(), book.packs.end(), [&](const RuledPack& ruled) { return ruled.pack->name == shipped_->name; });
    if (!replaced) book.packs.insert(book.packs.begin(), RuledPack{shipped_, shipped_->default_parameters(), {}, {}, {}, std::nullopt});
    return book;
}

}  // namespace annexa::store
