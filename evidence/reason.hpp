// Why a collector has no tables: the codes that stand in statements, one enum for agent, store and verifier.
#pragma once

#include <optional>
#include <string_view>

namespace annexa::evidence {

enum class Reason {
    // status error: the host could not be read, or not wholly
    permission_denied,     // a source is there and may not be read
    unreadable_source,     // reading failed otherwise (I/O error, a special file, too large)
    malformed_source,      // a source does not follow its grammar
    program_failed,        // a permitted program failed or printed what it should not
    kernel_refused,        // a system call or netlink request failed
    timed_out,
    out_of_memory,
    output_too_large,
    crashed,
    bad_output,            // a collector returned what is not its schema
    disabled,              // switched off in the configuration
    unsupported_format,    // a format that this build cannot read
    unsupported_rpmdb,
    legacy_rules_unread,
    internal,              // a defect of annexa
    // status not_applicable: there is nothing of this kind here
    needs_running_system,  // an image cannot tell
    not_installed,         // the program that the table is about is not there
    not_present,           // the subsystem is not there (no swap, no audit in this kernel)
};

/// The code as it stands in a statement: its enumerator's name.
std::string_view reason_code(Reason reason);
std::optional<Reason> parse_reason(std::string_view code);

}  // namespace annexa::evidence
