// What a gap says is to be done next is a command that works as it is written, once values stand in place of "…".
#pragma once

#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/overview.hpp"

#include <string>
#include <vector>

namespace annexa::store::test {

/// What is wrong with the command; empty where it parses, and kind, members, action and what these require are there.
std::string problem_of_command(const std::string& next, const isms::Register& records);

/// isms::gaps(); a test fails whose gaps say something else.
std::vector<isms::Gap> gaps_with_commands(const isms::Register& records, const isms::Facts& facts);

}  // namespace annexa::store::test
