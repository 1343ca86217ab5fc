// annexa status, at a time and over a period.
#pragma once

#include "cli/commands.hpp"

#include <string>
#include <vector>

namespace annexa::cli {

struct StatusOptions {
    When when;
    std::string from, to;  // either: over a period
    std::string control, host;
    std::vector<std::string> fail_on;
    Format format = Format::text;
};

/// Over the period from `from` to `to`.
Exit command_period_status(const StatusOptions& options, Client& client, const Terminal& terminal);

}  // namespace annexa::cli
