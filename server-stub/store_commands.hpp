// annexa-server check, backup and restore. They work on the store's files, beside a server that runs (check, backup) or
// before one does (restore). main.cpp knows their command line and makes exit codes of what they return or throw.
#pragma once

#include "server-stub/configuration/configuration.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace annexa::store {

/// Verifies the whole store and prints a line for each problem, "PLACE: WHAT", then a line of counts; with `json` one
/// object
/// {"entries","statements","enrolments","blobs","history_rows","problems":[{"place","what"}]}. 0 all holds, 1 it does
/// not. Throws evidence::error where there is no store to look at.
int command_check(const Configuration& configuration, bool json);

struct BackupOptions {
    std::filesystem::path file;
    bool with_keys = false;
    std::optional<std::filesystem::path> passphrase_file;  // "-": standard input
};
/// Writes a backup and prints what is in it. Throws evidence::error; then there is no such file.
int command_backup(const Configuration& configuration, const BackupOptions& options);

struct RestoreOptions {
    std::filesystem::path file;
    std::optional<std::filesystem::path> passphrase_file;
    bool without_keys = false;  // leave the backup's keys in it: the store gets TLS keys of its own when it is started
};
/// Makes the store of the configuration's data folder, which must not be there, from a backup; then verifies it. 0 all
/// holds, 1 it is restored and damaged. Throws evidence::error.
int command_restore(const Configuration& configuration, const RestoreOptions& options);

/// A passphrase: the first line of the file ("-": of standard input), else of ANNEXA_BACKUP_PASSPHRASE, else asked for
/// on the terminal without echo (`twice`: and once more). Throws evidence::error where there is none.
std::string read_passphrase(const std::optional<std::filesystem::path>& file, bool twice);

}  // namespace annexa::store
