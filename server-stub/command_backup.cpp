#include "evidence/errors.hpp"
#include "server-stub/conditions/conditions.hpp"
#include "server-stub/files.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/storage/backup.hpp"
#include "server-stub/storage/blob_folder.hpp"
#include "server-stub/storage/key_box.hpp"
#include "server-stub/store_commands.hpp"
#include "terminal/silent_terminal.hpp"

#include <unistd.h>
#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace annexa::store {
namespace {

constexpr std::size_t largest_key_bytes = 65536;

std::map<std::string, std::string> key_files(const DataFolder& folder) {
    std::map<std::string, std::string> files = folder.key_files();
    if (files.empty()) throw evidence::error(folder.keys().string() + ": there are no keys");
    return files;
}

/// Keys come out of a file that somebody brought: a name is a name in keys/ and nothing else.
void write_key_files(const DataFolder& folder, const std::map<std::string, std::string>& files) {
    for (const auto& [name, bytes] : files) {
        if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos)
            throw evidence::error("the backup holds a key under the name " + name);
        write_file(folder.keys() / name, bytes, name.ends_with(".crt") ? 0644 : 0600);
    }
}

std::string first_line(std::istream& in, const std::string& where) {
    std::string line;
    if (!std::getline(in, line) || line.empty()) throw evidence::error(where + ": no passphrase in its first line");
    return line;
}

;

std::string ask(const char* question) {
    const terminal::SilentTerminal silent;  // before the question: what is typed at once is neither shown nor lost
    std::cerr << question << std::flush;
    std::string line = first_line(std::cin, "terminal");
    std::cerr << '\n';
    return line;
}

}  // namespace

std::string read_passphrase(const std::optional<std::filesystem::path>& file, bool twice) {
    if (file && *file == "-") return first_line(std::cin, "standard input");
    if (file) {
        std::string text = read_file(*file, largest_key_bytes);
        text.resize(std::min(text.find('\n'), text.size()));
        if (text.empty()) throw evidence::error(file->string() + ": no passphrase in its first line");
        return text;
    }
    if (const char* given = std::getenv("ANNEXA_BACKUP_PASSPHRASE"); given != nullptr && *given != '\0') return given;
    if (::isatty(STDIN_FILENO) == 0)
        throw evidence::error(
            "the keys need a passphrase: give --passphrase-file FILE (- for standard input) or set "
            "ANNEXA_BACKUP_PASSPHRASE");
    std::string passphrase = ask("Passphrase for the keys: ");
    if (twice && ask("Again: ") != passphrase) throw evidence::error("the two passphrases differ");
    return passphrase;
}

int command_backup(const Configuration& configuration, const BackupOptions& options) {
    const DataFolder folder{configuration.data};
    const SQLiteStore store{folder.database(), SQLiteStore::Mode::read_only};
    const BlobFolder blobs{folder.blobs()};
    std::optional<std::string> keys;
    if (options.with_keys) keys = seal_keys(key_files(folder), read_passphrase(options.passphrase_file, true));
    const evidence::SystemClock clock;
    const BackupContent content = write_backup(store, blobs, keys, clock.now(), options.file);
    std::cout << "Wrote " << options.file.string() << ": " << content.entries << " entries, " << content.blobs
              << " tables and documents, " << content.bytes << " bytes, "
              << (content.keys ? "with the keys under your passphrase.\n" : "without keys.\n");
    if (!content.keys)
        std::cerr << "Keep the folder " << folder.keys().string()
                  << " safe by other means, or make a backup --with-keys: no token and no agent of today will connect "
                     "to a store "
                     "that is restored without its keys.\n";
    return 0;
}

int command_restore(const Configuration& configuration, const RestoreOptions& options) {
    const DataFolder folder{std::filesystem::absolute(configuration.data)};
    const Backup backup = read_backup(options.file);
    if (std::filesystem::exists(folder.database()))
        throw evidence::error(folder.database().string() + ": a store is there already; restore into another folder");
    std::map<std::string, std::string> keys;
    if (backup.sealed_keys && !options.without_keys)
        keys = open_keys(*backup.sealed_keys, read_passphrase(options.passphrase_file, false));
    std::filesystem::create_directories(folder.root);
    folder.make();
    const DataLock lock{folder};
    write_key_files(folder, keys);
    BlobFolder blobs{folder.blobs()};
    const evidence::SystemClock clock;
    restore_backup(options.file, folder.database(), blobs, clock.now());
    std::cout << "Restored " << backup.content.entries << " entries and " << backup.content.blobs
              << " tables and documents into " << folder.root.string()
              << (keys.empty() ? ", without keys.\n" : ", with the keys.\n");
    std::cerr << SQLiteStore{folder.database(), SQLiteStore::Mode::open}.setting("restored").value_or("") << '\n';
    for (const ConditionKind& kind : condition_kinds())
        if (keys.empty() && kind.code == "keys_left_behind") std::cerr << in_words(kind, "") << '\n';
    return command_check(configuration, false);
}

}  // namespace annexa::store
