#include "policies/clock_vfs.hpp"

#include "evidence/errors.hpp"

#include <algorithm>
#include <atomic>

namespace annexa::policies {
namespace {

/// Milliseconds from the epoch of Julian days to that of Unix: 2440587.5 days.
constexpr sqlite3_int64 unix_epoch_ms = 210866760000000;

int open_nothing(sqlite3_vfs*, const char*, sqlite3_file* file, int, int*) {
    file->pMethods = nullptr;
    return SQLITE_CANTOPEN;
}
int delete_nothing(sqlite3_vfs*, const char*, int) { return SQLITE_IOERR_DELETE; }
int find_nothing(sqlite3_vfs*, const char*, int, int* found) {
    *found = 0;
    return SQLITE_OK;
}
int name_nothing(sqlite3_vfs*, const char*, int, char*) { return SQLITE_CANTOPEN; }
int no_chance(sqlite3_vfs*, int count, char* bytes) {
    std::fill_n(bytes, count, '\0');
    return count;
}
int no_sleep(sqlite3_vfs*, int) { return 0; }
int no_error(sqlite3_vfs*, int, char*) { return 0; }
int standing_clock(sqlite3_vfs* vfs, sqlite3_int64* ms) {
    *ms = static_cast<const evidence::Instant*>(vfs->pAppData)->time_since_epoch().count() + unix_epoch_ms;
    return SQLITE_OK;
}
int standing_clock_days(sqlite3_vfs* vfs, double* days) {
    sqlite3_int64 ms = 0;
    standing_clock(vfs, &ms);
    *days = static_cast<double>(ms) / 86400000.0;
    return SQLITE_OK;
}

}  // namespace

ClockVfs::ClockVfs() {
    static std::atomic<unsigned long long> number{0};
    name_ = "annexa-" + std::to_string(number.fetch_add(1));
    vfs_.iVersion = 2;
    vfs_.szOsFile = sizeof(sqlite3_file);
    vfs_.mxPathname = 512;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = &now_;
    vfs_.xOpen = open_nothing;
    vfs_.xDelete = delete_nothing;
    vfs_.xAccess = find_nothing;
    vfs_.xFullPathname = name_nothing;
    vfs_.xRandomness = no_chance;
    vfs_.xSleep = no_sleep;
    vfs_.xCurrentTime = standing_clock_days;
    vfs_.xGetLastError = no_error;
    vfs_.xCurrentTimeInt64 = standing_clock;
    if (sqlite3_vfs_register(&vfs_, 0) != SQLITE_OK) throw evidence::error("SQLite has no memory for a VFS");
}

ClockVfs::~ClockVfs() { sqlite3_vfs_unregister(&vfs_); }

}  // namespace annexa::policies
