// A person takes a host out of the scope that its rule puts in. In force once a second person approved it: one person
// alone, even one who holds every right, takes no host out.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

constexpr Field fields[] = {
    {"host", FieldType::host, "The host that leaves the scope", flag::required},
    {"reason", FieldType::text, "Why it leaves", flag::required},
};

void gaps(const Register& records, const Facts&, std::vector<Gap>& gaps) {
    for (const Record* exclusion : records.of_kind("scope_exclusion"))
        if (exclusion->approved() == nullptr)
            gaps.push_back({1, "4.3", exclusion->id,
                            text_in(*exclusion->members, "title") + " is not approved: the host is still in scope.",
                            "annexa isms approve " + exclusion->id});
}

}  // namespace

extern const Kind scope_exclusion{.name = "scope_exclusion",
                                  .plural = "scope_exclusions",
                                  .title = "Exclusion of a host from the scope",
                                  .step = 1,
                                  .clauses = "4.3",
                                  .fields = fields,
                                  .key = "host",
                                  .two_persons = true,
                                  .gaps = gaps};

}  // namespace annexa::store::isms
