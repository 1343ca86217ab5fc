#include "policies/database.hpp"
#include "tests/policies/support.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::policies;
using annexa::policies::testing::schemas;

namespace {

const evidence::Instant now = policies::testing::at("2026-11-24T00:00:00Z");

EvaluationDatabase filled(TableForm form = TableForm::evidence) {
    EvaluationDatabase database{schemas(), form};
    for (const auto& [name, table] :
         policies::testing::host_with({policies::testing::user("root", 0), policies::testing::user("alice", 1000)})
             .tables)
        database.load(*table);
    return database;
}

QueryResult run(const std::string& sql, const Parameters& parameters = {}) {
    return filled().run(sql, parameters, now);
}

std::string refusal(const std::string& sql, TableForm form = TableForm::evidence) {
    EvaluationDatabase database = filled(form);
    try {
        database.run(sql, {}, now);
        return "";
    } catch (const query_error& problem) {
        return problem.what();
    }
}

}  // namespace

TEST_CASE("a query sees the host's tables") {
    const QueryResult result = run("SELECT username AS name, uid FROM users ORDER BY uid");
    CHECK(result.columns == std::vector<std::string>{"name", "uid"});
    CHECK(result.rows == std::vector<evidence::Row>{{"root", std::int64_t{0}}, {"alice", std::int64_t{1000}}});
    CHECK(run("SELECT count(*) FROM USERS").rows.at(0).at(0) == evidence::Value{std::int64_t{2}});
}

TEST_CASE("a query can do nothing but read the host's tables") {
    for (const char* sql : {"INSERT INTO users VALUES ('x', 1, '', 1)",
                            "UPDATE users SET uid = 0",
                            "DELETE FROM users",
                            "DROP TABLE users",
                            "CREATE TABLE t (a)",
                            "CREATE TEMP TABLE t (a)",
                            "CREATE VIEW v AS SELECT 1",
                            "ALTER TABLE users RENAME TO u",
                            "ATTACH ':memory:' AS other",
                            "ATTACH '/tmp/annexa-escape' AS other",
                            "DETACH main",
                            "PRAGMA user_version",
                            "PRAGMA writable_schema = 1",
                            "VACUUM",
                            "VACUUM INTO '/tmp/annexa-escape'",
                            "ANALYZE",
                            "REINDEX",
                            "BEGIN",
                            "COMMIT",
                            "SAVEPOINT s",
                            "EXPLAIN SELECT 1",
                            "EXPLAIN QUERY PLAN SELECT * FROM users",
                            "WITH x AS (SELECT 1) DELETE FROM users",
                            "SELECT 1; DELETE FROM users",
                            "SELECT 1; SELECT 2",
                            "",
                            ";",
                            "-- nothing"}) {
        INFO(sql);
        CHECK_FALSE(refusal(sql).empty());
        CHECK_FALSE(refusal(sql, TableForm::full).empty());
    }
    for (const char* table : {"sqlite_master", "sqlite_schema", "sqlite_temp_master", "SQLITE_MASTER",
                              "pragma_table_info('users')", "pragma_database_list", "pragma_function_list", "dbstat",
                              "sqlite_dbpage", "bytecode('SELECT 1')", "fts3tokenize", "generate_series(1, 2)"}) {
        INFO(table);
        CHECK_FALSE(refusal(std::string{"SELECT * FROM "} + table).empty());
        CHECK_FALSE(refusal(std::string{"SELECT count(*) FROM "} + table).empty());
        CHECK_FALSE(refusal(std::string{"SELECT 1 FROM "} + table, TableForm::full).empty());
    }
}

TEST_CASE("no function of a check knows a clock, chance, a file or the connection") {
    for (const char* call : {"random()",
                             "randomblob(4)",
                             "date('now')",
                             "datetime('now')",
                             "time()",
                             "strftime('%s')",
                             "julianday()",
                             "unixepoch()",
                             "date(0, 'unixepoch', 'localtime')",
                             "CURRENT_TIMESTAMP",
                             "CURRENT_DATE",
                             "load_extension('x')",
                             "readfile('/etc/passwd')",
                             "writefile('x', 'y')",
                             "edit('x')",
                             "last_insert_rowid()",
                             "changes()",
                             "total_changes()",
                             "sqlite_version()",
                             "sqlite_source_id()",
                             "sqlite_compileoption_get(1)",
                             "zeroblob(1)",
                             "fts3_tokenizer('x')",
                             "rtreenode(1, 2)",
                             "soundex('x')",
                             "sqlite_offset(uid)",
                             "load_extension('x', 'y')"}) {
        INFO(call);
        CHECK_FALSE(refusal(std::string{"SELECT "} + call + " FROM users").empty());
    }
    CHECK(refusal("SELECT date('now')") == "the function date reads a clock or a time zone: use :now and utc_date()");
}

TEST_CASE("for people's queries the connection's clock stands at now") {
    EvaluationDatabase database = filled(TableForm::full);
    CHECK(database.run("SELECT datetime('now'), unixepoch()", {}, now).rows.at(0) ==
          evidence::Row{"2026-11-24 00:00:00", evidence::unix_seconds(now)});
}

TEST_CASE("utc_date prints a day, and nothing for what is no time") {
    CHECK(run("SELECT utc_date(:now), utc_date(NULL), utc_date('x'), utc_date(999999999999999)").rows.at(0) ==
          evidence::Row{"2026-11-24", std::monostate{}, std::monostate{}, std::monostate{}});
}

TEST_CASE("volatile columns are there for people and not for checks") {
    CHECK(refusal("SELECT pid FROM processes") == "no such column: pid");
    EvaluationDatabase database{schemas(), TableForm::full};
    CHECK(database.examine("SELECT pid FROM processes").reads.at("processes") == std::set<std::string>{"pid"});
}

TEST_CASE("a misspelt column in double quotes is an error and no string") {
    CHECK(refusal("SELECT username FROM users WHERE \"uidd\" = 0") == "no such column: uidd");
}

TEST_CASE("a query ends after its steps, rows and bytes") {
    EvaluationDatabase database = filled();
    const std::string endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    QueryLimits few;
    few.steps = 100'000;
    CHECK_THROWS_WITH(database.run(endless, {}, now, few), Catch::Contains("100000 steps"));
    CHECK_THROWS_WITH(database.count(endless, {}, now, few), Catch::Contains("100000 steps"));
    const std::string numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ";
    CHECK(database.run(numbers + "10000) SELECT i FROM n", {}, now).rows.size() == 10000);
    CHECK_THROWS_WITH(database.run(numbers + "10001) SELECT i FROM n", {}, now), Catch::Contains("10000 rows"));
    CHECK_THROWS_WITH(database.run(numbers + "200) SELECT printf('%.*c', 10000, 'x') FROM n", {}, now),
                      Catch::Contains("1048576 bytes"));
    CHECK_THROWS_WITH(
        database.run("SELECT length(replace(printf('%.*c', 100000, 'x'), 'x', 'twenty characters...'))", {}, now),
        Catch::Contains("too big"));
    CHECK_THROWS_WITH(database.run("SELECT 9e999", {}, now), Catch::Contains("not finite"));
    // And is usable afterwards.
    CHECK(database.run("SELECT count(*) FROM users", {}, now).rows.at(0).at(0) == evidence::Value{std::int64_t{2}});
}

TEST_CASE("a query cannot fill the memory") {
    EvaluationDatabase database = filled();
    CHECK_THROWS_WITH(
        database.count(
            "WITH RECURSIVE n(i, t) AS (SELECT 1, '' UNION ALL SELECT i + 1, printf('%.*c', 1000000, 'x') || i FROM n "
            "LIMIT 100000) SELECT t FROM n ORDER BY t DESC",
            {}, now),
        Catch::Contains("memory"));
}

TEST_CASE("values enter by the type of their column") {
    EvaluationDatabase database{schemas(), TableForm::evidence};
    evidence::Table settings{"settings",
                             {{"name", evidence::Type::text},
                              {"value", evidence::Type::text},
                              {"factor", evidence::Type::real},
                              {"on", evidence::Type::boolean}},
                             {}};
    settings.rows.push_back({std::string{"a\0b", 3}, "12", 1.0, true});
    settings.rows.push_back({"caf\xe9 secret", std::monostate{}, 0.5, false});
    database.load(settings);
    CHECK(database
              .run("SELECT typeof(name), typeof(value), typeof(factor), typeof(\"on\") FROM settings WHERE \"on\"", {},
                   now)
              .rows.at(0) == evidence::Row{"text", "text", "real", "integer"});
    CHECK(database.run("SELECT name FROM settings WHERE \"on\"", {}, now).rows.at(0).at(0) ==
          evidence::Value{"a\xef\xbf\xbd"
                          "b"});
    // Bytes that are no UTF-8 are TEXT, so that LIKE finds what stands among them.
    CHECK(database.run("SELECT name FROM settings WHERE name LIKE '%secret%'", {}, now).rows.at(0).at(0) ==
          evidence::Value{"caf\xe9 secret"});
    CHECK(database.count("SELECT 1 FROM settings WHERE value IS NULL", {}, now) == 1);
}

TEST_CASE("a table of another order gives the same answers") {
    const auto first = [](std::vector<evidence::Row> rows) {
        EvaluationDatabase database{schemas(), TableForm::evidence};
        database.load(*policies::testing::host_with(std::move(rows)).tables.at("users"));
        return database.run("SELECT group_concat(username) FROM users", {}, now).rows;
    };
    using policies::testing::user;
    CHECK(first({user("b", 2), user("a", 1), user("c", 3)}) == first({user("c", 3), user("b", 2), user("a", 1)}));
}

TEST_CASE(
    "a newer table's further columns are left out, an older one's lacking ones are NULL, another type is refused") {
    EvaluationDatabase database{schemas(), TableForm::evidence};
    evidence::Table users{
        "users", {{"username", evidence::Type::text}, {"colour", evidence::Type::text}}, {{"root", "red"}}};
    database.load(users);
    CHECK(database.run("SELECT * FROM users", {}, now).rows.at(0) ==
          evidence::Row{"root", std::monostate{}, std::monostate{}, std::monostate{}});
    users.columns.at(1) = {"uid", evidence::Type::text};
    CHECK_THROWS_WITH(database.load(users), Catch::Contains("column uid: expected type integer"));
    users.name = "colours";
    CHECK_THROWS_WITH(database.load(users), Catch::Contains("no table colours"));
}

TEST_CASE("clear empties every table") {
    EvaluationDatabase database = filled();
    database.clear();
    CHECK_FALSE(database.loaded("users"));
    CHECK(database.count("SELECT 1 FROM users", {}, now) == 0);
}

TEST_CASE("examine tells what a query reads") {
    EvaluationDatabase database{schemas(), TableForm::evidence};
    const QueryFacts facts = database.examine(
        "WITH x AS (SELECT username FROM users WHERE uid > :least) SELECT count(*) AS n FROM x, settings WHERE :now > "
        "0");
    CHECK(facts.columns == std::vector<std::string>{"n"});
    CHECK(facts.reads ==
          std::map<std::string, std::set<std::string>>{{"users", {"username", "uid"}}, {"settings", {}}});
    CHECK(facts.parameters == std::set<std::string>{"least", "now"});
    CHECK_THROWS_WITH(database.examine("SELECT ?"), Catch::Contains("as :name"));
    CHECK_THROWS_WITH(database.examine("SELECT @x"), Catch::Contains("as :name"));
    CHECK_THROWS_WITH(database.examine("SELECT $x"), Catch::Contains("as :name"));
    CHECK_THROWS_WITH(database.run("SELECT :x", {}, now), "no parameter :x");
}

TEST_CASE("tables_read names what has to be collected") {
    CHECK(tables_read("SELECT username, pid FROM Users JOIN processes ON name = username", schemas()) ==
          std::set<std::string>{"users", "processes"});
    CHECK(tables_read("SELECT count(*) FROM SETTINGS", schemas()) == std::set<std::string>{"settings"});
    CHECK(tables_read("SELECT 1", schemas()).empty());
    CHECK_THROWS_WITH(tables_read("SELECT * FROM nowhere", schemas()), "no such table: nowhere");
}

TEST_CASE("a list parameter is bound as a JSON array") {
    Parameters parameters;
    parameters["names"] = {true, {evidence::Value{"root"}, evidence::Value{"a\"b"}}};
    CHECK(run("SELECT username FROM users WHERE username IN (SELECT value FROM json_each(:names))", parameters).rows ==
          std::vector<evidence::Row>{{"root"}});
    parameters["names"] = {true, {}};
    CHECK(run("SELECT username FROM users WHERE username IN (SELECT value FROM json_each(:names))", parameters)
              .rows.empty());
}
