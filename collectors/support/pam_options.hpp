// Settings of PAM modules: a file of "name = value" lines (pwquality.conf, faillock.conf, pwhistory.conf), then the
// module's arguments, which win. A flag's value is empty.
#pragma once

#include "collectors/support/pam_stack.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::collectors::pam {

struct Option {
    std::string value, source;
};
using Options = std::map<std::string, Option, std::less<>>;

/// Adds a file's settings; the last line that names one wins. # begins a comment.
void add_file(Options& options, const File& file);

/// Adds a module's arguments. They carry the source of their line.
void add_arguments(Options& options, const Rule& rule);

/// A whole number; nothing where the option is not there. Throws host_error (malformed_source) where it is no number.
std::optional<std::int64_t> number(const Options& options, std::string_view name);

bool flag(const Options& options, std::string_view name);

/// Settings of pam_pwquality: pwquality.conf.d/*.conf in order, then pwquality.conf, then the arguments
/// (pwquality.conf(5)).
Options pwquality_options(Files& files, const Rule& rule);

/// The length of the shortest password that the module takes, as pam_pwquality, pam_cracklib or pam_passwdqc compute
/// it; nothing where it takes any.
std::optional<std::int64_t> shortest_password(const Rule& rule, const Options& options);

}  // namespace annexa::collectors::pam
