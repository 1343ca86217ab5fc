// A person of the organization (not an account): holds roles, owns records, is trained, acknowledges.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

constexpr std::string_view units[] = {"unit"};
constexpr Field fields[] = {
    {"email", FieldType::line, "Address for reminders"},
    {"unit", FieldType::record, "The unit that the person works in", 0, units},
    {"account", FieldType::account, "The account that is this person's, and no other's; an administrator gives it"},
    {"joined", FieldType::date, "First day"},
    {"left", FieldType::date, "Last day; accounts that hosts still have after it are shown"},
    {"login_names", FieldType::line, "Names of the person's accounts on hosts", flag::many},
};

/// Who has the account of a person accepts, acknowledges and is kept from judging as that person. So nobody makes it
/// another's but an administrator; oneself one may record.
void rules(const Draft& draft, const Register&, const Facts& facts, std::vector<Problem>& problems) {
    const std::string account = text_in(draft.after, "account");
    if (draft.before != nullptr && account == text_in(*draft.before->members, "account")) return;
    const bool oneself = draft.before == nullptr && (account.empty() || account == facts.account);
    if (oneself || (facts.may && facts.may(Permission::administer))) return;
    problems.push_back({draft.id, "account",
                        "is given, changed and taken away by an administrator alone: whoever has it acts as this "
                        "person; ask one, or leave it as it is"});
}

/// Accounts of people who left are looked for on the hosts, as their agents show them.
void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    const std::string today = day_of(facts.now);
    std::vector<const Record*> leavers;
    for (const Record* person : records.of_kind("person"))
        if (has(*person->members, "left") && text_in(*person->members, "left") < today) leavers.push_back(person);
    if (leavers.empty() || !facts.accounts_on_hosts) return;
    const auto accounts = facts.accounts_on_hosts();
    for (const Record* person : leavers)
        for (const std::string& login : texts_in(*person->members, "login_names")) {
            const auto found = accounts.find(login);
            if (found == accounts.end() || found->second.empty()) continue;
            gaps.push_back({1, "A.6.5", person->id,
                            text_in(*person->members, "title") + " left on " + text_in(*person->members, "left") +
                                ", and the account " + login + " is still on " + std::to_string(found->second.size()) +
                                " hosts, such as " + *found->second.begin() + ".",
                            "annexa hosts"});
        }
}

}  // namespace

extern const Kind person{.name = "person",
                         .plural = "persons",
                         .title = "Person",
                         .step = 1,
                         .clauses = "5.3, 7.2",
                         .fields = fields,
                         .missing = "Nobody is recorded: no record can have an owner.",
                         .key = "account",
                         .approvable = false,
                         .or_write = Permission::administer,
                         .rules = rules,
                         .gaps = gaps};

}  // namespace annexa::store::isms
