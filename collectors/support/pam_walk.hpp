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

}  // namespace annexa::collectors::pam
