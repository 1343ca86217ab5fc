#include "server-stub/storage/migrations.hpp"

namespace annexa::store {
namespace {

// Times are milliseconds since 1970, digests 32-byte blobs, lists JSON text of ours (row_codec.hpp).
constexpr const char* steps[] = {
    R"sql(
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- One row: the head, and what is staged behind it (entries from `size` on, tiles grown beyond it).
CREATE TABLE log (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  size INTEGER NOT NULL, root BLOB NOT NULL, checkpoint TEXT NOT NULL,
  staged_size INTEGER, staged_root BLOB,
  evaluated INTEGER NOT NULL DEFAULT 0);
CREATE TABLE entries (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE tiles (level INTEGER NOT NULL, number INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (level, number));
CREATE TABLE marks (idx INTEGER PRIMARY KEY, time INTEGER NOT NULL);
CREATE INDEX marks_by_time ON marks (time, idx);

CREATE TABLE hosts (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, tags TEXT NOT NULL, enrolment BLOB NOT NULL,
  first_seen INTEGER NOT NULL, last_seen INTEGER, retired INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE enrolments (
  id BLOB PRIMARY KEY, host TEXT NOT NULL, idx INTEGER NOT NULL UNIQUE,
  evidence_key BLOB NOT NULL, key_id BLOB NOT NULL UNIQUE, tls_key_id TEXT NOT NULL, certificate TEXT NOT NULL, token TEXT NOT NULL,
  machine BLOB, replaces BLOB, made_at INTEGER NOT NULL,
  state TEXT NOT NULL, compromised_since INTEGER, closed_at INTEGER,
  head_sequence INTEGER NOT NULL, head_digest BLOB NOT NULL, head_idx INTEGER NOT NULL,
  boots TEXT NOT NULL, quota_left REAL NOT NULL, quota_at INTEGER NOT NULL);
CREATE INDEX enrolments_by_host ON enrolments (host, idx);

CREATE TABLE statements (
  idx INTEGER PRIMARY KEY, host TEXT NOT NULL, enrolment BLOB NOT NULL, sequence INTEGER NOT NULL,
  digest BLOB NOT NULL, previous BLOB NOT NULL, made_at INTEGER NOT NULL, log_size INTEGER NOT NULL,
  not_before INTEGER NOT NULL, logged_at INTEGER NOT NULL,
  host_name TEXT NOT NULL, agent_version TEXT NOT NULL, clock_synchronized INTEGER,
  due TEXT NOT NULL, remarks TEXT NOT NULL, results TEXT NOT NULL,
  UNIQUE (enrolment, sequence));
CREATE INDEX statements_by_host ON statements (host, idx, not_before);
-- Where each collector of a host spoke first and last, so that its last result is found without a walk.
CREATE TABLE host_collectors (
  host TEXT NOT NULL, collector TEXT NOT NULL, first_idx INTEGER NOT NULL, last_idx INTEGER NOT NULL,
  PRIMARY KEY (host, collector)) WITHOUT ROWID;

CREATE TABLE holdings (
  host TEXT NOT NULL, digest BLOB NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL, put_at INTEGER NOT NULL, named INTEGER,
  PRIMARY KEY (host, digest)) WITHOUT ROWID;
CREATE INDEX holdings_by_digest ON holdings (digest);
CREATE INDEX holdings_by_time ON holdings (host, put_at, bytes);
CREATE INDEX holdings_unnamed ON holdings (host, put_at, bytes) WHERE named IS NULL;

CREATE TABLE decisions (
  idx INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, decision TEXT NOT NULL, document BLOB NOT NULL,
  account TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX decisions_by_subject ON decisions (kind, subject, idx);

CREATE TABLE history (
  id INTEGER PRIMARY KEY AUTOINCREMENT, host TEXT NOT NULL, check_id TEXT NOT NULL, state TEXT NOT NULL,
  from_at INTEGER NOT NULL, to_at INTEGER, from_idx INTEGER NOT NULL, to_idx INTEGER,
  known INTEGER NOT NULL, superseded INTEGER, detail TEXT NOT NULL, integrity BLOB NOT NULL);
CREATE INDEX history_by_host ON history (host, check_id, from_at);
CREATE TABLE findings (
  id INTEGER PRIMARY KEY AUTOINCREMENT, host TEXT NOT NULL, check_id TEXT NOT NULL, key TEXT NOT NULL,
  opened INTEGER NOT NULL, closed INTEGER, opened_idx INTEGER NOT NULL, closed_idx INTEGER,
  known INTEGER NOT NULL, superseded INTEGER, detail TEXT NOT NULL, integrity BLOB NOT NULL);
CREATE INDEX findings_by_host ON findings (host, check_id, opened);

CREATE TABLE tokens (
  id TEXT PRIMARY KEY, secret BLOB NOT NULL UNIQUE, role TEXT NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL, host TEXT,
  uses_allowed INTEGER NOT NULL, uses INTEGER NOT NULL, made_at INTEGER NOT NULL, expires INTEGER, revoked INTEGER NOT NULL);
CREATE TABLE token_uses (token TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (token, user)) WITHOUT ROWID;
CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, made_at INTEGER NOT NULL);
)sql",
    // People: accounts that sign in. Until here an admin held every right; from here on those are named.
    R"sql(
ALTER TABLE accounts ADD COLUMN login TEXT;
ALTER TABLE accounts ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX accounts_by_login ON accounts (login) WHERE login IS NOT NULL;
UPDATE accounts SET role = 'admin,approver' WHERE role = 'admin';
CREATE TABLE credentials (
  account TEXT PRIMARY KEY, password TEXT NOT NULL, code_key BLOB NOT NULL, code_step INTEGER NOT NULL) WITHOUT ROWID;

ALTER TABLE tokens ADD COLUMN kind TEXT NOT NULL DEFAULT 'token';
ALTER TABLE tokens ADD COLUMN paths TEXT NOT NULL DEFAULT '[]';
ALTER TABLE tokens ADD COLUMN begun_by TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN idle_ms INTEGER;
ALTER TABLE tokens ADD COLUMN used_at INTEGER;
CREATE INDEX tokens_by_account ON tokens (account);
UPDATE tokens SET role = 'admin,approver' WHERE role = 'admin';
)sql",
    R"sql(
-- Nothing else says up to where the log was evaluated, so it is kept twice: a changed byte makes the two differ.
ALTER TABLE log ADD COLUMN evaluated_again INTEGER NOT NULL DEFAULT 0;
UPDATE log SET evaluated_again = evaluated;
)sql",
};

}  // namespace

std::span<const char* const> migrations() { return steps; }

}  // namespace annexa::store
