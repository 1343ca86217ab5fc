#include "collectors/child_output.hpp"

#include "collectors/support/text.hpp"
#include "evidence/frame.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr std::size_t head_frames = 3;  // outcome, reason, message; then the sources

Outcome parse_outcome(std::string_view text) {
    for (const Outcome outcome : {Outcome::ok, Outcome::not_applicable, Outcome::error})
        if (outcome_name(outcome) == text) return outcome;
    throw evidence::error("an unknown outcome");
}

Collected decode(const Collector& collector, const std::vector<std::string>& frames) {
    if (frames.size() < head_frames + 1) throw evidence::error("too short an answer");
    Collected result{.collector = std::string{collector.name}, .version = collector.version};
    result.outcome = parse_outcome(frames[0]);
    result.reason = evidence::parse_reason(frames[1]);
    if (result.reason.has_value() == (result.outcome == Outcome::ok))
        throw evidence::error("a reason that does not fit its outcome");
    result.message = text::printable(frames[2]);
    result.sources = sources_of(evidence::parse_table("sources", frames[3]).table);
    const std::size_t expected = result.outcome == Outcome::ok ? collector.tables.size() : 0;
    if (frames.size() != head_frames + 1 + expected)
        throw evidence::error("another number of tables than its schema has");
    for (std::size_t i = 0; i < expected; ++i)
        result.tables.push_back(evidence::parse_table(collector.tables[i].name, frames[head_frames + 1 + i]).table);
    if (const auto violation = expected == 0 ? std::nullopt : schema_violation(collector, result.tables))
        throw evidence::error(*violation);
    return result;
}

}  // namespace

std::string encode_output(const Collected& collected, std::size_t most_bytes) {
    std::string out = evidence::encode_frame(outcome_name(collected.outcome));
    out += evidence::encode_frame(collected.reason ? evidence::reason_code(*collected.reason) : "");
    out += evidence::encode_frame(collected.message);
    out += evidence::encode_frame(evidence::canonical(sources_table(collected), ""));
    evidence::TableLimits limits;
    limits.bytes = std::min(limits.bytes, most_bytes);
    for (const Table& table : collected.tables) {
        out += evidence::encode_frame(evidence::canonical(table, "", limits));
        if (out.size() > most_bytes)
            throw evidence::error("more than " + std::to_string(most_bytes) + " bytes of tables");
    }
    return out;
}

Collected decode_output(const Collector& collector, std::string_view bytes, std::size_t most_bytes) {
    try {
        evidence::FrameDecoder decoder{most_bytes};
        decoder.add(bytes);
        std::vector<std::string> frames;
        while (auto frame = decoder.next()) frames.push_back(std::move(*frame));
        if (decoder.within_frame()) throw evidence::error("half an answer");
        return decode(collector, frames);
    } catch (const evidence::error& failure) {
        return failed(collector, Reason::bad_output, "the collector answered with " + std::string{failure.what()});
    }
}

}  // namespace annexa::collectors
