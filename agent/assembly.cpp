#include "agent/assembly.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/envelope.hpp"
#include "evidence/errors.hpp"

#include <algorithm>
#include <set>

namespace annexa::agent {
namespace {

evidence::Result as_stated(const AssemblyInput& input, const AssemblyRule& rule, const evidence::Result& result) {
    const auto written = input.written.find(result.collector);
    if (!rule.may_refer || written == input.written.end()) return result;
    const bool recent = input.now >= written->second.made_at && input.now - written->second.made_at < write_out_again;
    if (!recent || !same_outcome(written->second.result, result)) return result;
    evidence::Result reference;
    reference.collector = result.collector;
    reference.collected_at = result.collected_at;
    reference.same_as = written->second.sequence;
    return reference;
}

std::string tags_json(const std::map<std::string, std::string>& tags) {
    if (tags.empty()) return "{}";
    std::string out = "{\"tags\":{";
    for (const auto& [name, value] : tags) {
        if (out.back() != '{') out.push_back(',');
        evidence::append_json_string(out, name);
        out.push_back(':');
        evidence::append_json_string(out, value);
    }
    return out + "}}";
}

evidence::Statement frame(const AssemblyInput& input) {
    evidence::Statement statement;
    statement.host = input.host;
    statement.agent = input.agent;
    statement.sequence = input.last.sequence + 1;
    statement.previous = input.last.digest;
    statement.log = input.log;
    statement.made_at = input.now;
    statement.boot_id = input.boot_id;
    statement.clock_synchronized = input.clock_synchronized;
    statement.machine = input.machine;
    statement.dropped = input.dropped;
    statement.rollback = input.rollback;
    statement.alarm = input.alarm;
    statement.rest = tags_json(input.tags);
    // What waits here, or is said to be lost, is not owed.
    std::set<std::string> here;
    for (const WaitingResult& one : input.waiting) here.insert(one.result.collector);
    for (const evidence::Dropped& one : input.dropped) here.insert(one.collector);
    for (const std::string& collector : input.due)
        if (!here.contains(collector)) statement.due.push_back(collector);
    return statement;
}

}  // namespace

Assembled assemble(const AssemblyInput& input, const AssemblyRule& rule) {
    Assembled out;
    const evidence::Statement empty = frame(input);
    const auto with = [&](std::size_t count) {
        evidence::Statement statement = empty;
        for (std::size_t i = 0; i < count; ++i)
            statement.results.push_back(as_stated(input, rule, input.waiting[i].result));
        return statement;
    };
    // The size rises with each result, so the largest number that fits is found by halving.
    std::size_t fits = 0;
    std::size_t beyond = std::min(input.waiting.size(), rule.most_results) + 1;
    std::string payload = evidence::serialise(empty);
    if (payload.size() > evidence::largest_payload_bytes)
        throw evidence::error("a statement without any result is too large to be sent");
    out.statement = empty;
    for (std::size_t attempt = beyond - 1; fits + 1 < beyond; attempt = fits + (beyond - fits) / 2) {
        evidence::Statement statement = with(attempt);
        std::string bytes = evidence::serialise(statement);
        if (bytes.size() > evidence::largest_payload_bytes) {
            beyond = attempt;
            continue;
        }
        fits = attempt;
        payload = std::move(bytes);
        out.statement = std::move(statement);
    }
    out.payload = std::move(payload);
    for (std::size_t i = 0; i < fits; ++i) out.results.push_back(input.waiting[i].id);
    return out;
}

}  // namespace annexa::agent
