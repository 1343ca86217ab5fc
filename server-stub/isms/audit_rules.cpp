#include "server-stub/isms/auditing.hpp"
#include "server-stub/isms/coverage.hpp"
#include "server-stub/isms/finality.hpp"
#include "server-stub/isms/independence.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

/// What the team itself found: nobody else writes it.
constexpr std::string_view findings[] = {"results", "interviews", "observations", "documents", "reperformances"};
/// What a frozen population rests on.
constexpr std::string_view frozen_with_population[] = {"period_from", "period_to", "hosts"};

const json& list_in(const json& object, std::string_view member) {
    static const json none = json::array();
    const auto found = object.find(member);
    return found == object.end() ? none : *found;
}

std::string at_place(std::string_view list, std::size_t index, std::string_view member) {
    return std::string{list} + "[" + std::to_string(index) + "]." + std::string{member};
}

class Rules {
  public:
    Rules(const Draft& draft, const Register& records, const Facts& facts, std::vector<Problem>& problems)
        : draft_{draft}, after_{draft.after}, records_{records}, facts_{facts}, problems_{problems} {}

    void run() {
        if (!keeps_what_is_final(draft_, "report", problems_)) return;
        population();
        dates();
        requirements();
        team();
        results();
    }

  private:
    void problem(std::string path, std::string message) {
        problems_.push_back({draft_.id, std::move(path), std::move(message)});
    }

    void population() {
        if (draft_.before == nullptr || list_in(*draft_.before->members, "populations").empty()) return;
        for (const std::string_view member : frozen_with_population)
            if (differs(*draft_.before->members, after_, member))
                problem(std::string{member}, "the population of the audit is frozen with it");
    }

    void dates() {
        check_order(draft_, "period_from", "period_to", problems_);
        check_order(draft_, "held_from", "held_to", problems_);
    }

    void team() {
        const std::vector<Auditor> team = auditors_of(records_, after_);
        std::set<std::string> persons;
        std::size_t leads = 0;
        for (std::size_t i = 0; i < team.size(); ++i) {
            if (!persons.insert(team[i].person).second)
                problem(at_place("auditors", i, "person"), "is in the team twice");
            const json& entry = after_.at("auditors")[i];
            const std::string own = text_in(*records_.find(team[i].person)->members, "account");
            if (has(entry, "account") && !own.empty() && own != text_in(entry, "account"))
                problem(at_place("auditors", i, "account"), "is not the account of " + team[i].person);
            if (entry.value("lead", false) && ++leads == 2)
                problem(at_place("auditors", i, "lead"), "a team has one lead");
            for (const std::string& conflict : standing_conflicts(records_, facts_, draft_.id, after_, team[i]))
                problem("auditors[" + std::to_string(i) + "]",
                        team[i].person + " is not independent: " + conflict +
                            ". Choose another auditor, or a third person overrides it with a reason "
                            "(action override_independence)");
        }
        if (draft_.before == nullptr || facts_.account.empty()) return;
        // The team's word is the team's: who reads and audits elsewhere does not write it.
        const bool member =
            std::any_of(team.begin(), team.end(), [&](const Auditor& each) { return each.account == facts_.account; });
        if (member) return;
        for (const std::string_view each : findings)
            if (differs(*draft_.before->members, after_, each))
                problem(std::string{each}, "is written by an auditor of this audit");
    }

    void requirements() {
        const std::vector<std::string> named = texts_in(after_, "requirements");
        for (std::size_t i = 0; i < named.size(); ++i)
            if (requirements_named({&named[i], 1}).empty())
                problem("requirements[" + std::to_string(i) + "]", "ISO/IEC 27001 has no clause " + named[i]);
    }

    void results() {
        const std::set<std::string> audited = requirements_audited(after_);
        const json& results = list_in(after_, "results");
        std::set<std::string> seen;
        for (std::size_t i = 0; i < results.size(); ++i) {
            const json& result = results[i];
            const std::string requirement = text_in(result, "requirement");
            const std::string outcome = text_in(result, "result");
            if (!audited.contains(requirement))
                problem(at_place("results", i, "requirement"), requirement + " is not one that this audit is about");
            if (!seen.insert(requirement).second)
                problem(at_place("results", i, "requirement"), requirement + " has a result already");
            if (outcome == "not_examined" && !has(result, "why_not"))
                problem(at_place("results", i, "why_not"), "is missing: say why it was not examined");
            if ((outcome == "minor" || outcome == "major") && !has(result, "facts"))
                problem(at_place("results", i, "facts"), "is missing: say what was seen");
            if (has(result, "nonconformity")) {
                const Record* raised = records_.find(text_in(result, "nonconformity"));
                if (text_in(*raised->members, "audit") != draft_.id)
                    problem(at_place("results", i, "nonconformity"),
                            raised->id + " does not name this audit as where it was found");
            }
        }
    }

    const Draft& draft_;
    const json& after_;
    const Register& records_;
    const Facts& facts_;
    std::vector<Problem>& problems_;
};

}  // namespace

void audit_rules(const Draft& draft, const Register& records, const Facts& facts, std::vector<Problem>& problems) {
    Rules{draft, records, facts, problems}.run();
}

std::vector<Problem> report_lacks(const Record& audit, const Facts& facts) {
    const json& members = *audit.members;
    std::vector<Problem> lacks;
    const auto lack = [&](std::string path, std::string message) {
        lacks.push_back({audit.id, std::move(path), std::move(message)});
    };
    for (const char* member : {"objective", "scope", "criteria", "period_from", "period_to", "methods", "auditors"})
        if (!has(members, member)) lack(member, "is missing");
    if (has(members, "cancelled")) lack("cancelled", "the audit is not held");
    const json& auditors = list_in(members, "auditors");
    for (std::size_t i = 0; i < auditors.size(); ++i)
        if (!has(auditors[i], "competence"))
            lack(at_place("auditors", i, "competence"), "is missing: what makes the auditor fit for it");

    std::set<std::string> open = requirements_audited(members);
    if (open.empty()) lack("requirements", "is missing: no clause and no control is audited");
    std::set<std::uint64_t> verified;
    for (const json& each : list_in(members, "evidence_verified"))
        verified.insert(each.at("index").get<std::uint64_t>());
    const json& results = list_in(members, "results");
    for (std::size_t i = 0; i < results.size(); ++i) {
        const json& result = results[i];
        open.erase(text_in(result, "requirement"));
        const std::string outcome = text_in(result, "result");
        if ((outcome == "minor" || outcome == "major") && !has(result, "nonconformity"))
            lack(at_place("results", i, "nonconformity"), "is missing: raise the nonconformity first");
        if (outcome == "conforming" && !has(result, "facts") && !has(result, "evidence") && !has(result, "records"))
            lack(at_place("results", i, "facts"), "is missing: say what the result rests on");
        for (const json& index : list_in(result, "evidence"))
            if (!verified.contains(index.get<std::uint64_t>()))
                lack(at_place("results", i, "evidence"),
                     "entry " + index.dump() + " was not verified (action verify_evidence)");
    }
    if (!open.empty()) lack("results", "there is no result for " + in_words(open));

    const std::vector<std::string> methods = texts_in(members, "methods");
    const auto uses = [&](const char* method) {
        return std::find(methods.begin(), methods.end(), method) != methods.end();
    };
    std::set<std::string> sampled;
    for (const json& sample : list_in(members, "samples"))
        for (const std::string& item : texts_in(sample, "items")) sampled.insert(item.substr(0, item.find(' ')));
    if (uses("sampling") && sampled.empty()) lack("samples", "no sample was drawn");
    const json& again = list_in(members, "reperformances");
    if (uses("reperformance") && again.empty()) lack("reperformances", "no host was looked at by hand");
    for (std::size_t i = 0; i < again.size(); ++i)
        if (!sampled.contains(text_in(again[i], "host")))
            lack(at_place("reperformances", i, "host"), "is in no sample of this audit");
    for (const char* member : {"interviews", "observations", "documents"}) {
        const std::string_view name{member};
        const char* method = name == "interviews"     ? "interview"
                             : name == "observations" ? "observation"
                                                      : "document_review";
        if (uses(method) && !has(members, member))
            lack(member, std::string{"is missing: the audit's methods name "} + method);
    }
    if (has(members, "period_to") && text_in(members, "period_to") > day_of(facts.now))
        lack("period_to", "is in the future");
    return lacks;
}

}  // namespace annexa::store::isms
