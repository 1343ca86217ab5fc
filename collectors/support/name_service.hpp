// Where accounts, groups and passwords come from: nsswitch.conf(5) and glibc's default where it says nothing (files).
#pragma once

#include "collectors/host.hpp"
#include "collectors/support/account_files.hpp"

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

/// All local accounts: those of /etc/passwd, then those of the further files. Throws host_error where /etc/passwd is
/// not there (unreadable_source), and what parse_passwd() and further_account_files() throw.
std::vector<PasswdEntry> all_accounts(Files& files);

/// The same with all local groups. Both files of /etc are read before any other, so that where accounts also come from
/// elsewhere, both are among the sources.
struct AccountsAndGroups {
    std::vector<PasswdEntry> accounts;
    std::vector<GroupEntry> groups;
};
AccountsAndGroups all_accounts_and_groups(Files& files);

/// What the files name, whether or not a directory names more: to give numbers a name, never to say that somebody is
/// nobody. `all` is set to false where a directory or a data base names accounts or groups too, or where
/// nsswitch.conf's further files cannot be read. A file of /etc that is not there names nobody, which is not all
/// either.
AccountsAndGroups local_accounts_and_groups(Files& files, bool* all = nullptr);

}  // namespace annexa::collectors
