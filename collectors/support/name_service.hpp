// Where accounts, groups and passwords come from: nsswitch.conf(5) and glibc's default where it says nothing (files).
#pragma once

#include "collectors/host.hpp"

#include <string_view>
#include <vector>

namespace annexa::collectors {

/// Files beside /etc/passwd, /etc/group or /etc/shadow that hold accounts too, in the order of nsswitch.conf: those of
/// extrausers (/var/lib/extrausers) and altfiles (/usr/lib), where they exist. `database` is passwd, group or shadow.
///
/// Throws host_error (unreadable_source) where accounts also come from a directory or a data base (sss, ldap, winbind,
/// nis, db, …): whom they name is not in any file here, so that nothing can be said of all accounts. `compat` is
/// files, and its lines with + and - are refused by who reads them (account_files.hpp).
std::vector<File> further_account_files(Files& files, std::string_view database);

}  // namespace annexa::collectors
