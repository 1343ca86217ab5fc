// Hosts, enrolments, collectors and holdings are what the log's entries make them, one after the other: all of it is
// made again here as the store made it, and every row compared.
#include "server-stub/check/certificate_check.hpp"
#include "server-stub/check/checks.hpp"
#include "server-stub/ingest/acceptance.hpp"

#include <algorithm>

namespace annexa::store::check {
namespace {

std::string enrolment_name(const Digest& id) { return "enrolment " + id.hex(); }
std::string collector_name(const std::string& host, const std::string& collector) {
    return "collector " + collector + " of host " + host;
}

/// The columns in which a row says something else than the log.
class Differences {
  public:
    template <class T>
    Differences& of(const char* column, const T& row, const T& log) {
        if (!(row == log)) columns_ += (columns_.empty() ? "" : ", ") + std::string{column};
        return *this;
    }
    void report(const std::string& place, Problems& problems) const {
        if (!columns_.empty()) problems.add(place, "its row says something else than the log: " + columns_);
    }

  private:
    std::string columns_;
};

/// That an enrolment speaks from two machines is marked for a statement that was refused, so no entry says it.
bool is_marked(const Enrolment& row, const Enrolment& log) {
    return row.state == EnrolmentState::two_machines && row.closed_at &&
           (log.state == EnrolmentState::active || log.state == EnrolmentState::replaced);
}

}  // namespace

HostCheck::HostCheck(const Store& store, const LogKeys& keys, std::optional<std::string> authority, Problems& problems)
    : store_{store}, keys_{keys}, authority_{std::move(authority)}, problems_{problems} {
    problems_.guard("tokens", [&] {
        for (const Token& token : store_.tokens()) tokens_.insert(token.id);
    });
}

HostCheck::Chain* HostCheck::chain_of_key(const Digest& key_id) {
    const auto id = by_key_.find(key_id);
    return id == by_key_.end() ? nullptr : &chains_.at(id->second);
}

void HostCheck::enrolled(std::uint64_t index, const Digest& id, const evidence::EnrolmentRecord& record) {
    if (record.record_key != keys_.record)
        problems_.add("setting record_key", "entry " + std::to_string(index) + " names another");
    if (keys_.recovery && record.recovery_key != *keys_.recovery)
        problems_.add("setting recovery_key", "entry " + std::to_string(index) + " names another");
    Enrolment row;
    row.id = id;
    row.host = record.host_id;
    row.index = index;
    row.evidence_key = record.key.spki();
    row.key_id = record.key.id();
    row.tls_key_id = record.tls_key_id.hex();
    row.machine = record.machine;
    if (record.replaces) row.replaces = record.replaces->enrolment;
    row.made_at = record.made_at;
    row.head = {0, id};
    row.head_index = index;
    const auto [host, first] = hosts_.try_emplace(record.host_id);
    if (first) {
        host->second.id = record.host_id;
        host->second.first_seen = record.made_at;
    }
    host->second.name = record.host_name;
    host->second.enrolment = id;
    host->second.retired = false;
    if (record.replaces) {
        const auto old = chains_.find(record.replaces->enrolment);
        if (old == chains_.end() ||
            old->second.row.head != evidence::ChainHead{record.replaces->sequence, record.replaces->head})
            problems_.add("entry " + std::to_string(index), "it closes a chain at another head than that chain has");
        if (old != chains_.end() && old->second.row.state == EnrolmentState::active) {
            old->second.row.state = EnrolmentState::replaced;
            old->second.row.closed_at = record.made_at;
        }
    }
    chains_.emplace(id, Chain{std::move(row), record.key, {}});
    by_key_.insert_or_assign(record.key.id(), id);
}

Enrolment* HostCheck::close(std::uint64_t index, const Digest& enrolment, EnrolmentState state, Instant at) {
    const auto chain = chains_.find(enrolment);
    if (chain == chains_.end()) {
        problems_.add("entry " + std::to_string(index), "no enrolment before it is the one that it closes");
        return nullptr;
    }
    chain->second.row.state = state;
    chain->second.row.closed_at = at;
    return &chain->second.row;
}

void HostCheck::revoked(std::uint64_t index, const evidence::RevocationRecord& record) {
    Enrolment* row = close(index, record.enrolment, EnrolmentState::revoked, record.made_at);
    if (row != nullptr) row->compromised_since = record.compromised_since;
}

void HostCheck::retired(std::uint64_t index, const evidence::RetirementRecord& record) {
    const Enrolment* row = close(index, record.enrolment, EnrolmentState::retired, record.made_at);
    if (row == nullptr) return;
    Host& host = hosts_.at(row->host);
    if (host.enrolment == row->id) host.retired = true;
}

void HostCheck::spoke(std::uint64_t index, Chain& chain, const evidence::Statement& said, const Digest& digest,
                      Instant mark) {
    Enrolment& row = chain.row;
    if (row.state != EnrolmentState::active)
        problems_.add("entry " + std::to_string(index), "its enrolment was closed before it");
    row.head = {said.sequence, digest};
    row.head_index = index;
    row.boots = with_boot(std::move(row.boots), said);
    Host& host = hosts_.at(row.host);
    host.name = said.host.name;
    host.last_seen = mark;
    for (const evidence::Result& result : said.results) {
        if (!result.same_as) chain.written_out.insert_or_assign(result.collector, std::pair{said.sequence, index});
        spans_.try_emplace({row.host, result.collector}, CollectorSpan{row.host, result.collector, index, index})
            .first->second.last = index;
        if (!result.same_as) named(index, row.host, result.tables);
    }
}

void HostCheck::named(std::uint64_t index, const std::string& host, const std::vector<TableRef>& tables) {
    for (const TableRef& table : tables) {
        const std::string place = "table " + table.digest.hex();
        const std::string entry = "entry " + std::to_string(index);
        problems_.guard(place, [&] {
            const std::optional<Holding> holding = store_.holding(host, table.digest);
            if (!holding) return problems_.add(place, entry + " names it, and it is not held");
            if (holding->name != table.name)
                problems_.add(place, "it is held as " + holding->name + ", " + entry + " names it " + table.name);
            // That the index is one which names it is looked at from the holding's side.
            if (!holding->named || *holding->named < index)
                problems_.add(place, "its row does not say that " + entry + " names it");
        });
    }
}

std::optional<std::uint64_t> HostCheck::written_out(const Chain& chain, const std::string& collector,
                                                    std::uint64_t sequence) const {
    const auto last = chain.written_out.find(collector);
    if (last != chain.written_out.end() && last->second.first == sequence) return last->second.second;
    const std::optional<StatementRow> row = store_.statement(chain.row.id, sequence);
    return row ? std::optional{row->index} : std::nullopt;
}

void HostCheck::finish() {
    for (const auto& [id, chain] : chains_)
        problems_.guard(enrolment_name(id), [&, &id = id, &chain = chain] {
            const std::optional<Enrolment> row = store_.enrolment(id);
            if (row) return compare(*row, chain.row);
            problems_.add(enrolment_name(id), "entry " + std::to_string(chain.row.index) + " made it, its row is gone");
        });
    for (const auto& [id, host] : hosts_)
        problems_.guard("host " + id, [&, &id = id, &host = host] {
            const std::optional<Host> row = store_.host(id);
            if (row) return compare(*row, host);
            problems_.add("host " + id, "it was enrolled and its row is gone");
        });
    problems_.guard("enrolments", [&] {
        for (const Enrolment& row : store_.all_enrolments())
            if (!chains_.contains(row.id)) problems_.add(enrolment_name(row.id), "there is no such record in the log");
    });
    problems_.guard("hosts", [&] {
        for (const Host& row : store_.hosts())
            if (!hosts_.contains(row.id)) problems_.add("host " + row.id, "the log knows no such host");
    });
    problems_.guard("collectors", [&] { compare_collectors(); });
}

void HostCheck::compare(const Enrolment& row, const Enrolment& log) {
    const bool marked = is_marked(row, log);
    Differences{}
        .of("host", row.host, log.host)
        .of("idx", row.index, log.index)
        .of("evidence_key", row.evidence_key, log.evidence_key)
        .of("key_id", row.key_id, log.key_id)
        .of("tls_key_id", row.tls_key_id, log.tls_key_id)
        .of("machine", row.machine, log.machine)
        .of("replaces", row.replaces, log.replaces)
        .of("made_at", row.made_at, log.made_at)
        .of("state", marked ? log.state : row.state, log.state)
        .of("compromised_since", row.compromised_since, log.compromised_since)
        .of("closed_at", marked ? log.closed_at : row.closed_at, log.closed_at)
        .of("head_sequence", row.head.sequence, log.head.sequence)
        .of("head_digest", row.head.digest, log.head.digest)
        .of("head_idx", row.head_index, log.head_index)
        .of("boots", row.boots, log.boots)
        .report(enrolment_name(row.id), problems_);
    if (const std::string wrong = wrong_with_client_chain(row.certificate, log.host, log.tls_key_id, authority_);
        !wrong.empty())
        problems_.add(enrolment_name(row.id), "its certificate: " + wrong);
    if (!tokens_.contains(row.token))
        problems_.add(enrolment_name(row.id), "there is no token " + row.token + ", with which it says it was made");
}

void HostCheck::compare(const Host& row, const Host& log) {
    Differences{}
        .of("name", row.name, log.name)
        .of("enrolment", row.enrolment, log.enrolment)
        .of("first_seen", row.first_seen, log.first_seen)
        .of("last_seen", row.last_seen, log.last_seen)
        .of("retired", row.retired, log.retired)
        .report("host " + row.id, problems_);
}

void HostCheck::compare_collectors() {
    std::set<std::pair<std::string, std::string>> there;
    for (const CollectorSpan& row : store_.collector_spans()) {
        there.emplace(row.host, row.collector);
        const auto log = spans_.find({row.host, row.collector});
        const std::string place = collector_name(row.host, row.collector);
        if (log == spans_.end())
            problems_.add(place, "no statement speaks of it");
        else
            Differences{}
                .of("first_idx", row.first, log->second.first)
                .of("last_idx", row.last, log->second.last)
                .report(place, problems_);
    }
    for (const auto& [key, span] : spans_)
        if (!there.contains(key))
            problems_.add(collector_name(span.host, span.collector), "entries " + std::to_string(span.first) + " to " +
                                                                         std::to_string(span.last) +
                                                                         " speak of it, and its row is gone");
}

}  // namespace annexa::store::check
