#include "server-stub/people/throttle.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace annexa::store {
namespace {

std::string pair_key(std::string_view login, std::string_view network) {
    return std::string{login} + '\n' + std::string{network};
}

/// The one that was heard of longest ago makes room.
template <class Map, class Time>
void make_room(Map& map, std::size_t most, Time time) {
    if (map.size() < most) return;
    map.erase(std::min_element(map.begin(), map.end(),
                               [&](const auto& a, const auto& b) { return time(a.second) < time(b.second); }));
}

}  // namespace

std::chrono::seconds Throttle::wait(const Counters& counters, const std::string& key, unsigned free,
                                    evidence::Instant now) {
    const auto found = counters.find(key);
    if (found == counters.end() || now - found->second.last >= memory) return std::chrono::seconds{0};
    const unsigned beyond = found->second.failures < free ? 0 : found->second.failures - free + 1;
    if (beyond == 0) return std::chrono::seconds{0};
    const std::chrono::seconds delay =
        beyond > 10 ? longest_delay : std::min(longest_delay, std::chrono::seconds{1U << (beyond - 1)});
    const auto left = found->second.last + delay - now;
    return left <= std::chrono::milliseconds{0} ? std::chrono::seconds{0}
                                                : std::chrono::ceil<std::chrono::seconds>(left);
}

void Throttle::count(Counters& counters, const std::string& key, evidence::Instant now) {
    const auto found = counters.find(key);
    if (found == counters.end())
        make_room(counters, most_counters, [](const Counter& counter) { return counter.last; });
    Counter& counter = found == counters.end() ? counters[key] : found->second;
    if (now - counter.last >= memory) counter.failures = 0;
    ++counter.failures;
    counter.last = now;
}

std::chrono::seconds Throttle::attempt(std::string_view login, std::string_view address, evidence::Instant now) {
    const std::string name{login};
    const std::string network = network_of(address);
    const std::string pair = pair_key(login, network);
    const std::lock_guard lock{mutex_};
    if (known_.contains({name, network})) {
        const std::chrono::seconds left = wait(by_pair_, pair, free_by_login, now);
        if (left == std::chrono::seconds{0}) count(by_pair_, pair, now);
        return left;
    }
    const std::chrono::seconds left =
        std::max(wait(by_login_, name, free_by_login, now), wait(by_address_, network, free_by_address, now));
    if (left > std::chrono::seconds{0}) return left;
    count(by_login_, name, now);
    count(by_address_, network, now);
    return left;
}

void Throttle::succeeded(std::string_view login, std::string_view address, evidence::Instant now) {
    const std::string network = network_of(address);
    const std::lock_guard lock{mutex_};
    by_login_.erase(std::string{login});
    by_pair_.erase(pair_key(login, network));
    // By address only this attempt is taken back, where it was counted: else whoever has one account could guess at all
    // others without end.
    const auto counted = known_.contains({std::string{login}, network}) ? by_address_.end() : by_address_.find(network);
    if (counted != by_address_.end() && counted->second.failures > 0) --counted->second.failures;
    make_room(known_, most_counters, [](evidence::Instant at) { return at; });
    known_.insert_or_assign({std::string{login}, network}, now);
}

void Throttle::forgive(std::string_view login) {
    const std::lock_guard lock{mutex_};
    by_login_.erase(std::string{login});
    const std::string prefix = pair_key(login, {});
    std::erase_if(by_pair_, [&](const auto& each) { return each.first.starts_with(prefix); });
}

std::string network_of(std::string_view address) {
    std::array<unsigned char, 16> bytes{};
    const std::string text{address};
    if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
    // ::ffff:192.0.2.1 is an IPv4 address.
    constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (std::equal(mapped.begin(), mapped.end(), bytes.begin()))
        return ::inet_ntop(AF_INET, bytes.data() + 12, out.data(), out.size());
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return ::inet_ntop(AF_INET6, bytes.data(), out.data(), out.size());
}

}  // namespace annexa::store
