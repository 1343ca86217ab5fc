// The one list of collectors. Adding one is a declaration and a name here (scripts/new collector NAME writes both).
#include "collectors/collector.hpp"

#include <array>

namespace annexa::collectors {

// Declarations, in alphabetical order.
extern const Collector account_activity;
extern const Collector account_lockout;
extern const Collector antivirus;
extern const Collector apt_sources;
extern const Collector audit_status;
extern const Collector authorized_keys;
extern const Collector auto_updates;
extern const Collector backup_jobs;
extern const Collector block_devices;
extern const Collector boot_loader;
extern const Collector conffiles;
extern const Collector crypto_policy;
extern const Collector deb_packages;
extern const Collector deleted_libraries;
extern const Collector disk_encryption;
extern const Collector disk_headroom;
extern const Collector exposed_files;
extern const Collector file_integrity;
extern const Collector file_permissions;
extern const Collector firewall_rules;
extern const Collector group_shadow;
extern const Collector installed_kernels;
extern const Collector interface_addresses;
extern const Collector journald_config;
extern const Collector kernel_info;
extern const Collector kernel_modules;
extern const Collector listening_ports;
extern const Collector log_forwarding;
extern const Collector log_rotation;
extern const Collector login_defs;
extern const Collector luks_devices;
extern const Collector mandatory_access;
extern const Collector module_policy;
extern const Collector mount_config;
extern const Collector mounts;
extern const Collector network_services;
extern const Collector os_support;
extern const Collector os_version;
extern const Collector package_integrity;
extern const Collector package_updates;
extern const Collector packages;
extern const Collector pam_rules;
extern const Collector password_quality;
extern const Collector raid_arrays;
extern const Collector reboot_required;
extern const Collector secureboot;
extern const Collector session_timeouts;
extern const Collector shadow;
extern const Collector sshd_effective;
extern const Collector sudoers_policy;
extern const Collector system_controls;
extern const Collector system_info;
extern const Collector systemd_units;
extern const Collector time_sync;
extern const Collector tls_certificates;
extern const Collector umask_settings;
extern const Collector upgrade_history;
extern const Collector uptime;
extern const Collector usb_policy;
extern const Collector users;

namespace {

// In the order in which they run: what takes longest first, so that the quick ones run beside it.
// One a line, so that two who add one do not meet in it.
// clang-format off
constexpr std::array list{
    &package_updates,
    &os_version,
    &os_support,
    &kernel_info,
    &uptime,
    &system_info,
    &system_controls,
    &users,
    &session_timeouts,
    &shadow,
    &pam_rules,
    &password_quality,
    &account_lockout,
    &sudoers_policy,
    &sshd_effective,
    &account_activity,
    &login_defs,
    &umask_settings,
    &deb_packages,
    &apt_sources,
    &authorized_keys,
    &auto_updates,
    &installed_kernels,
    &reboot_required,
    &upgrade_history,
    &deleted_libraries,
    &mounts,
    &block_devices,
    &disk_encryption,
    &luks_devices,
    &time_sync,
    &listening_ports,
    &systemd_units,
    &journald_config,
    &log_forwarding,
    &audit_status,
    &network_services,
    &mount_config,
    &package_integrity,
    &file_permissions,
    &firewall_rules,
    &kernel_modules,
    &mandatory_access,
    &disk_headroom,
    &module_policy,
    &exposed_files,
    &file_integrity,
    &antivirus,
    &boot_loader,
    &secureboot,
    &raid_arrays,
    &usb_policy,
    &backup_jobs,
    &log_rotation,
    &conffiles,
    &tls_certificates,
    &crypto_policy,
    &interface_addresses,
    &packages,
    &group_shadow,
};
// clang-format on

}  // namespace

std::span<const Collector* const> all_collectors() { return list; }

}  // namespace annexa::collectors
