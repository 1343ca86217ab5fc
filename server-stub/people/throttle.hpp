// Slows down whoever guesses, and locks nobody out for long: failures counted by address and by login, with a delay
// that doubles up to a bound. Pure: the caller brings the time. In memory: a restart forgets.
//
// What keeps an outsider from locking somebody out: a delay is never longer than longest_delay; and from an address
// where a login has succeeded before, only what failed for that login from that address counts.
#pragma once

#include "evidence/instant.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace annexa::store {

class Throttle {
  public:
    static constexpr unsigned free_by_login = 5;     // failures without a delay
    static constexpr unsigned free_by_address = 20;  // several people may stand behind one
    static constexpr std::chrono::seconds longest_delay{900};
    static constexpr std::chrono::seconds memory{
        3600};  // what failed is forgotten after so long without another failure
    static constexpr std::size_t most_counters = 20'000;

    /// An attempt is about to be judged: zero, and it counts as failed until succeeded() is told; or how long to wait
    /// first, and then it may not be judged. Thread-safe: of many at once no more are let through than of as many one
    /// by one.
    std::chrono::seconds attempt(std::string_view login, std::string_view address, evidence::Instant now);
    void succeeded(std::string_view login, std::string_view address, evidence::Instant now);

    /// Forgets what failed for a login: an administrator says so.
    void forgive(std::string_view login);

  private:
    struct Counter {
        unsigned failures = 0;
        evidence::Instant last{};
    };
    using Counters = std::map<std::string, Counter, std::less<>>;

    static std::chrono::seconds wait(const Counters& counters, const std::string& key, unsigned free,
                                     evidence::Instant now);
    static void count(Counters& counters, const std::string& key, evidence::Instant now);

    std::mutex mutex_;
    Counters by_login_;
    Counters by_address_;
    Counters by_pair_;
    std::map<std::pair<std::string, std::string>, evidence::Instant>
        known_;  // login and address: when it last succeeded
};

/// The network that one person may have all of: an IPv6 address's first 64 bits; else the address.
std::string network_of(std::string_view address);

}  // namespace annexa::store
