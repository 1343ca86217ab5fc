// Hosts, enrolments, and what an entry changes.
#include "server-stub/storage/row_codec.hpp"
#include "server-stub/storage/sqlite_store_parts.hpp"

namespace annexa::store {

using sqlite::Connection;
using sqlite::Query;
using sqlite::Reading;
using sqlite::Writing;

namespace {

#define ANNEXA_HOST_COLUMNS "id, name, tags, enrolment, first_seen, last_seen, retired"
#define ANNEXA_ENROLMENT_COLUMNS                                                                               \
    "id, host, idx, evidence_key, key_id, tls_key_id, certificate, token, machine, replaces, made_at, state, " \
    "compromised_since, closed_at, head_sequence, head_digest, head_idx, boots, quota_left, quota_at"

Host read_host(Query& query) {
    Host host;
    host.id = query.text();
    host.name = query.text();
    host.tags = decode_tags(query.text());
    host.enrolment = query.digest();
    host.first_seen = query.instant();
    host.last_seen = query.optional_instant();
    host.retired = query.boolean();
    return host;
}

std::optional<Host> find_host(Connection& connection, std::string_view id) {
    Query query{connection, "SELECT " ANNEXA_HOST_COLUMNS " FROM hosts WHERE id = ?"};
    return query.bind(id).step() ? std::optional{read_host(query)} : std::nullopt;
}

Enrolment read_enrolment_row(Query& query) {
    Enrolment enrolment;
    enrolment.id = query.digest();
    enrolment.host = query.text();
    enrolment.index = query.number();
    enrolment.evidence_key = query.bytes();
    enrolment.key_id = query.digest();
    enrolment.tls_key_id = query.text();
    enrolment.certificate = query.text();
    enrolment.token = query.text();
    enrolment.machine = query.optional_digest();
    enrolment.replaces = query.optional_digest();
    enrolment.made_at = query.instant();
    const auto state = parse_enrolment_state(query.text());
    if (!state) throw evidence::error("enrolment " + enrolment.id.hex() + " has an unknown state in the database");
    enrolment.state = *state;
    enrolment.compromised_since = query.optional_number();
    enrolment.closed_at = query.optional_instant();
    enrolment.head.sequence = query.number();
    enrolment.head.digest = query.digest();
    enrolment.head_index = query.number();
    enrolment.boots = decode_boots(query.text());
    enrolment.quota.left = query.real();
    enrolment.quota.at = query.instant();
    return enrolment;
}

void close(Connection& connection, const Digest& id, EnrolmentState state,
           std::optional<std::uint64_t> compromised_since, Instant at) {
    Query{connection, "UPDATE enrolments SET state = ?, compromised_since = ?, closed_at = ? WHERE id = ?"}
        .bind(enrolment_state_name(state))
        .bind(compromised_since)
        .bind(at)
        .bind(id)
        .run();
}

void apply_change(Connection&, const std::monostate&, std::uint64_t, Instant) {}

void apply_change(Connection& connection, const StatementAccepted& change, std::uint64_t index, Instant mark) {
    const StatementRow& row = change.row;
    const std::optional<Enrolment> enrolment = sqlite::read_enrolment(connection, row.enrolment);
    if (!enrolment || enrolment->state != EnrolmentState::active) throw contradiction("the enrolment is not active");
    if (enrolment->head != change.follows) throw contradiction("the head of the chain moved");
    if (row.sequence <= enrolment->head.sequence) throw contradiction("the sequence is taken");

    std::vector<StoredResult> results = row.results;
    for (StoredResult& result : results) {
        Query{connection,
              "INSERT INTO host_collectors VALUES (?, ?, ?, ?) ON CONFLICT (host, collector) DO UPDATE SET last_idx = "
              "excluded.last_idx"}
            .bind(row.host)
            .bind(result.collector)
            .bind(index)
            .bind(index)
            .run();
        if (result.same_as) continue;
        result.written_out = index;
        // A result is written out at least once a day, so this says to the day when a table was named last.
        for (const TableRef& table : result.tables) {
            Query named{connection, "UPDATE holdings SET named = ? WHERE host = ? AND digest = ?"};
            named.bind(index).bind(row.host).bind(table.digest).run();
            if (named.changed() != 1) throw contradiction("table " + table.digest.hex() + " is not held");
        }
    }
    Query insert{connection,
                 "INSERT INTO statements (idx, host, enrolment, sequence, digest, previous, made_at, log_size, "
                 "not_before, logged_at, host_name, "
                 "agent_version, clock_synchronized, due, remarks, results) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                 "?, ?, ?, ?, ?)"};
    insert.bind(index)
        .bind(row.host)
        .bind(row.enrolment)
        .bind(row.sequence)
        .bind(row.digest)
        .bind(row.previous)
        .bind(row.made_at);
    insert.bind(row.log_size)
        .bind(row.not_before)
        .bind(mark)
        .bind(row.host_name)
        .bind(row.agent_version)
        .bind(row.clock_synchronized);
    insert.bind(encode_texts(row.due))
        .bind(encode_texts({row.remarks.begin(), row.remarks.end()}))
        .bind(encode_results(results))
        .run();
    Query{connection,
          "UPDATE enrolments SET head_sequence = ?, head_digest = ?, head_idx = ?, boots = ?, quota_left = ?, quota_at "
          "= ? WHERE id = ?"}
        .bind(row.sequence)
        .bind(row.digest)
        .bind(index)
        .bind(encode_boots(change.boots))
        .bind(change.quota.left)
        .bind(change.quota.at)
        .bind(row.enrolment)
        .run();
    Query{connection, "UPDATE hosts SET name = ?, last_seen = ? WHERE id = ?"}
        .bind(row.host_name)
        .bind(mark)
        .bind(row.host)
        .run();
}

void apply_change(Connection& connection, const HostEnrolled& change, std::uint64_t index, Instant) {
    const Enrolment& enrolment = change.enrolment;
    if (sqlite::read_enrolment(connection, enrolment.id)) throw contradiction("the enrolment is there already");
    const std::optional<Host> host = find_host(connection, enrolment.host);
    if (!host) {
        if (enrolment.replaces) throw contradiction("the host whose enrolment it replaces is not there");
        Query{connection, "INSERT INTO hosts (" ANNEXA_HOST_COLUMNS ") VALUES (?, ?, '{}', ?, ?, NULL, 0)"}
            .bind(enrolment.host)
            .bind(change.host_name)
            .bind(enrolment.id)
            .bind(enrolment.made_at)
            .run();
    } else {
        if (enrolment.replaces != host->enrolment)
            throw contradiction("the enrolment that it replaces is not the host's current one");
        const std::optional<Enrolment> old = sqlite::read_enrolment(connection, host->enrolment);
        if (!old || change.closes != old->head) throw contradiction("the head of the chain that it closes moved");
        if (old->state == EnrolmentState::active)
            close(connection, old->id, EnrolmentState::replaced, old->compromised_since, enrolment.made_at);
        Query{connection, "UPDATE hosts SET name = ?, enrolment = ?, retired = 0 WHERE id = ?"}
            .bind(change.host_name)
            .bind(enrolment.id)
            .bind(host->id)
            .run();
    }
    Query insert{connection, "INSERT INTO enrolments (" ANNEXA_ENROLMENT_COLUMNS
                             ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)"};
    insert.bind(enrolment.id)
        .bind(enrolment.host)
        .bind(index)
        .bind_bytes(enrolment.evidence_key)
        .bind(enrolment.key_id)
        .bind(enrolment.tls_key_id);
    insert.bind(enrolment.certificate)
        .bind(enrolment.token)
        .bind(enrolment.machine)
        .bind(enrolment.replaces)
        .bind(enrolment.made_at);
    insert.bind(enrolment_state_name(enrolment.state))
        .bind(enrolment.compromised_since)
        .bind(enrolment.closed_at)
        .bind(enrolment.id)
        .bind(index);
    insert.bind(encode_boots(enrolment.boots)).bind(enrolment.quota.left).bind(enrolment.quota.at).run();
}

void apply_change(Connection& connection, const EnrolmentClosed& change, std::uint64_t, Instant) {
    const std::optional<Enrolment> enrolment = sqlite::read_enrolment(connection, change.enrolment);
    if (!enrolment) throw contradiction("there is no such enrolment");
    close(connection, change.enrolment, change.state, change.compromised_since, change.at);
    if (change.state == EnrolmentState::retired)
        Query{connection, "UPDATE hosts SET retired = 1 WHERE id = ? AND enrolment = ?"}
            .bind(enrolment->host)
            .bind(enrolment->id)
            .run();
}

void apply_change(Connection& connection, const Decision& change, std::uint64_t index, Instant) {
    if (change.follows) {
        Query last{connection, "SELECT coalesce(max(idx), 0) FROM decisions WHERE kind = ? AND subject = ?"};
        last.bind(change.kind).bind(change.subject).step();
        if (last.number() != *change.follows) throw contradiction(change.subject + " was decided upon in the meantime");
    }
    Query{connection,
          "INSERT INTO decisions (idx, kind, subject, decision, document, account, at) VALUES (?, ?, ?, ?, ?, ?, ?)"}
        .bind(index)
        .bind(change.kind)
        .bind(change.subject)
        .bind(change.decision)
        .bind(change.document)
        .bind(change.account)
        .bind(change.at)
        .run();
}

void apply_change(Connection& connection, const AccountChanged& change, std::uint64_t index, Instant mark) {
    apply_change(connection, change.decision, index, mark);
    sqlite::apply_account(connection, change);
}

}  // namespace

namespace sqlite {

std::optional<Enrolment> read_enrolment(Connection& connection, const Digest& id) {
    Query query{connection, "SELECT " ANNEXA_ENROLMENT_COLUMNS " FROM enrolments WHERE id = ?"};
    return query.bind(id).step() ? std::optional{read_enrolment_row(query)} : std::nullopt;
}

void apply(Connection& connection, const Change& change, std::uint64_t index, Instant mark) {
    std::visit([&](const auto& one) { apply_change(connection, one, index, mark); }, change);
}

}  // namespace sqlite

std::optional<Host> SQLiteStore::host(std::string_view id) const {
    Reading reading{*parts_};
    return find_host(reading, id);
}

std::vector<Host> SQLiteStore::hosts() const {
    Reading reading{*parts_};
    Query query{reading, "SELECT " ANNEXA_HOST_COLUMNS " FROM hosts ORDER BY name, id"};
    std::vector<Host> hosts;
    while (query.step()) hosts.push_back(read_host(query));
    return hosts;
}

std::optional<Enrolment> SQLiteStore::enrolment(const Digest& id) const {
    Reading reading{*parts_};
    return sqlite::read_enrolment(reading, id);
}

std::optional<Enrolment> SQLiteStore::enrolment_by_key(const Digest& key_id) const {
    Reading reading{*parts_};
    Query query{reading, "SELECT " ANNEXA_ENROLMENT_COLUMNS " FROM enrolments WHERE key_id = ?"};
    return query.bind(key_id).step() ? std::optional{read_enrolment_row(query)} : std::nullopt;
}

std::vector<Enrolment> SQLiteStore::enrolments(std::string_view host) const {
    Reading reading{*parts_};
    Query query{reading, "SELECT " ANNEXA_ENROLMENT_COLUMNS " FROM enrolments WHERE host = ? ORDER BY idx"};
    query.bind(host);
    std::vector<Enrolment> enrolments;
    while (query.step()) enrolments.push_back(read_enrolment_row(query));
    return enrolments;
}

std::vector<Enrolment> SQLiteStore::all_enrolments() const {
    Reading reading{*parts_};
    Query query{reading, "SELECT " ANNEXA_ENROLMENT_COLUMNS " FROM enrolments ORDER BY idx"};
    std::vector<Enrolment> enrolments;
    while (query.step()) enrolments.push_back(read_enrolment_row(query));
    return enrolments;
}

void SQLiteStore::mark_two_machines(const Digest& enrolment, Instant at) {
    Writing writing{*parts_};
    Query{writing, "UPDATE enrolments SET state = 'two_machines', closed_at = ? WHERE id = ? AND state = 'active'"}
        .bind(at)
        .bind(enrolment)
        .run();
    writing.commit();
}

void SQLiteStore::set_tags(std::string_view host, const std::map<std::string, std::string>& tags) {
    Writing writing{*parts_};
    Query update{writing, "UPDATE hosts SET tags = ? WHERE id = ?"};
    update.bind(encode_tags(tags)).bind(host).run();
    if (update.changed() != 1) throw contradiction("there is no such host");
    writing.commit();
}

}  // namespace annexa::store
