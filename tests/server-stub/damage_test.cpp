// One store, and whatever one changed byte, row or file can do to it: annexa-server check names the place and exits 1.
// Each line of the lists is a case. A column is in the list of damages or among those that check cannot tell, which
// docs/ARCHITECTURE.md lists for users: a test holds the two against the schema.
#include "evidence/errors.hpp"
#include "server-stub/files.hpp"
#include "server-stub/storage/blob_folder.hpp"
#include "server-stub/storage/memory_store.hpp"
#include "server-stub/storage/sqlite_store.hpp"
#include "server-stub/store_commands.hpp"
#include "tests/server-stub/test_site.hpp"
#include "tests/support/printed.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sqlite3.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;
using annexa::test::Printed;

namespace {

struct Damage {
    std::string table;
    std::string column;  // "*": the whole row
    std::string how;     // flip: a bit of the first byte; flip N: of byte N; delete; add SELECT; else the new value
    std::string where;
    std::string named;  // a place that check must name
};

// web1 was enrolled twice, db1 is retired; {web1.old}, {web1}, {db1} in a place are enrolments. Entries: 0 mark,
// 1 mark, 2 web1 enrolled, 4 and 6 its statements, 8 it is enrolled anew, 10 and 12 statements, 14 db1 enrolled, 16 its
// statement, 18 it is retired, 20 an adoption, 22 a waiver, 24 the account of eve.
const std::vector<Damage> damages{
    {"entries", "bytes", "flip 40", "idx = 6", "entry 6"},
    {"entries", "idx", "99", "idx = 6", "entry 6"},
    {"tiles", "hashes", "flip 100", "level = 0", "tile/0/000.p/25"},
    {"tiles", "level", "1", "level = 0", "tile/0/000.p/25"},
    {"tiles", "number", "1", "level = 0", "tile/0/000.p/25"},
    {"marks", "time", "time + 1", "idx = 5", "mark row 5"},
    {"marks", "idx", "4", "idx = 5", "mark row 5"},
    {"marks", "*", "delete", "idx = 5", "mark row 5"},
    {"marks", "*", "add VALUES (6, 0)", "", "mark row 6"},
    {"marks", "*", "add VALUES (500, 0)", "", "mark row 500"},
    {"log", "size", "size - 1", "1", "checkpoint"},
    {"log", "root", "flip", "1", "checkpoint"},
    {"log", "checkpoint", "flip", "1", "checkpoint"},
    {"log", "checkpoint", "flip 60", "1", "checkpoint"},
    {"log", "evaluated", "evaluated + 1", "1", "evaluated"},
    {"log", "evaluated", "evaluated - 1", "1", "evaluated"},
    {"log", "evaluated_again", "evaluated + 1", "1", "evaluated"},
    {"log", "*", "delete", "1", "database"},

    {"hosts", "id", "flip", "name = 'web1'", "host {web1.host}"},
    {"hosts", "name", "'mail1'", "name = 'web1'", "host {web1.host}"},
    {"hosts", "name", "flip 3", "name = 'db1'", "host {db1.host}"},
    {"hosts", "enrolment", "flip", "name = 'web1'", "host {web1.host}"},
    {"hosts", "enrolment", "(SELECT id FROM enrolments WHERE idx = 2)", "name = 'web1'", "host {web1.host}"},
    {"hosts", "first_seen", "first_seen + 1", "name = 'web1'", "host {web1.host}"},
    {"hosts", "last_seen", "last_seen + 1", "name = 'web1'", "host {web1.host}"},
    {"hosts", "last_seen", "NULL", "name = 'db1'", "host {db1.host}"},
    {"hosts", "retired", "1", "name = 'web1'", "host {web1.host}"},
    {"hosts", "retired", "0", "name = 'db1'", "host {db1.host}"},
    {"hosts", "*", "delete", "name = 'db1'", "host {db1.host}"},
    {"hosts", "*", "add SELECT 'ghost', name, tags, enrolment, first_seen, last_seen, retired FROM hosts LIMIT 1", "",
     "host ghost"},

    {"enrolments", "id", "flip", "idx = 8", "enrolment {web1}"},
    {"enrolments", "host", "flip", "idx = 8", "enrolment {web1}"},
    {"enrolments", "idx", "9", "idx = 8", "enrolment {web1}"},
    {"enrolments", "evidence_key", "flip 20", "idx = 8", "enrolment {web1}"},
    {"enrolments", "key_id", "flip", "idx = 8", "enrolment {web1}"},
    {"enrolments", "tls_key_id", "flip", "idx = 8", "enrolment {web1}"},
    {"enrolments", "certificate", "flip 3", "idx = 8", "enrolment {web1}"},
    {"enrolments", "certificate", "flip 200", "idx = 8", "enrolment {web1}"},
    {"enrolments", "certificate", "flip 1100", "idx = 8", "enrolment {web1}"},
    {"enrolments", "certificate", "certificate || ' '", "idx = 8", "enrolment {web1}"},
    {"enrolments", "certificate", "(SELECT certificate FROM enrolments WHERE idx = 14)", "idx = 8", "enrolment {web1}"},
    {"enrolments", "token", "flip", "idx = 8", "enrolment {web1}"},
    {"enrolments", "machine", "flip", "idx = 8", "enrolment {web1}"},
    {"enrolments", "machine", "NULL", "idx = 14", "enrolment {db1}"},
    {"enrolments", "replaces", "flip", "idx = 8", "enrolment {web1}"},
    {"enrolments", "replaces", "NULL", "idx = 8", "enrolment {web1}"},
    {"enrolments", "made_at", "made_at + 1", "idx = 8", "enrolment {web1}"},
    {"enrolments", "state", "flip", "idx = 8", "enrolment {web1}"},
    {"enrolments", "state", "'revoked'", "idx = 8", "enrolment {web1}"},
    {"enrolments", "state", "'active'", "idx = 2", "enrolment {web1.old}"},
    {"enrolments", "state", "'active'", "idx = 14", "enrolment {db1}"},
    {"enrolments", "compromised_since", "4", "idx = 8", "enrolment {web1}"},
    {"enrolments", "closed_at", "closed_at + 1", "idx = 2", "enrolment {web1.old}"},
    {"enrolments", "closed_at", "NULL", "idx = 14", "enrolment {db1}"},
    {"enrolments", "closed_at", "5", "idx = 8", "enrolment {web1}"},
    {"enrolments", "head_sequence", "1", "idx = 8", "enrolment {web1}"},
    {"enrolments", "head_digest", "flip", "idx = 8", "enrolment {web1}"},
    {"enrolments", "head_idx", "10", "idx = 8", "enrolment {web1}"},
    {"enrolments", "boots", "'[]'", "idx = 8", "enrolment {web1}"},
    {"enrolments", "boots", "flip 10", "idx = 8", "enrolment {web1}"},
    {"enrolments", "*", "delete", "idx = 2", "enrolment {web1.old}"},
    {"enrolments", "*",
     "add SELECT zeroblob(32), 'ghost', 77, evidence_key, zeroblob(32), tls_key_id, certificate, token, machine, "
     "replaces, made_at, state, compromised_since, closed_at, head_sequence, head_digest, head_idx, boots, quota_left, "
     "quota_at FROM enrolments LIMIT 1",
     "", "enrolment 0000000000000000000000000000000000000000000000000000000000000000"},

    {"statements", "idx", "11", "idx = 10", "statement row 10"},
    {"statements", "idx", "1000", "idx = 10", "statement row 1000"},
    {"statements", "host", "flip", "idx = 10", "statement row 10"},
    {"statements", "enrolment", "flip", "idx = 12", "statement row 12"},
    {"statements", "sequence", "7", "idx = 12", "statement row 12"},
    {"statements", "digest", "flip", "idx = 10", "statement row 10"},
    {"statements", "previous", "flip", "idx = 10", "statement row 10"},
    {"statements", "made_at", "made_at + 1", "idx = 10", "statement row 10"},
    {"statements", "log_size", "log_size + 1", "idx = 10", "statement row 10"},
    {"statements", "not_before", "not_before + 1", "idx = 10", "statement row 10"},
    {"statements", "logged_at", "logged_at + 1", "idx = 10", "statement row 10"},
    {"statements", "host_name", "flip", "idx = 10", "statement row 10"},
    {"statements", "agent_version", "flip", "idx = 10", "statement row 10"},
    {"statements", "clock_synchronized", "0", "idx = 10", "statement row 10"},
    {"statements", "clock_synchronized", "NULL", "idx = 10", "statement row 10"},
    {"statements", "due", "'[]'", "idx = 10", "statement row 10"},
    {"statements", "remarks", "'[]'", "idx = 10", "statement row 10"},
    {"statements", "remarks", "'[\"alarm\"]'", "idx = 12", "statement row 12"},
    {"statements", "results", "flip 30", "idx = 10", "statement row 10"},
    {"statements", "results", "replace(results, '\"written_out\":10', '\"written_out\":4')", "idx = 10",
     "statement row 10"},
    {"statements", "results", "replace(results, '\"written_out\":10', '\"written_out\":4')", "idx = 12",
     "statement row 12"},
    {"statements", "*", "delete", "idx = 10", "statement row 10"},

    {"host_collectors", "host", "flip", "collector = 'kernel'", "collector kernel of host {web1.host}"},
    {"host_collectors", "collector", "flip", "collector = 'kernel'", "collector kernel of host {web1.host}"},
    {"host_collectors", "first_idx", "first_idx + 1", "collector = 'kernel'", "collector kernel of host {web1.host}"},
    {"host_collectors", "last_idx", "last_idx - 1", "collector = 'kernel'", "collector kernel of host {web1.host}"},
    {"host_collectors", "*", "delete", "collector = 'kernel'", "collector kernel of host {web1.host}"},
    {"host_collectors", "*", "add SELECT host, 'ghost', 4, 4 FROM host_collectors WHERE collector = 'kernel'", "",
     "collector ghost of host {web1.host}"},

    {"holdings", "host", "flip", "digest = {ada.sql}", "table {ada}"},
    {"holdings", "digest", "flip", "digest = {ada.sql}", "table {ada}"},
    {"holdings", "name", "'groups'", "digest = {ada.sql}", "table {ada}"},
    {"holdings", "name", "flip 2", "digest = {bob.sql}", "table {bob}"},
    {"holdings", "bytes", "bytes + 1", "digest = {ada.sql}", "table {ada}"},
    {"holdings", "bytes", "bytes + 1", "digest = {eve.sql}", "table {eve}"},
    {"holdings", "named", "6", "digest = {ada.sql}", "table {ada}"},
    {"holdings", "named", "12", "digest = {ada.sql}", "table {ada}"},
    {"holdings", "named", "NULL", "digest = {ada.sql}", "table {ada}"},
    {"holdings", "named", "10", "digest = {eve.sql}", "table {eve}"},
    {"holdings", "*", "delete", "digest = {bob.sql}", "table {bob}"},

    {"decisions", "idx", "21", "kind = 'waiver'", "decision row 22"},
    {"decisions", "idx", "500", "kind = 'waiver'", "decision row 500"},
    {"decisions", "kind", "flip", "kind = 'waiver'", "decision row 22"},
    {"decisions", "subject", "flip", "kind = 'waiver'", "decision row 22"},
    {"decisions", "decision", "'approved'", "kind = 'waiver'", "decision row 22"},
    {"decisions", "document", "flip", "kind = 'adoption'", "decision row 20"},
    {"decisions", "account", "flip", "kind = 'waiver'", "decision row 22"},
    {"decisions", "at", "at + 1", "kind = 'waiver'", "decision row 22"},
    {"decisions", "*", "delete", "kind = 'adoption'", "decision row 20"},
    {"decisions", "*", "add SELECT 5, kind, 'other', decision, document, account, at FROM decisions LIMIT 1", "",
     "decision row 5"},

    {"history", "id", "77", "id = 1", "history row 1"},
    {"history", "host", "flip", "id = 1", "history row 1"},
    {"history", "check_id", "flip", "id = 1", "history row 1"},
    {"history", "state", "'pass'", "id = 1", "history row 1"},
    {"history", "from_at", "from_at + 1", "id = 1", "history row 1"},
    {"history", "to_at", "5", "id = 1", "history row 1"},
    {"history", "from_idx", "from_idx + 1", "id = 1", "history row 1"},
    {"history", "to_idx", "5", "id = 1", "history row 1"},
    {"history", "known", "known + 1", "id = 1", "history row 1"},
    {"history", "superseded", "5", "id = 1", "history row 1"},
    {"history", "detail", "flip 5", "id = 1", "history row 1"},
    {"history", "integrity", "flip", "id = 1", "history row 1"},
    {"history", "*", "delete", "id = 1", "history row 1"},
    {"history", "*", "delete", "id = 2", "history row 2"},
    {"findings", "id", "77", "id = 1", "finding row 1"},
    {"findings", "host", "flip", "id = 1", "finding row 1"},
    {"findings", "check_id", "flip", "id = 1", "finding row 1"},
    {"findings", "key", "flip 4", "id = 1", "finding row 1"},
    {"findings", "opened", "opened + 1", "id = 1", "finding row 1"},
    {"findings", "closed", "5", "id = 1", "finding row 1"},
    {"findings", "opened_idx", "opened_idx + 1", "id = 1", "finding row 1"},
    {"findings", "closed_idx", "5", "id = 1", "finding row 1"},
    {"findings", "known", "known + 1", "id = 1", "finding row 1"},
    {"findings", "superseded", "5", "id = 1", "finding row 1"},
    {"findings", "detail", "flip 5", "id = 1", "finding row 1"},
    {"findings", "integrity", "flip", "id = 1", "finding row 1"},
    {"findings", "*", "delete", "id = 1", "finding row 1"},

    {"settings", "name", "flip", "name = 'organization'", "setting organization"},
    {"settings", "name", "flip", "name = 'origin'", "setting origin"},
    {"settings", "name", "flip", "name = 'names'", "setting names"},
    {"settings", "name", "flip", "name = 'log_key'", "setting log_key"},
    {"settings", "name", "flip", "name = 'record_key'", "setting record_key"},
    {"settings", "name", "flip", "name = 'recovery_key'", "setting recovery_key"},
    {"settings", "name", "flip", "name = 'local_account'", "setting local_account"},
    {"settings", "name", "flip", "name = 'digests'", "setting digests"},
    {"settings", "value", "flip", "name = 'organization'", "setting organization"},
    {"settings", "value", "flip 9", "name = 'origin'", "setting origin"},
    {"settings", "value", "flip 2", "name = 'names'", "setting names"},
    {"settings", "value", "flip 60", "name = 'log_key'", "setting log_key"},
    {"settings", "value", "flip 30", "name = 'record_key'", "setting record_key"},
    {"settings", "value", "flip 30", "name = 'recovery_key'", "setting recovery_key"},
    {"settings", "value", "flip 30", "name = 'local_account'", "setting local_account"},
    {"settings", "value", "flip", "name = 'digests'", "setting digests"},
    {"settings", "*", "delete", "name = 'record_key'", "setting record_key"},
    {"settings", "*", "add VALUES ('restorer', 'x')", "", "setting restorer"},

    {"tokens", "id", "flip", "role = 'agent'", "enrolment {web1}"},
    {"tokens", "role", "flip", "role = 'agent'", "token {token}"},
    {"tokens", "account", "flip", "role = 'admin'", "account A0000000-0000-4000-8000-0000000000bb"},
    {"tokens", "*", "delete", "role = 'agent'", "enrolment {web1}"},
    {"tokens", "kind", "flip", "role = 'agent'", "token {token}"},
    {"tokens", "begun_by", "'gone'", "role = 'agent'", "token {token}"},
    {"accounts", "id", "flip", "login IS NULL", "account {account}"},
    {"accounts", "role", "flip", "login IS NULL", "account {account}"},
    {"accounts", "role", "'admin'", "login = 'eve'", "account {account.eve}"},
    {"accounts", "disabled", "1", "login = 'eve'", "account {account.eve}"},
    {"accounts", "*", "delete", "login IS NULL", "account {account}"},
    {"accounts", "*", "delete", "login = 'eve'", "account {account.eve}"},
    {"accounts", "*", "add VALUES ('ghost', 'ghost', 'admin', 0, 'ghost', 0)", "", "account ghost"},
};

// What nothing else says; docs/ARCHITECTURE.md tells users what that means for them.
const std::set<std::string> cannot_tell{
    "accounts.login",
    "accounts.made_at",
    "accounts.name",
    "credentials.account",
    "credentials.code_key",
    "credentials.code_step",
    "credentials.password",
    "enrolments.quota_at",
    "enrolments.quota_left",
    "holdings.put_at",
    "hosts.tags",
    "log.id",           // held to 1 by the schema
    "log.staged_root",  // what is staged is nobody's yet, and the next commit takes its place
    "log.staged_size",
    "token_uses.token",
    "token_uses.user",
    "tokens.expires",
    "tokens.host",
    "tokens.idle_ms",
    "tokens.made_at",
    "tokens.name",
    "tokens.paths",
    "tokens.revoked",
    "tokens.secret",
    "tokens.used_at",
    "tokens.uses",
    "tokens.uses_allowed",
};

constexpr const char* eve_account = "00000000-0000-4000-8000-0000000000dd";

void replace_all(std::string& text, const std::string& what, const std::string& with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
        text.replace(at, what.size(), with);
}

std::string sql_bytes(const Digest& digest) { return "x'" + digest.hex() + "'"; }

evidence::Statement remarked(evidence::Statement statement) {
    statement.due = {"packages"};
    evidence::Dropped dropped;
    dropped.collector = "packages";
    dropped.count = 1;
    dropped.reason = "disk_full";
    dropped.from = statement.made_at;
    dropped.to = statement.made_at;
    statement.dropped = {dropped};
    return statement;
}

/// The store that is damaged, made once; each case has a copy.
class Whole {
  public:
    Whole() {
        const DataFolder data{folder_ / "data"};
        data.make();
        SQLiteStore store{data.database(), SQLiteStore::Mode::create};
        BlobFolder blobs{data.blobs()};
        Site site{store, blobs};
        site.initialise();
        for (const auto& [name, bytes] : site.key_files()) write_file(data.keys() / name, bytes, 0600);
        fill(site);
    }

    [[nodiscard]] std::filesystem::path copy(const std::filesystem::path& to) const {
        std::filesystem::copy(folder_ / "data", to, std::filesystem::copy_options::recursive);
        return to;
    }
    [[nodiscard]] std::string filled_in(std::string text) const {
        for (const auto& [name, value] : names_) replace_all(text, "{" + name + "}", value);
        return text;
    }

  private:
    void fill(Site& site) {
        const PackedTable ada = users_table("ada");
        const PackedTable bob = users_table("bob");
        const PackedTable eve = users_table("eve");
        const auto deliver = [&](TestHost& host, const evidence::Statement& statement) {
            site.clock.advance(std::chrono::minutes{7});
            if (outcome(host.deliver(statement)) != "accepted") throw evidence::error("not accepted");
        };
        TestHost web{site, evidence::random_uuid(), "web1"};
        const std::string old = web.enrolment_.hex();
        web.put(ada);
        deliver(web, web.next({web.result("users", {ada.ref()}), web.result("kernel")}));
        deliver(web, web.next({web.result("kernel")}));
        web.key_ = evidence::PrivateKey::generate();
        site.clock.advance(std::chrono::minutes{7});
        web.enrol(evidence::EnrolmentRecord::Replaces{web.enrolment_, web.chain_.sequence, web.chain_.digest});
        const evidence::Result users = web.result("users", {ada.ref()});
        deliver(web, remarked(web.next({users})));
        deliver(web, web.next({TestHost::same_as(users, 1), web.result("kernel")}));
        web.put(eve);  // and no statement names it

        TestHost db{site, evidence::random_uuid(), "db1"};
        db.put(bob);
        deliver(db, db.next({db.result("users", {bob.ref()})}));
        retire(site, db);
        decide(site);
        add_account(site);
        derive(site, web.id_);
        Token admin;
        admin.id = "00000000-0000-4000-8000-0000000000cc";
        admin.secret = evidence::sha256("another");
        admin.role = "admin";
        admin.account = site_account;
        site.store.add_token(admin);
        names_ = {{"web1.host", web.id_},
                  {"web1.old", old},
                  {"web1", web.enrolment_.hex()},
                  {"db1.host", db.id_},
                  {"db1", db.enrolment_.hex()},
                  {"ada", ada.digest.hex()},
                  {"ada.sql", sql_bytes(ada.digest)},
                  {"bob", bob.digest.hex()},
                  {"bob.sql", sql_bytes(bob.digest)},
                  {"eve", eve.digest.hex()},
                  {"eve.sql", sql_bytes(eve.digest)},
                  {"document", document_.hex()},
                  {"token", site_token},
                  {"account", site_account},
                  {"account.eve", eve_account}};
    }

    static void log(Site& site, const std::string& payload, Change change) {
        site.clock.advance(std::chrono::minutes{7});
        site.log->append({{evidence::entry(evidence::seal(payload, site.record_key)), std::move(change)}});
    }

    static void retire(Site& site, const TestHost& host) {
        const evidence::RetirementRecord record{host.enrolment_, host.id_, {site_account, "s"}, site.clock.now()};
        log(site, evidence::serialise(record),
            EnrolmentClosed{host.enrolment_, EnrolmentState::retired, {}, record.made_at});
    }

    void decide(Site& site) {
        const evidence::PolicyRecord policy{
            evidence::sha256("pack"), "linux-baseline", "2026.11.0", "{}", {}, {}, std::nullopt,
            {site_account, "s"},      site.clock.now()};
        log(site, evidence::serialise(policy),
            Decision{"adoption", policy.name, "adopted", policy.pack, site_account, policy.made_at, 0});
        const std::string document = R"({"reason":"break-glass"})";
        document_ = evidence::sha256(document);
        site.blobs.put(document_, document);
        const evidence::DecisionRecord waiver{"waiver",   document_,           evidence::random_uuid(),
                                              "proposed", {site_account, "s"}, site.clock.now()};
        log(site, evidence::serialise(waiver),
            Decision{"waiver", waiver.id, "proposed", document_, site_account, waiver.made_at, 0});
    }

    static void add_account(Site& site) {
        const std::string document =
            R"({"account":")" + std::string{eve_account} + R"(","disabled":false,"role":"reader"})";
        const Digest digest = evidence::sha256(document);
        site.blobs.put(digest, document);
        const evidence::DecisionRecord record{"account",           digest,          eve_account, "added",
                                              {site_account, "s"}, site.clock.now()};
        AccountChanged change;
        change.decision = {"account", record.id, "added", digest, site_account, record.made_at, 0};
        change.account = Account{eve_account, "Eve", "reader", record.made_at, "eve"};
        log(site, evidence::serialise(record), change);
    }

    static void derive(Site& site, const std::string& host) {
        HistoryRow row;
        row.host = host;
        row.check = "ssh-root-login";
        row.state = "fail";
        row.from = site.clock.now();
        row.from_index = 4;
        row.known = 7;
        row.detail = R"({"population":1})";
        HistoryRow second = row;
        second.check = "ssh-empty-passwords";
        FindingRow finding;
        finding.host = host;
        finding.check = row.check;
        finding.key = R"(["PermitRootLogin"])";
        finding.opened = row.from;
        finding.opened_index = 4;
        finding.known = 7;
        finding.detail = R"(["PermitRootLogin","yes","no"])";
        site.store.record({site.store.log_head().tree.size, {row, second}, {}, {finding}, {}});
    }

    annexa::test::TemporaryDirectory folder_;
    std::map<std::string, std::string> names_;
    Digest document_;
};

const Whole& whole() {
    static const Whole made;
    return made;
}

void execute(const std::filesystem::path& data, const std::string& sql) {
    sqlite3* handle = nullptr;
    REQUIRE(sqlite3_open((data / "store.db").c_str(), &handle) == SQLITE_OK);
    char* message = nullptr;
    const int result = sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &message);
    INFO(sql << ": " << (message == nullptr ? "" : message));
    CHECK(result == SQLITE_OK);
    CHECK(sqlite3_changes(handle) == 1);
    sqlite3_free(message);
    sqlite3_close(handle);
}

std::string flipped(const std::string& column, int at) {
    const std::string bytes = "CAST(" + column + " AS BLOB)";
    const std::string byte = "substr(" + bytes + ", " + std::to_string(at + 1) + ", 1)";
    const std::string changed = "substr(" + bytes + ", 1, " + std::to_string(at) + ") || CASE hex(" + byte +
                                ") WHEN '41' THEN x'42' ELSE x'41' END || substr(" + bytes + ", " +
                                std::to_string(at + 2) + ")";
    return "CASE typeof(" + column + ") WHEN 'text' THEN CAST(" + changed + " AS TEXT) ELSE CAST(" + changed +
           " AS BLOB) END";
}

void inflict(const Damage& damage, const std::filesystem::path& data) {
    const std::string where = " WHERE " + whole().filled_in(damage.where);
    if (damage.how == "delete") return execute(data, "DELETE FROM " + damage.table + where);
    if (damage.how.starts_with("add "))
        return execute(data, "INSERT INTO " + damage.table + " " + damage.how.substr(4));
    std::string value = damage.how;
    if (damage.how.starts_with("flip"))
        value = flipped(damage.column, damage.how == "flip" ? 0 : std::stoi(damage.how.substr(5)));
    execute(data, "UPDATE " + damage.table + " SET " + damage.column + " = " + value + where);
}

struct Checked {
    int exit_code = -1;
    std::set<std::string> places;
    std::string text;
};

Checked checked(const std::filesystem::path& data) {
    Configuration configuration;
    configuration.data = data;
    const Printed printed;
    Checked result;
    result.exit_code = command_check(configuration, true);
    result.text = printed.text();
    const nlohmann::json said = nlohmann::json::parse(result.text);
    for (const auto& problem : said["problems"]) result.places.insert(problem["place"].get<std::string>());
    return result;
}

void change_byte(const std::filesystem::path& file, std::size_t at) {
    std::string bytes = read_file(file, 1 << 20);
    REQUIRE(at < bytes.size());
    bytes[at] = bytes[at] == 'A' ? 'B' : 'A';
    std::filesystem::remove(file);
    write_file(file, bytes, 0600);
}

}  // namespace

TEST_CASE("damage: the store that is damaged is whole before", "[check]") {
    const annexa::test::TemporaryDirectory folder;
    const Checked result = checked(whole().copy(folder / "data"));
    INFO(result.text);
    CHECK(result.exit_code == 0);
    CHECK(result.places.empty());
}

TEST_CASE("damage: whatever is changed in a row of the store is named", "[check]") {
    for (const Damage& damage : damages) {
        DYNAMIC_SECTION(damage.table << "." << damage.column << " " << damage.how << " where " << damage.where) {
            const annexa::test::TemporaryDirectory folder;
            const std::filesystem::path data = whole().copy(folder / "data");
            inflict(damage, data);
            const Checked result = checked(data);
            INFO(result.text);
            CHECK(result.exit_code == 1);
            CHECK(result.places.contains(whole().filled_in(damage.named)));
        }
    }
}

TEST_CASE("damage: every column of the schema is in the list, or among those that check cannot tell", "[check]") {
    std::set<std::string> listed = cannot_tell;
    for (const Damage& damage : damages)
        if (damage.column != "*") {
            INFO(damage.table << "." << damage.column << " is named as one that check cannot tell");
            CHECK_FALSE(cannot_tell.contains(damage.table + "." + damage.column));
            listed.insert(damage.table + "." + damage.column);
        }
    const annexa::test::TemporaryDirectory folder;
    sqlite3* handle = nullptr;
    REQUIRE(sqlite3_open((whole().copy(folder / "data") / "store.db").c_str(), &handle) == SQLITE_OK);
    std::set<std::string> schema;
    const auto take = [](void* to, int, char** values, char**) {
        static_cast<std::set<std::string>*>(to)->insert(values[0]);
        return 0;
    };
    CHECK(
        sqlite3_exec(handle,
                     "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = "
                     "'table' AND t.name NOT LIKE 'sqlite_%'",
                     take, &schema, nullptr) == SQLITE_OK);
    sqlite3_close(handle);
    CHECK(listed == schema);
}

TEST_CASE("damage: a changed byte of a key, a certificate or a document is named", "[check]") {
    for (const std::string name : {"log.pem", "record.pem", "ca.pem", "ca.crt", "server.pem"}) {
        const std::size_t size =
            read_file(whole().copy(annexa::test::TemporaryDirectory{} / "data") / "keys" / name, 65536).size();
        for (std::size_t at = 2; at < size; at += 113) {
            const annexa::test::TemporaryDirectory folder;
            const std::filesystem::path data = whole().copy(folder / "data");
            change_byte(data / "keys" / name, at);
            const Checked result = checked(data);
            INFO(name << ", byte " << at << ": " << result.text);
            CHECK(result.exit_code == 1);
            CHECK(result.places == std::set<std::string>{"keys/" + name});
        }
        const annexa::test::TemporaryDirectory folder;
        const std::filesystem::path data = whole().copy(folder / "data");
        std::filesystem::remove(data / "keys" / name);
        CHECK(checked(data).places == std::set<std::string>{"keys/" + name});
    }
    for (const char* name : {"{document}", "{ada}"}) {
        const annexa::test::TemporaryDirectory folder;
        const std::filesystem::path data = whole().copy(folder / "data");
        const Digest digest = Digest::from_hex(whole().filled_in(name));
        const std::filesystem::path file = BlobFolder{data / "blobs"}.path_of(digest);
        const std::string place = (std::string{name} == "{ada}" ? "table " : "blob ") + digest.hex();
        change_byte(file, 12);
        CHECK(checked(data).places == std::set<std::string>{place});
        std::filesystem::remove(file);
        CHECK(checked(data).places == std::set<std::string>{place});
    }
}

TEST_CASE("damage: keys of another store are none of this one", "[check]") {
    const annexa::test::TemporaryDirectory folder;
    MemoryStore store;
    MemoryBlobs blobs;
    const Site other{store, blobs};
    for (const std::string name : {"log.pem", "record.pem"}) {
        const std::filesystem::path data = whole().copy(folder / name);
        std::filesystem::remove(data / "keys" / name);
        write_file(data / "keys" / name, other.key_files().at(name), 0600);
        CHECK(checked(data).places == std::set<std::string>{"keys/" + name});
    }
    // Another authority, whole in itself: it is not the one that certified the hosts.
    const std::filesystem::path data = whole().copy(folder / "data");
    for (const std::string name : {"ca.pem", "ca.crt", "server.pem"}) {
        std::filesystem::remove(data / "keys" / name);
        write_file(data / "keys" / name, other.key_files().at(name), 0600);
    }
    CHECK(checked(data).places.contains(whole().filled_in("enrolment {web1}")));
}

TEST_CASE("damage: a database that cannot be opened is a finding, not a failure of the command", "[check]") {
    // Its magic, the version of its format, user_version, application_id, the page of the schema.
    for (const std::size_t at : {0U, 19U, 60U, 68U, 100U}) {
        const annexa::test::TemporaryDirectory folder;
        const std::filesystem::path data = whole().copy(folder / "data");
        change_byte(data / "store.db", at);
        const Checked result = checked(data);
        INFO("byte " << at << ": " << result.text);
        CHECK(result.exit_code == 1);
        CHECK_FALSE(result.places.empty());
    }
}
