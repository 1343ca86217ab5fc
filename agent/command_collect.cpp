// annexa-agent collect: what the collectors return, as it is, or as it would be signed.
#include "agent/collected.hpp"
#include "agent/commands.hpp"
#include "agent/local_collection.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/digest.hpp"
#include "policies/schema.hpp"
#include "terminal/output.hpp"

#include <unistd.h>
#include <fstream>
#include <iterator>
#include <ostream>

namespace annexa::agent {

using namespace terminal;
namespace {

/// The salt's secret of this agent, where this user may read it; else one of this run alone.
std::string salt_secret(const Configuration& configuration, std::ostream& err) {
    std::ifstream in{configuration.state / "salt", std::ios::binary};
    std::string secret{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
    if (secret.size() == 32) return secret;
    err << "annexa-agent: no enrolled agent's secret can be read here, so the salts are of this run alone\n";
    return evidence::random_bytes(32);
}

void print_as_sent(std::ostream& out, const Collected& result, const std::string& secret) {
    std::string line = "{\"collector\":";
    evidence::append_json_string(line, result.collector);
    line += ",\"version\":" + std::to_string(result.version) + ",\"status\":\"" +
            std::string{evidence::status_name(result.status)} + "\"";
    line += ",\"reason\":" +
            (result.reason ? "\"" + std::string{evidence::reason_code(*result.reason)} + "\"" : std::string{"null"});
    line += ",\"tables\":{";
    std::string digests;
    for (std::size_t i = 0; i < result.tables.size(); ++i) {
        evidence::Table table = result.tables[i];
        if (const policies::TableSchema* schema = policies::built_in_schemas().find(table.name))
            table = policies::evidence_form(std::move(table), *schema);
        const std::string bytes = evidence::canonical(table, evidence::table_salt(table, secret));
        line += i == 0 ? "" : ",";
        evidence::append_json_string(line, table.name);
        line += ":" + bytes;
        digests += i == 0 ? "" : ",";
        evidence::append_json_string(digests, table.name);
        digests += ":\"" + evidence::sha256(bytes).hex() + "\"";
    }
    out << line << "},\"sha256\":{" << digests << "}}";
}

void print_tables(std::ostream& out, const Collection& collection, const Paint& paint) {
    for (const Collected& result : collection.results) {
        const Colour colour = result.status == evidence::Status::ok      ? Colour::green
                              : result.status == evidence::Status::error ? Colour::red
                                                                         : Colour::dim;
        out << paint(Colour::bold, result.collector) << "  " << paint(colour, evidence::status_name(result.status));
        if (result.reason) out << ' ' << evidence::reason_code(*result.reason);
        if (result.message) out << ": " << printable(*result.message);
        out << "  " << paint(Colour::dim, std::to_string(result.duration_ms) + " ms") << "\n";
        for (const evidence::Table& table : result.tables) {
            if (table.name == "sources_" + result.collector || table.name == "messages_" + result.collector) continue;
            out << "\n" << table.name << "\n";
            print_aligned(out, table, paint);
        }
        out << '\n';
    }
}

}  // namespace

Exit command_collect(const CollectOptions& options, std::ostream& out, std::ostream& err) {
    const Configuration configuration = local_configuration(options.configuration, options.root);
    const std::vector<std::string> names = options.collectors.empty() ? all_collector_names() : options.collectors;
    const Collection collection = collect_now(configuration, names, options.root);
    if (collection.problem) err << "annexa-agent: " << *collection.problem << '\n';
    if (options.format == Format::text && !options.as_sent) {
        print_tables(out, collection, Paint::for_descriptor(STDOUT_FILENO));
    } else {
        const std::string secret = options.as_sent ? salt_secret(configuration, err) : "";
        out << "{\"collectors\":[";
        for (std::size_t i = 0; i < collection.results.size(); ++i) {
            out << (i == 0 ? "\n" : ",\n");
            if (options.as_sent)
                print_as_sent(out, collection.results[i], secret);
            else
                out << to_json(collection.results[i]);
        }
        out << "\n]}\n";
    }
    for (const Collected& result : collection.results)
        if (result.status == evidence::Status::error) return Exit::incomplete;
    return Exit::fine;
}

}  // namespace annexa::agent
