// Every row of a kind.
#include "server-stub/storage/memory_store_state.hpp"

namespace annexa::store {

std::map<std::string, std::string> MemoryStore::settings() const {
    const std::lock_guard lock{state_->mutex};
    return {state_->data.settings.begin(), state_->data.settings.end()};
}

std::vector<Enrolment> MemoryStore::all_enrolments() const {
    const std::lock_guard lock{state_->mutex};
    return state_->data.enrolments;
}

std::vector<CollectorSpan> MemoryStore::collector_spans() const {
    const std::lock_guard lock{state_->mutex};
    std::map<std::pair<std::string, std::string>, CollectorSpan> spans;
    for (const StatementRow& row : state_->data.statements)
        for (const StoredResult& result : row.results)
            spans.try_emplace({row.host, result.collector}, CollectorSpan{row.host, result.collector, row.index, 0})
                .first->second.last = row.index;
    std::vector<CollectorSpan> found;
    for (auto& [key, span] : spans) found.push_back(std::move(span));
    return found;
}

std::vector<Holding> MemoryStore::holdings_after(std::string_view host, const Digest& digest, std::size_t limit) const {
    const std::lock_guard lock{state_->mutex};
    std::vector<Holding> found = state_->data.holdings;
    std::erase_if(found,
                  [&](const Holding& one) { return one.host < host || (one.host == host && one.digest <= digest); });
    std::sort(found.begin(), found.end(), [](const Holding& a, const Holding& b) {
        return std::tie(a.host, a.digest) < std::tie(b.host, b.digest);
    });
    found.resize(std::min(found.size(), limit));
    return found;
}

RowsWritten MemoryStore::rows_written() const {
    const std::lock_guard lock{state_->mutex};
    return {state_->data.history.size(), state_->data.findings.size()};
}

std::vector<std::string> MemoryStore::verify() const { return {}; }

}  // namespace annexa::store
