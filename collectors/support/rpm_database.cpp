#include "collectors/support/rpm_database.hpp"

#include "collectors/support/file_capabilities.hpp"
#include "evidence/errors.hpp"

#include <sqlite3.h>

#include <array>
#include <memory>

namespace annexa::collectors {
namespace {

constexpr std::array<std::string_view, 2> folders{"/usr/lib/sysimage/rpm", "/var/lib/rpm"};
constexpr int most_header_bytes = 64 << 20;

struct Close {
    void operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

[[noreturn]] void malformed(const std::string& path, const std::string& what) {
    throw host_error{Reason::malformed_source, path + ": " + what};
}

}  // namespace

std::optional<std::string> rpm_database(Files& files) {
    for (const std::string_view folder : folders)
        if (std::string path = std::string{folder} + "/rpmdb.sqlite"; files.status(path)) return path;
    for (const std::string_view folder : folders)
        for (const char* name : {"/Packages.db", "/Packages"})
            if (std::string path = std::string{folder} + name; files.status(path)) return path;
    return std::nullopt;
}

bool for_each_rpm_header(Files& files, const std::function<void(const RpmHeader&)>& each) {
    const auto path = rpm_database(files);
    if (!path) return false;
    if (!path->ends_with(".sqlite"))
        throw host_error{Reason::unsupported_rpmdb,
                         *path + ": packages are kept in a format that annexa cannot read (" +
                             (path->ends_with(".db") ? "ndb" : "bdb") + "); it reads sqlite"};
    if (const auto journal = files.status(*path + "-wal"); journal && journal->size_bytes > 0)
        throw host_error{Reason::unreadable_source,
                         *path + "-wal: rpm is at work, or was cut off: what it did last is not in the database yet"};
    const auto place = files.path_for_library(*path);
    if (!place) return false;

    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(("file:" + *place + "?mode=ro&immutable=1").c_str(), &opened,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    const std::unique_ptr<sqlite3, Close> database{opened};
    if (code != SQLITE_OK) malformed(*path, opened == nullptr ? "no memory" : sqlite3_errmsg(opened));
    sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, most_header_bytes);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(opened, "SELECT blob FROM Packages ORDER BY hnum", -1, &prepared, nullptr) != SQLITE_OK)
        malformed(*path, sqlite3_errmsg(opened));
    const std::unique_ptr<sqlite3_stmt, Close> statement{prepared};
    int step = SQLITE_ROW;
    for (std::size_t number = 1; (step = sqlite3_step(prepared)) == SQLITE_ROW; ++number) {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(prepared, 0));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(prepared, 0));
        try {
            each(RpmHeader{std::string_view{bytes == nullptr ? "" : bytes, bytes == nullptr ? 0 : size}});
        } catch (const evidence::format_error& error) {
            malformed(*path, "package " + std::to_string(number) + ": " + error.what());
        }
    }
    if (step != SQLITE_DONE) malformed(*path, sqlite3_errmsg(opened));
    return true;
}

std::string RpmPackage::full_version() const {
    return (epoch ? std::to_string(*epoch) + ":" : "") + version + "-" + release;
}

RpmPackage rpm_package(const RpmHeader& header) {
    RpmPackage package;
    const auto text = [&](RpmTag tag) { return header.text(tag).value_or(""); };
    package.name = text(RpmTag::name);
    package.version = text(RpmTag::version);
    package.release = text(RpmTag::release);
    if (package.name.empty() || package.version.empty())
        throw evidence::format_error(0, "a name and a version in a package's header");
    package.arch = text(RpmTag::arch);
    package.vendor = text(RpmTag::vendor);
    package.group = text(RpmTag::group);
    package.source_rpm = text(RpmTag::source_rpm);
    package.sha1 = text(RpmTag::sha1);
    if (const auto epoch = header.number(RpmTag::epoch)) package.epoch = static_cast<std::int64_t>(*epoch);
    auto size = header.number(RpmTag::long_size);
    if (!size) size = header.number(RpmTag::size);
    package.size_bytes = static_cast<std::int64_t>(size.value_or(0) & 0x7fffffffffffffff);
    package.install_time =
        static_cast<std::int64_t>(header.number(RpmTag::install_time).value_or(0) & 0x7fffffffffffffff);
    return package;
}

std::vector<RpmFile> rpm_files(const RpmHeader& header) {
    const auto names = header.texts(RpmTag::base_names);
    const auto directories = header.texts(RpmTag::directory_names);
    const auto indexes = header.numbers(RpmTag::directory_indexes);
    const auto modes = header.numbers(RpmTag::file_modes);
    const auto flags = header.numbers(RpmTag::file_flags);
    const auto states = header.numbers(RpmTag::file_states);
    const auto users = header.texts(RpmTag::file_users);
    const auto groups = header.texts(RpmTag::file_groups);
    const auto digests = header.texts(RpmTag::file_digests);
    const auto capabilities = header.texts(RpmTag::file_capabilities);
    if (indexes.size() != names.size() || modes.size() != names.size() || users.size() != names.size() ||
        groups.size() != names.size())
        throw evidence::format_error(0, "lists of files of one length in a package's header");
    const auto at = [](const auto& list, std::size_t i) {
        return i < list.size() ? list[i] : typename std::decay_t<decltype(list)>::value_type{};
    };
    std::vector<RpmFile> files;
    files.reserve(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (indexes[i] >= directories.size())
            throw evidence::format_error(0, "a folder for each file in a package's header");
        files.push_back({directories[indexes[i]] + names[i], static_cast<std::uint32_t>(modes[i] & 0xffff),
                         at(flags, i), users[i], groups[i], at(digests, i), normal_capabilities(at(capabilities, i)),
                         at(states, i) == 0});  // RPMFILE_STATE_NORMAL
    }
    return files;
}

}  // namespace annexa::collectors
