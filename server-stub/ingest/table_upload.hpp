// What makes an uploaded table acceptable, apart from who sent it.
#pragma once

#include "evidence/digest.hpp"
#include "evidence/table.hpp"
#include "policies/schema.hpp"
#include "server-stub/ingest/limits.hpp"

#include <string>
#include <string_view>

namespace annexa::store {

/// Decodes one zstd frame and judges what is in it. Returns the canonical bytes, whose digest is `digest`. Throws
/// coded_error:
///   too_large        more than limits.table_bytes decoded: a decompression bomb ends there
///   truncated        the frame ends early
///   table_refused    no zstd frame, a dictionary, a window beyond the limit, bytes after the frame; JSON that is not
///   the
///                    canonical form of a table (order of members, of rows, of digits)
///   digest_mismatch  the bytes are not those of the digest
///   bad_json         not JSON of our profile: syntax, duplicate members, NUL, integers beyond 2^53, text that is not
///   UTF-8 schema           a known table with other columns than its schema, a volatile column, or a null where none
///   may be; a
///                    name that is no table's
std::string decode_table(std::string_view frame, const evidence::Digest& digest, std::string_view name,
                         const policies::Schemas& schemas, const IngestLimits& limits);

/// The columns that both know are the schema's, by name and type and in its order without the volatile ones; what a
/// newer agent adds stands behind them, what an older one lacks is missing at the end. Throws coded_error `schema`.
void demand_schema(const evidence::Table& table, const policies::TableSchema& schema);

}  // namespace annexa::store
