// A person of the organization (not an account): holds roles, owns records, is trained, acknowledges.
#include "server-stub/isms/kind.hpp"

namespace annexa::store::isms {
namespace {

constexpr Field fields[] = {
    {"email", FieldType::line, "Address for reminders"},
    {"account", FieldType::account, "The account that is this person's"},
    {"joined", FieldType::date, "First day"},
    {"left", FieldType::date, "Last day; accounts that hosts still have after it are shown"},
    {"login_names", FieldType::line, "Names of the person's accounts on hosts", flag::many},
};

}  // namespace

extern const Kind person{.name = "person",
                         .plural = "persons",
                         .title = "Person",
                         .step = 1,
                         .clauses = "5.3, 7.2",
                         .fields = fields,
                         .missing = "Nobody is recorded: no record can have an owner.",
                         .key = "",
                         .approvable = false};

}  // namespace annexa::store::isms
