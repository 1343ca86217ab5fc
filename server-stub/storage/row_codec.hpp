// Parts of rows that a database keeps as one JSON text, and the digests that protect derived rows.
#pragma once

#include "server-stub/storage/rows.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace annexa::store {

/// Results as they are stored: of one with same_as only collector, times and where it was written out, for the rest of
/// it is there. decode_results leaves at, clock and, with same_as, status, version and tables unset.
std::string encode_results(const std::vector<StoredResult>& results);
std::vector<StoredResult> decode_results(std::string_view text);

std::string encode_boots(const std::vector<StoredBoot>& boots);
std::vector<StoredBoot> decode_boots(std::string_view text);

std::string encode_texts(const std::vector<std::string>& texts);
std::vector<std::string> decode_texts(std::string_view text);

std::string encode_tags(const std::map<std::string, std::string>& tags);
std::map<std::string, std::string> decode_tags(std::string_view text);

}  // namespace annexa::store
