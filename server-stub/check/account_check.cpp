#include "evidence/canonical_json.hpp"
#include "server-stub/check/checks.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::check {
namespace {

using Wrong = std::map<std::string, std::string>;  // place → what

void judge(const Account& account, const std::optional<std::string>& document, Wrong& wrong) {
    const std::string place = "account " + account.id;
    if (!document) {
        wrong.emplace(place, "the document of its last record is gone");
        return;
    }
    const nlohmann::json said = evidence::parse_json(*document);
    if (said.value("role", "") != account.role || said.value("disabled", false) != account.disabled)
        wrong.emplace(place, "its row says another role or state than its last record: " + account.role +
                                 (account.disabled ? ", disabled" : ""));
}

Wrong look(const Store& store, const Blobs& blobs) {
    Wrong wrong;
    std::map<std::string, Digest> last;  // account → what its last record says it is
    for (const Decision& decision : store.all_decisions("account"))
        last.insert_or_assign(decision.subject, decision.document);
    for (const Account& account : store.accounts()) {
        const auto record = last.find(account.id);
        if (record != last.end()) judge(account, blobs.get(record->second), wrong);
        // Init's own, and those from before accounts were logged, have no login.
        else if (account.login)
            wrong.emplace("account " + account.id, "no record in the log made it");
        last.erase(account.id);
    }
    for (const auto& [id, document] : last)
        wrong.emplace("account " + id, "a record in the log made it, and its row is gone");
    return wrong;
}

}  // namespace

void check_accounts(const Store& store, const Blobs& blobs, Problems& problems) {
    problems.guard("accounts", [&] {
        const Wrong first = look(store, blobs);
        if (first.empty()) return;
        // A server that runs may have changed an account between two reads: what is wrong is so twice.
        const Wrong second = look(store, blobs);
        for (const auto& [place, what] : first)
            if (second.contains(place)) problems.add(place, what);
    });
}

}  // namespace annexa::store::check
