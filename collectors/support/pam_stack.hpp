// PAM's configuration as libpam reads it: pam.d(5), pam.conf(5) and pam_handlers.c, with includes and substacks
// resolved.
//
// One file decides a service: the first of /etc/pam.d, /usr/lib/pam.d and /usr/etc/pam.d that has it; /etc/pam.conf
// only where none of these folders exists. A type of which the service has no line is taken from the service `other`.
// What libpam cannot make sense of it keeps as a module that fails, and so do we.
#pragma once

#include "collectors/host.hpp"

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors::pam {

/// What libpam does on a module's answer; a positive number jumps over as many modules.
enum Action : int { ignore = 0, ok = -1, done = -2, bad = -3, die = -4, reset = -5, unset = -6 };

/// The answers of modules, in the order of _pam_types.h.
enum Answer : int {
    success,
    open_err,
    symbol_err,
    service_err,
    system_err,
    buf_err,
    perm_denied,
    auth_err,
    cred_insufficient,
    authinfo_unavail,
    user_unknown,
    maxtries,
    new_authtok_reqd,
    acct_expired,
    session_err,
    cred_unavail,
    cred_expired,
    cred_err,
    no_module_data,
    conv_err,
    authtok_err,
    authtok_recover_err,
    authtok_lock_busy,
    authtok_disable_aging,
    try_again,
    ignored,
    abort,
    authtok_expired,
    module_unknown,
    bad_item,
    conv_again,
    incomplete,
    answers
};
using Actions = std::array<int, answers>;

struct Rule {
    std::string control;  // as written: "required", "success=1 default=ignore"
    Actions actions{};
    std::string module;  // file name: "pam_unix.so"; of a substack the name of what it holds
    std::vector<std::string> arguments;
    int level = 0;                 // of substacks
    bool substack = false;         // begins one, is no module
    bool must_fail = false;        // a line that libpam cannot make sense of
    bool optional_module = false;  // "-auth": no complaint where the module is not there
    std::string source;            // file:line
};

/// The modules of one type, in order.
using Stack = std::vector<Rule>;
/// By type: auth, account, password, session.
using Service = std::map<std::string, Stack, std::less<>>;

struct Reader {
    std::function<std::optional<File>(std::string_view path)> file;
    std::function<std::optional<std::vector<std::string>>(std::string_view path)> folder;  // names of regular files
};

/// Every service that has a file (or lines in pam.conf), with the types it lacks filled from `other`.
std::map<std::string, Service> read_services(const Reader& reader);

/// "[success=1 default=ignore]" without the brackets, or a word.
Actions parse_control(std::string_view control);

/// The reader of a host.
Reader reader_of(Files& files);

/// Whether PAM has files here.
bool configured(Files& files);

/// Whether PAM has files or its library is installed.
bool present(Files& files);

/// Every service of a host. Throws not_applicable where there is no PAM, host_error where its library is there and its
/// files are gone (unreadable_source), or there are files and not one rule in them (malformed_source): nobody can say what they demanded.
std::map<std::string, Service> services_of(Files& files);

/// The value of NAME=VALUE among arguments (the last wins) or an empty text for NAME alone; nothing where it does not
/// occur.
std::optional<std::string> argument(const Rule& rule, std::string_view name);

std::string joined_arguments(const Rule& rule);

}  // namespace annexa::collectors::pam
