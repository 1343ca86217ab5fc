// A collector's run as evidence: tables without their volatile columns, in canonical bytes with the host's salt.
#pragma once

#include "agent/collected.hpp"
#include "evidence/statement.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace annexa::agent {

struct CanonicalTable {
    std::string name;
    evidence::Digest digest;
    std::string bytes;
};

struct EvidenceResult {
    evidence::Result result;
    std::vector<CanonicalTable> tables;  // in the result's order
};

/// A table that is beyond the format's limits makes the result an error, output_too_large.
EvidenceResult evidence_of(const Collected& collected, std::string_view salt_secret);

/// One zstd frame with its size, no dictionary, a window of at most 8 MiB; and back, for at most most_bytes.
std::string compress(std::string_view bytes);
std::string decompress(std::string_view frame, std::size_t most_bytes);

}  // namespace annexa::agent
