// When each local account was last logged in to, to the day.
//
// Sources, all that are there, the newest login wins: lastlog (Debian 12, RHEL), lastlog2 and wtmpdb (Debian 13, SUSE),
// wtmp. lastlog and lastlog2 know every login since the account exists; wtmp and wtmpdb only since their first entry,
// which rotation moves. Days, not seconds: the table would else change with each login, and dormancy is counted in
// months.
#include "collectors/collector.hpp"
#include "collectors/support/account_files.hpp"
#include "collectors/support/name_service.hpp"
#include "collectors/support/login_records.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"username", Type::text, "Login name"},
    {"uid", Type::integer, "User id"},
    {"last_login", Type::integer,
     "Day of the last login on record (UTC), counted from 1970-01-01; null: none on record", Trait::nullable},
    {"records_since", Type::integer,
     "Day since when logins are on record; 0 where the record is complete (lastlog, lastlog2); null where it is empty",
     Trait::nullable},
    {"source", Type::text, "File of the last login, or the files that were searched"},
};
constexpr TableDefinition tables[] = {
    {"account_activity", "Last login of each local account, one row an account", columns},
};

constexpr std::int64_t seconds_a_day = 86400;
constexpr std::size_t most_lastlog_bytes = std::size_t{64} << 20;  // 229,000 uids; the file is sparse

struct Record {
    std::string path;
    bool complete = false;
    LoginRecord logins;
};

std::vector<Table> collect(Host& host) {
    const auto accounts = all_accounts(host.files);

    const auto lastlog = host.files.read_head("/var/log/lastlog", most_lastlog_bytes);
    std::vector<Record> records;
    if (const auto file = host.files.read("/var/lib/lastlog/lastlog2.db"))
        records.push_back({file->path, true, parse_lastlog2(*file)});
    if (const auto file = host.files.read("/var/lib/wtmpdb/wtmp.db", std::size_t{64} << 20))
        records.push_back({file->path, false, parse_wtmpdb(*file)});
    if (const auto file = host.files.read("/var/log/wtmp", std::size_t{64} << 20))
        records.push_back({file->path, false, parse_wtmp(*file)});
    if (!lastlog && records.empty())
        throw not_applicable(Reason::not_present, "no record of logins: neither lastlog, lastlog2, wtmpdb nor wtmp");

    std::string searched = lastlog ? "/var/log/lastlog" : "";
    for (const auto& record : records) searched += (searched.empty() ? "" : ", ") + record.path;

    Table table = make_table(tables[0]);
    for (const auto& account : accounts) {
        std::int64_t last = 0;
        std::string where = searched;
        bool complete = false;
        std::optional<std::int64_t> since;
        const auto take = [&](std::int64_t seconds, const std::string& path) {
            if (seconds <= last) return;
            last = seconds;
            where = path;
        };
        if (lastlog) {
            take(lastlog_time(*lastlog, account.uid).value_or(0), "/var/log/lastlog");
            // A record that could lie beyond what was read is not one that is known to be empty.
            complete = lastlog->size() < most_lastlog_bytes || account.uid < most_lastlog_bytes / 292;
        }
        for (const auto& record : records) {
            const auto found = record.logins.last_by_name.find(account.name);
            if (found != record.logins.last_by_name.end()) take(found->second, record.path);
            complete = complete || record.complete;
            if (record.logins.since) since = std::min(since.value_or(*record.logins.since), *record.logins.since);
        }
        const Value records_since = complete ? Value{std::int64_t{0}} : since ? Value{*since / seconds_a_day} : Value{};
        table.rows.push_back({account.name, std::int64_t{account.uid}, last > 0 ? Value{last / seconds_a_day} : Value{},
                              records_since, where});
    }
    return {table};
}

}  // namespace

extern constexpr Collector account_activity{
    .name = "account_activity",
    .version = 2,
    .tables = tables,
    .needs = Capability::dac_read_search,
    .sources = "/etc/passwd and what nsswitch.conf names beside it, /var/log/lastlog, /var/lib/lastlog/lastlog2.db, /var/lib/wtmpdb/wtmp.db, /var/log/wtmp",
    .collect = collect};

}  // namespace annexa::collectors
