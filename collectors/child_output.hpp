// How a collector's child hands its result to the runner: frames of outcome, reason, message and tables, each table in
// its canonical form, so that the strict reader of evidence/ judges what a child that may be broken has written.
#pragma once

#include "collectors/collected.hpp"

#include <string>
#include <string_view>

namespace annexa::collectors {

std::string encode_output(const Collected& collected, std::size_t most_bytes);

/// Of whatever bytes the result of this collector: what cannot be read, or is not its schema, is error bad_output. Sets
/// neither time nor duration.
Collected decode_output(const Collector& collector, std::string_view bytes, std::size_t most_bytes);

}  // namespace annexa::collectors
