// Who is let in by an auth stack, and on whose word.
#pragma once

#include "collectors/support/pam_walk.hpp"

#include <string>

namespace annexa::collectors::pam {

/// Whether a module's success says that somebody is who he says he is.
enum class Vouching {
    yes,  // it asks for something that only he has or knows (pam_unix, pam_sss, pam_u2f), or root is root (pam_rootok)
    no,   // it sets up, counts, decides by name, group or place, or says yes to all (pam_permit, pam_succeed_if)
    unknown  // a module that we do not know, or one that does what it is told to (pam_exec)
};
Vouching vouching(const Rule& rule);

struct Entry {
    bool everybody = false;  // somebody passes for whom no module vouched
    std::string unknown;  // modules of which at least one lets somebody in alone and is not known to vouch; empty: none
};

/// What an auth stack comes to. Jumps, substacks and `sufficient` are followed (support/pam_walk.hpp). A condition on a
/// group that nobody is in (gdm's nopasswdlogin) is met by nobody.
Entry entry_of(Files& files, const Stack& stack);

/// Where a stack lets in without asking: its pam_permit, else the first module that may end it well, else its end.
const Rule& opening_rule(const Stack& stack);

/// Throws host_error (malformed_source) where libpam cannot make sense of a line of the stack: nobody can say what it
/// demands. Of files that a package manager or an editor left behind (sshd.dpkg-old) nothing is demanded.
void demand_sense(const std::string& service, const Stack& stack);

}  // namespace annexa::collectors::pam
