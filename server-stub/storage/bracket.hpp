// The bracket of a result: made after the last mark in the tree that its statement names, logged before the next mark.
#pragma once

#include "server-stub/storage/rows.hpp"

namespace annexa::store {

/// Sets at and clock: collected_at where it lies inside the bracket, else its nearer end. While the next mark is not
/// logged the bracket is open at that side; whoever computes what shall stand waits for it (LogOptions::settle).
inline void apply_bracket(StoredResult& result, Instant not_before, const std::optional<Instant>& not_after) {
    result.at = result.collected_at;
    if (not_after && result.at > *not_after) result.at = *not_after;
    if (result.at < not_before) result.at = not_before;
    result.clock = result.at != result.collected_at;
}

/// What `same_as` a statement means for a collector: the last result of it that the statement wrote out.
inline const StoredResult* written_out(const std::vector<StoredResult>& results, std::string_view collector) {
    for (auto result = results.rbegin(); result != results.rend(); ++result)
        if (!result->same_as && result->collector == collector) return &*result;
    return nullptr;
}

}  // namespace annexa::store
