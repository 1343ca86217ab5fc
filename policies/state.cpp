#include "policies/state.hpp"

namespace annexa::policies {
namespace {

constexpr std::string_view states[] = {"missing", "error", "deleted", "stale", "not_applicable",
                                       "overdue", "fail",  "pass",    "waived"};
constexpr std::string_view operations[] = {"not_monitored", "not_effective",    "not_applicable",
                                           "no_evidence",   "partly_effective", "effective"};
constexpr std::string_view records_words[] = {"rejected", "accepted", "expired", "partial", "missing"};
constexpr std::string_view rules[] = {"adopted", "default", "none"};
constexpr std::string_view statuses[] = {"excluded",         "not_effective", "effective",
                                         "partly_effective", "not_assessed",  "insufficient_evidence"};

template <typename Word, std::size_t count>
std::optional<Word> find(const std::string_view (&words)[count], std::string_view text) {
    for (std::size_t i = 0; i < count; ++i)
        if (words[i] == text) return static_cast<Word>(i);
    return std::nullopt;
}

}  // namespace

std::string_view name(State state) { return states[static_cast<std::size_t>(state)]; }
std::string_view name(Operation operation) { return operations[static_cast<std::size_t>(operation)]; }
std::string_view name(RecordsStatus records) { return records_words[static_cast<std::size_t>(records)]; }
std::string_view name(Rule rule) { return rules[static_cast<std::size_t>(rule)]; }
std::string_view name(Status status) { return statuses[static_cast<std::size_t>(status)]; }

std::optional<State> parse_state(std::string_view text) { return find<State>(states, text); }
std::optional<Status> parse_status(std::string_view text) { return find<Status>(statuses, text); }

}  // namespace annexa::policies
