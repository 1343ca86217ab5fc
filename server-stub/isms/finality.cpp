#include "server-stub/isms/finality.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {

bool signed_off(const Record& record, std::string_view member) {
    if (!record.members) return false;
    const auto document = record.members->find(member);
    if (document == record.members->end()) return false;
    const auto version = document->at("version").get<std::uint64_t>();
    return std::any_of(record.approvals.begin(), record.approvals.end(),
                       [&](const Approval& each) { return each.approved && each.version >= version; });
}

bool is_final(const Record& record) {
    const Kind* kind = find_kind(record.kind);
    return kind != nullptr && !kind->ends_in.empty() && signed_off(record, kind->ends_in);
}

std::string why_it_stays(const Kind& kind, const Record& record) {
    if (!kind.deletable) return "a record of the kind " + record.kind + " stays: what was found stays findable";
    if (is_final(record)) return "it is signed off: what was found stays findable";
    return kind.stays != nullptr && record.members ? std::string{kind.stays(*record.members)} : std::string{};
}

bool keeps_what_is_final(const Draft& draft, std::string_view member, std::vector<Problem>& problems) {
    if (draft.before == nullptr || *draft.before->members == draft.after) return true;
    if (signed_off(*draft.before, member)) {
        problems.push_back({draft.id, "", "it is signed off: nothing of it changes any more"});
        return false;
    }
    if (draft.before->members->contains(member) && draft.after.contains(member)) {
        problems.push_back(
            {draft.id, "", "its " + std::string{member} + " is made: the action reopen, with a reason, takes it back"});
        return false;
    }
    return true;
}

}  // namespace annexa::store::isms
