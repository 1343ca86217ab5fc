// What the files of MemoryStore share: all that it keeps, and how it is looked through.
#pragma once

#include "server-stub/storage/memory_store.hpp"

#include <algorithm>
#include <mutex>

namespace annexa::store {

/// Everything that is durable, as one value: a commit changes a copy and takes its place, so that a change that does
/// not fit leaves nothing behind.
struct MemoryStore::State {
    struct Data {
        std::map<std::string, std::string, std::less<>> settings;
        LogHead head;
        std::vector<std::string> entries;
        std::map<std::pair<unsigned, std::uint64_t>, std::string> tiles;
        std::vector<Mark> marks;
        std::vector<Host> hosts;
        std::vector<Enrolment> enrolments;
        std::vector<StatementRow> statements;  // at, clock and not_after unset; same_as unresolved but for written_out
        std::vector<Holding> holdings;
        std::vector<Decision> decisions;
        std::uint64_t evaluated = 0;
        std::vector<HistoryRow> history;
        std::vector<FindingRow> findings;
        std::vector<Token> tokens;
        std::set<std::pair<std::string, std::string>> token_uses;
        std::vector<Account> accounts;
        std::map<std::string, Credential, std::less<>> credentials;
    };
    Data data;
    std::optional<Commit> staged;
    std::mutex mutex;

    void apply(Data& to, const StatementAccepted& change, std::uint64_t index, Instant mark);
    void apply(Data& to, const HostEnrolled& change, std::uint64_t index, Instant mark);
    void apply(Data& to, const EnrolmentClosed& change, std::uint64_t index, Instant mark);
    void apply(Data& to, const Decision& change, std::uint64_t index, Instant mark);
    void apply(Data& to, const AccountChanged& change, std::uint64_t index, Instant mark);
    void apply(Data&, const std::monostate&, std::uint64_t, Instant) {}

    [[nodiscard]] StatementRow resolved(StatementRow row) const;
    [[nodiscard]] std::optional<Mark> mark_from(std::uint64_t index) const;
};

namespace memory {

template <class Range, class Match>
auto* find_in(Range& range, Match match) {
    const auto found = std::find_if(range.begin(), range.end(), match);
    return found == range.end() ? nullptr : &*found;
}

template <class T>
std::optional<std::remove_const_t<T>> copy_of(T* found) {
    if (found == nullptr) return std::nullopt;
    return *found;
}

}  // namespace memory
}  // namespace annexa::store
