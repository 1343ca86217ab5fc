// A query of a stranger: it is refused, fails or returns, within its bounds, and changes nothing.
#include "policies/database.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace annexa;
using namespace annexa::policies;

namespace {

QueryLimits small_limits() {
    QueryLimits limits;
    limits.steps = 200'000;
    return limits;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const evidence::Table table{
        "login_defs",
        {{"name", evidence::Type::text}, {"value", evidence::Type::text}, {"source", evidence::Type::text}},
        {{"PASS_MAX_DAYS", "99999", "/etc/login.defs:1"}, {"UMASK", "022", "/etc/login.defs:2"}}};
    const std::string sql{reinterpret_cast<const char*>(data), size};
    EvaluationDatabase database{built_in_schemas(), TableForm::full};
    database.load(table);
    try {
        database.run(sql, {}, {}, small_limits());
    } catch (const query_error&) {
    }
    if (database.count("SELECT 1 FROM login_defs", {}, {}) != 2) std::abort();
    return 0;
}
