// What evidence is expected for each control beside the facts of hosts: a rule (policy, procedure) and a record of
// operation within its period. Data: catalogues/expected-evidence.json, drafted in our own words.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::policies {

/// rule: a policy or procedure; operation: a record that it is lived (a review, a training, a test) within its period.
enum class RecordKind { rule, operation };

/// "rule" or "record": the words of the catalogue and of every output.
std::string_view name(RecordKind kind);
std::optional<RecordKind> parse_record_kind(std::string_view text);

/// One thing that is expected.
struct Expected {
    std::string what;             // in words
    std::chrono::days period{0};  // renewed at least so often: the review of a rule, the next record of operation
};

/// Records of the store that serve, so that nobody has to bring what the store knows itself.
struct ServingSource {
    RecordKind kind = RecordKind::operation;
    std::string source;  // one of serving_sources()
    std::string what;    // what it shows, in words
};

struct ExpectedEvidence {
    std::string control;
    Expected rule;
    Expected record;
    std::string holder;  // who usually has it
    std::vector<ServingSource> served_by;

    [[nodiscard]] const Expected& of(RecordKind kind) const { return kind == RecordKind::rule ? rule : record; }
};

/// By control.
using ExpectedCatalogue = std::map<std::string, ExpectedEvidence, std::less<>>;

/// Reads the catalogue. Throws evidence::error, which names the control and the member: unknown or missing controls and
/// members, empty texts, periods outside a day to five years, sources that do not exist, a central control that no
/// source serves.
ExpectedCatalogue load_expected_evidence(std::string_view json);

/// The catalogue that this program was built with: all 93 controls of annex_a().
const ExpectedCatalogue& expected_evidence();

/// The names of records that a store has: its own ("adoption", "waiver", "host", "log") and kinds of the ISMS.
const std::vector<std::string_view>& serving_sources();

}  // namespace annexa::policies
