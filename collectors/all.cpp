// The one list of collectors. Adding one is a declaration and a name here (scripts/new collector NAME writes both).
#include "collectors/collector.hpp"

#include <array>

namespace annexa::collectors {

// Declarations, in alphabetical order.
extern const Collector account_activity;
extern const Collector deb_packages;
extern const Collector login_defs;
extern const Collector package_updates;
extern const Collector shadow;
extern const Collector sshd_effective;
extern const Collector sudoers_policy;
extern const Collector users;

namespace {

// In the order in which they run.
constexpr std::array list{
    &users,
    &shadow,
    &sudoers_policy,
    &sshd_effective,
    &account_activity,
    &login_defs,
    &deb_packages,
    &package_updates,
};

}  // namespace

std::span<const Collector* const> all_collectors() { return list; }

}  // namespace annexa::collectors
