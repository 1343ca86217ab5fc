// An improvement that nobody had to be told of by a nonconformity.
#include "server-stub/isms/kind.hpp"

namespace annexa::store::isms {
namespace {

constexpr std::string_view states[] = {"proposed", "accepted", "done", "declined"};
constexpr Field fields[] = {
    {"description", FieldType::text, "What could be better"},
    {"source", FieldType::line, "Where the thought came from"},
    {"state", FieldType::choice, "How far it is", flag::required, states},
    {"decision", FieldType::text, "What was decided, and why"},
    {"due", FieldType::date, "Improvement is to be done", flag::due},
    {"benefit", FieldType::text, "What it brought"},
};

}  // namespace

extern const Kind improvement{
    .name = "improvement",
    .plural = "improvements",
    .title = "Improvement",
    .step = 10,
    .clauses = "10.1",
    .fields = fields,
    .missing = "No improvement is recorded: nothing shows that the management system gets better.",
    .approvable = false};

}  // namespace annexa::store::isms
