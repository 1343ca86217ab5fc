#include "agent/evidence_of.hpp"

#include "evidence/errors.hpp"
#include "policies/schema.hpp"

#include <zstd.h>

#include <algorithm>

namespace annexa::agent {
namespace {

CanonicalTable canonical_table(evidence::Table table, std::string_view salt_secret) {
    if (const policies::TableSchema* schema = policies::built_in_schemas().find(table.name))
        table = policies::evidence_form(std::move(table), *schema);
    CanonicalTable result{table.name, {}, evidence::canonical(table, evidence::table_salt(table, salt_secret))};
    result.digest = evidence::sha256(result.bytes);
    return result;
}

}  // namespace

EvidenceResult evidence_of(const Collected& collected, std::string_view salt_secret) {
    EvidenceResult out;
    out.result.collector = collected.collector;
    out.result.collected_at = collected.collected_at;
    out.result.version = collected.version;
    out.result.status = collected.status;
    out.result.reason = collected.reason;
    out.result.duration_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(collected.duration_ms, 0));
    try {
        for (const evidence::Table& table : collected.tables) {
            out.tables.push_back(canonical_table(table, salt_secret));
            out.result.tables.push_back({out.tables.back().name, out.tables.back().digest});
        }
    } catch (const evidence::error& problem) {
        if (collected.reason == evidence::Reason::output_too_large) throw;
        return evidence_of(failed_result(collected.collector, collected.version, evidence::Reason::output_too_large,
                                         problem.what(), collected.collected_at),
                           salt_secret);
    }
    return out;
}

std::string compress(std::string_view bytes) {
    std::string frame(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t size = ZSTD_compress(frame.data(), frame.size(), bytes.data(), bytes.size(), 3);
    if (ZSTD_isError(size) != 0)
        throw evidence::error(std::string{"a table cannot be compressed: "} + ZSTD_getErrorName(size));
    frame.resize(size);
    return frame;
}

std::string decompress(std::string_view frame, std::size_t most_bytes) {
    const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > most_bytes)
        throw evidence::error("a table of the spool cannot be read");
    std::string bytes(static_cast<std::size_t>(size), '\0');
    if (ZSTD_decompress(bytes.data(), bytes.size(), frame.data(), frame.size()) != bytes.size())
        throw evidence::error("a table of the spool cannot be read");
    return bytes;
}

}  // namespace annexa::agent
