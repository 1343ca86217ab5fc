// A store with people who keep records, in one process: real log, real keys, no network.
#pragma once

#include "server-stub/isms/editing.hpp"
#include "server-stub/storage/memory_store.hpp"
#include "tests/server-stub/test_site.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store::test {

struct IsmsSite {
    MemoryStore store;
    MemoryBlobs blobs;
    Site site{store, blobs};
    std::size_t approvers = 2;
    bool administer = true;                   // whether who asks does
    std::vector<std::string> hosts_in_scope;  // names
    std::string ada = evidence::random_uuid();
    std::string bob = evidence::random_uuid();

    [[nodiscard]] Session session(const std::string& account, const std::string& roles) const {
        Session session;
        session.account = account;
        session.id = account;
        session.role = *parse_role(roles);
        return session;
    }
    [[nodiscard]] isms::Facts facts() const {
        isms::Facts facts;
        facts.now = site.clock.now();
        facts.may = [this](Permission right) { return right != Permission::administer || administer; };
        facts.holders = [this](Permission) { return approvers; };
        facts.hosts_in_scope = [this] { return hosts_in_scope; };
        return facts;
    }
    [[nodiscard]] isms::Register records() const { return {store, blobs, {site.clock.now(), std::nullopt}}; }

    /// One change by an account that may approve.
    isms::Applied write(const std::string& account, isms::Change change) {
        return write_all(account, {std::move(change)}).front();
    }
    std::vector<isms::Applied> write_all(const std::string& account, std::vector<isms::Change> changes,
                                         bool dry_run = false, const std::string& role = "approver") {
        site.clock.advance(std::chrono::minutes{1});
        const Session by = session(account, role);
        isms::Facts known = facts();
        known.account = account;
        return isms::apply({store, blobs, *site.log, site.record_key, site.clock, by}, known, std::move(changes),
                           dry_run);
    }
    isms::Approval judge(const std::string& account, const std::string& id, bool approved = true) {
        site.clock.advance(std::chrono::minutes{1});
        const Session by = session(account, "approver");
        return isms::judge({store, blobs, *site.log, site.record_key, site.clock, by}, facts(), id,
                           records().find(id)->last().digest, approved, "");
    }
    void erase(const std::string& id) {
        const Session by = session(ada, "admin");
        isms::erase({store, blobs, *site.log, site.record_key, site.clock, by}, id, "the person asked for it");
    }

    /// The check of the whole store, with what init leaves in one and an account for everybody who decided something.
    StoreCheck check_all() {
        site.initialise();
        for (const char* kind : {"record", "approval", "deletion"})
            for (const Decision& decision : store.all_decisions(kind))
                if (!store.account(decision.account))
                    store.add_account({.id = decision.account, .name = "", .role = "approver", .made_at = decision.at});
        return check_store(store, blobs, site.key_files());
    }

    static isms::Change added(const std::string& kind, const nlohmann::json& members, const std::string& as = "new") {
        return {as, kind, std::nullopt, false, std::make_shared<const nlohmann::json>(members)};
    }
    static isms::Change changed(const std::string& id, std::uint64_t base, const nlohmann::json& members) {
        return {id, "", base, false, std::make_shared<const nlohmann::json>(members)};
    }
    static isms::Change deleted(const std::string& id, std::uint64_t base) { return {id, "", base, true, nullptr}; }
};

/// The code of a refusal and what it says.
template <class Call>
std::pair<std::string, std::string> refusal_of(Call call) {
    try {
        call();
    } catch (const evidence::coded_error& refused) {
        return {refused.code(), refused.what()};
    }
    return {"nothing", ""};
}

/// Whether a gap of that step has these words.
inline bool lists(const std::vector<isms::Gap>& gaps, int step, const std::string& words) {
    return std::any_of(gaps.begin(), gaps.end(), [&](const isms::Gap& gap) {
        return gap.step == step && gap.sentence.find(words) != std::string::npos;
    });
}

}  // namespace annexa::store::test
