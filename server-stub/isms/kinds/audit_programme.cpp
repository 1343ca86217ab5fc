// The audit programme: a cycle in which every clause and every control that applies is audited once.
#include "server-stub/isms/kind.hpp"

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

}  // namespace

extern const Kind audit_programme{.name = "audit_programme",
                                  .plural = "audit_programmes",
                                  .title = "Audit programme",
                                  .step = 9,
                                  .clauses = "9.2.2",
                                  .fields = fields,
                                  .missing = "There is no audit programme: nobody planned who audits what by when."};

}  // namespace annexa::store::isms
