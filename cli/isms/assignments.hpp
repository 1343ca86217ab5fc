// NAME=VALUE on the command line: changes of a record's members, or the input of an action.
//
//   title=Laptop              sets it; `title=` takes it away
//   controls=A.5.1,A.8.5      a list, at commas where no item can hold one
//   labels=a labels=b         a list of texts: one assignment an item
//   labels+=c  labels-=a      adds to a list, takes from it
//   text=@policy.md           a text from a file (@- is standard input; @@ stands for one @)
//   milestones[0].due=2027-03-31                          a member of a group in a list, counted from 0
//   milestones+='{title: Scope approved, due: 2027-03-31}'   groups are YAML
#pragma once

#include "cli/isms/kinds.hpp"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>

namespace annexa::cli {

/// The same for the footer of commands.
inline constexpr const char* assignments_help =
    "NAME=VALUE sets a member, NAME= takes it away. A list takes NAME+=VALUE and NAME-=VALUE; commas part ids, numbers "
    "and\n"
    "dates, and texts are given one by one: labels=a labels=b. NAME=@FILE is a text from a file (@- standard input, @@ "
    "one @).\n"
    "Groups are YAML, or reached by their place: milestones+='{title: Scope, due: 2027-03-31}' "
    "milestones[0].done=2027-03-30\n\n";

/// Applies assignments to members, in their order. What is left unsaid stays. Throws evidence::error that names the
/// member, says what it is and what was expected.
void assign(nlohmann::json& members, std::span<const Field> fields, std::span<const std::string> assignments);

}  // namespace annexa::cli
