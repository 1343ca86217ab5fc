// Every way through a stack: which modules are asked and whether the stack lets the user pass, whatever the modules
// answer. The rules of pam_dispatch.c (ok, done, bad, die, ignore, reset, jumps, substacks), walked for all answers
// that a module of its kind can give to a local, regular user.
#pragma once

#include "collectors/support/pam_stack.hpp"

#include <functional>
#include <vector>

namespace annexa::collectors::pam {

/// What a caller remembers along a way: a bit a fact ("pam_unix accepted the password").
using Facts = unsigned;

/// Told of each module asked and its answer; yields the facts from then on.
using Observer = std::function<Facts(const Rule& rule, Answer answer, Facts facts)>;

struct Way {
    bool passes = false;
    Facts facts = 0;
};

/// The ends of all ways, each combination once.
std::vector<Way> walk(const Stack& stack, std::string_view type, const Observer& observer);

/// What a module of that name can answer.
std::vector<Answer> possible_answers(const Rule& rule, std::string_view type);

/// Whether the module only opens, closes or sets up (pam_nologin, pam_env) or says yes to all (pam_permit): its success neither says
/// who somebody is nor stores a password. A module that we do not know counts as one that does. A condition (pam_succeed_if,
/// pam_listfile) that ends the stack or jumps chooses users by name and counts too.
bool is_bystander(const Rule& rule);

}  // namespace annexa::collectors::pam
