#include "server-stub/evaluation/host_scope.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/envelope.hpp"
#include "evidence/statement.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store {
namespace {

constexpr std::size_t statements_in_one_read = 256;

bool asks_for(const policies::ScopeRule& rule, policies::ScopeCondition::Kind kind) {
    return std::any_of(rule.all_of_any.begin(), rule.all_of_any.end(), [&](const auto& group) {
        return std::any_of(group.begin(), group.end(),
                           [&](const policies::ScopeCondition& one) { return one.kind == kind; });
    });
}

/// Whether the statement tells the host's addresses.
bool add_addresses(policies::HostFacts& facts, const StatementRow& statement, TableReader& tables) {
    for (const StoredResult& result : statement.results) {
        if (result.status != evidence::Status::ok) continue;
        for (const evidence::TableRef& ref : result.tables) {
            if (ref.name != "interface_addresses") continue;
            const auto table = tables.read(ref);
            if (!table) return false;
            const auto column = std::find_if(table->columns.begin(), table->columns.end(),
                                             [](const auto& each) { return each.name == "address"; });
            if (column == table->columns.end()) return false;
            const auto at = static_cast<std::size_t>(column - table->columns.begin());
            for (const auto& row : table->rows)
                if (const auto* address = std::get_if<std::string>(&row.at(at))) facts.addresses.insert(*address);
            return true;
        }
    }
    return false;
}

void add_said_tags(policies::HostFacts& facts, const Store& store, const StatementRow& statement) {
    const std::vector<std::string> entries = store.entries(statement.index, 1);
    if (entries.size() != 1) return;
    const auto rest =
        nlohmann::json::parse(evidence::parse_statement(evidence::parse_entry(entries.front()).payload).rest);
    const auto tags = rest.find("tags");
    if (tags == rest.end() || !tags->is_object()) return;
    for (const auto& [name, value] : tags->items())
        if (value.is_string()) facts.said_tags[name].insert(value.get<std::string>());
}

}  // namespace

bool is_in_scope(const Store& store, const policies::Scope& scope, const Host& host, const AsOf& as_of,
                 TableReader& tables) {
    policies::HostFacts facts{host.id, host.tags, {host.name}, {}, {}};
    if (policies::in_scope(scope, facts)) return true;
    policies::Scope without_rule = scope;
    without_rule.rule.reset();
    if (!scope.rule || !policies::in_scope(without_rule, facts))
        return false;  // taken out: nothing it says brings it back
    // From the newest statement back: what a host said once can only bring it in, so the first that does is enough.
    const bool tags = asks_for(*scope.rule, policies::ScopeCondition::Kind::tag);
    const bool networks = asks_for(*scope.rule, policies::ScopeCondition::Kind::network);
    bool told_addresses = false;
    StatementFilter filter;
    filter.host = host.id;
    filter.before_index = as_of.known_at;
    filter.limit = statements_in_one_read;
    for (;;) {
        const std::vector<StatementRow> statements = store.statements(filter);
        for (const StatementRow& statement : statements) {
            if (statement.not_before > as_of.at) continue;
            facts.names.insert(statement.host_name);
            if (tags) add_said_tags(facts, store, statement);
            if (networks && add_addresses(facts, statement, tables)) told_addresses = true;
        }
        if (policies::in_scope(*scope.rule, facts)) return true;
        if (statements.size() < filter.limit) break;
        filter.before_index = statements.back().index;
    }
    facts.addresses_known = told_addresses;
    return policies::in_scope(*scope.rule, facts);
}

std::vector<Host> hosts_in_scope(const Store& store, const Blobs& blobs, const policies::Scope& scope,
                                 const AsOf& as_of) {
    TableReader tables{blobs};
    std::vector<Host> hosts = hosts_in_scope(store, as_of);
    std::erase_if(hosts, [&](const Host& host) { return !is_in_scope(store, scope, host, as_of, tables); });
    return hosts;
}

}  // namespace annexa::store
