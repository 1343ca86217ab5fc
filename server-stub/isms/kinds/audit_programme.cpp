// The audit programme: a cycle in which every clause and every control that applies is audited once.
#include "server-stub/isms/coverage.hpp"
#include "server-stub/isms/finality.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

constexpr std::string_view holders[] = {"person", "role"};
constexpr Field fields[] = {
    {"from", FieldType::date, "First day of the cycle", flag::required},
    {"to", FieldType::date, "Last day of the cycle", flag::required},
    {"objectives", FieldType::text, "What the audits of the cycle are to find out"},
    {"frequency", FieldType::line, "How often is audited: twice a year"},
    {"methods", FieldType::text, "How audits are planned, done and reported"},
    {"responsible", FieldType::record, "Who runs the programme", 0, holders},
    {"priorities", FieldType::text, "How the importance of processes and the results of earlier audits shape it"},
    {"risks", FieldType::text, "What could keep the programme from its objectives, and what is done about it"},
};

void rules(const Draft& draft, const Register&, const Facts&, std::vector<Problem>& problems) {
    check_order(draft, "from", "to", problems);
}

/// While a cycle runs what is planned covers; when it is over only what was examined and signed off.
std::set<std::string> covered(const Record& programme, const Register& records, bool over) {
    std::set<std::string> covered;
    for (const Record* audit : records.of_kind("audit")) {
        const auto& members = *audit->members;
        if (text_in(members, "programme") != programme.id || has(members, "cancelled")) continue;
        if (!over && !signed_off(*audit, "report")) {
            covered.merge(requirements_audited(members));
        } else if (signed_off(*audit, "report")) {
            for (const auto& result : members.at("results"))
                if (text_in(result, "result") != "not_examined") covered.insert(text_in(result, "requirement"));
        }
    }
    return covered;
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    const std::string today = day_of(facts.now);
    const std::vector<const Record*> programmes = records.of_kind("audit_programme");
    bool current = false;
    for (const Record* programme : programmes) {
        const auto& members = *programme->members;
        const std::string title = text_in(members, "title");
        const bool over = has_ended(members, today);
        if (!over) current = true;
        std::set<std::string> left = requirements_to_audit(records);
        for (const std::string& each : covered(*programme, records, over)) left.erase(each);
        if (left.empty()) continue;
        gaps.push_back({9, "9.2.2", programme->id,
                        over ? "The cycle " + title + " is over, and nobody audited: " + in_words(left) + "."
                             : "No audit of the cycle " + title + " covers: " + in_words(left) + ".",
                        "annexa isms set audit title=… programme=" + programme->id + " requirements=…"});
    }
    if (!programmes.empty() && !current)
        gaps.push_back({9, "9.2.2", "", "Every audit programme is over: there is none for the time to come.",
                        "annexa isms set audit_programme title=… from=… to=…"});
}

}  // namespace

extern const Kind audit_programme{.name = "audit_programme",
                                  .plural = "audit_programmes",
                                  .title = "Audit programme",
                                  .step = 9,
                                  .clauses = "9.2.2",
                                  .fields = fields,
                                  .missing = "There is no audit programme: nobody planned who audits what by when.",
                                  .rules = rules,
                                  .gaps = gaps};

}  // namespace annexa::store::isms
