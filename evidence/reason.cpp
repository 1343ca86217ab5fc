#include "evidence/reason.hpp"

#include <cstddef>
#include <iterator>

namespace annexa::evidence {
namespace {

constexpr std::string_view codes[] = {
    "permission_denied", "unreadable_source", "malformed_source", "program_failed", "kernel_refused",
    "timed_out", "out_of_memory", "output_too_large", "crashed", "bad_output", "disabled", "unsupported_format",
    "unsupported_rpmdb", "legacy_rules_unread", "internal", "needs_running_system", "not_installed", "not_present",
};
static_assert(std::size(codes) == static_cast<std::size_t>(Reason::not_present) + 1);

}  // namespace

std::string_view reason_code(Reason reason) { return codes[static_cast<std::size_t>(reason)]; }

std::optional<Reason> parse_reason(std::string_view code) {
    for (std::size_t i = 0; i < std::size(codes); ++i)
        if (codes[i] == code) return static_cast<Reason>(i);
    return std::nullopt;
}

}  // namespace annexa::evidence
