#include "policies/scope.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace annexa::policies {
namespace {

using Address = std::array<std::uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned v4_prefix_bits = 96;

char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

/// A whole number of at most `most`, in all of the text; decimal ones have no leading zero.
std::optional<unsigned> number_of(std::string_view text, int base, std::size_t most_digits, unsigned most) {
    if (text.empty() || text.size() > most_digits || (base == 10 && text.size() > 1 && text.front() == '0'))
        return std::nullopt;
    unsigned number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (problem != std::errc{} || end != text.data() + text.size() || number > most) return std::nullopt;
    return number;
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t here = text.find(at);
        parts.push_back(text.substr(0, here));
        if (here == std::string_view::npos) return parts;
        text.remove_prefix(here + 1);
    }
}

std::optional<std::array<std::uint8_t, 4>> parse_v4(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, '.');
    if (parts.size() != 4) return std::nullopt;
    std::array<std::uint8_t, 4> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto number = number_of(parts[i], 10, 3, 255);
        if (!number) return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>(*number);
    }
    return bytes;
}

/// Groups of sixteen bits, the last two perhaps written as IPv4; nothing where a part is neither.
std::optional<std::vector<std::uint16_t>> parse_groups(std::string_view text) {
    std::vector<std::uint16_t> groups;
    if (text.empty()) return groups;
    const std::vector<std::string_view> parts = split(text, ':');
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i + 1 == parts.size() && parts[i].find('.') != std::string_view::npos) {
            const auto v4 = parse_v4(parts[i]);
            if (!v4) return std::nullopt;
            groups.push_back(static_cast<std::uint16_t>((*v4)[0] << 8 | (*v4)[1]));
            groups.push_back(static_cast<std::uint16_t>((*v4)[2] << 8 | (*v4)[3]));
            continue;
        }
        const auto number = number_of(parts[i], 16, 4, 0xffff);
        if (!number) return std::nullopt;
        groups.push_back(static_cast<std::uint16_t>(*number));
    }
    return groups;
}

/// RFC 4291 section 2.2.
std::optional<Address> parse_v6(std::string_view text) {
    constexpr std::size_t all = 8;
    const std::size_t gap = text.find("::");
    const bool shortened = gap != std::string_view::npos;
    const auto head = parse_groups(text.substr(0, gap));
    const auto tail = shortened ? parse_groups(text.substr(gap + 2)) : std::vector<std::uint16_t>{};
    if (!head || !tail) return std::nullopt;
    const std::size_t written = head->size() + tail->size();
    if (shortened ? written >= all : written != all) return std::nullopt;
    // An IPv4 tail stands at the very end alone.
    if (shortened && text.substr(0, gap).find('.') != std::string_view::npos) return std::nullopt;
    std::vector<std::uint16_t> groups = *head;
    groups.resize(all - tail->size());
    groups.insert(groups.end(), tail->begin(), tail->end());
    Address address{};
    for (std::size_t i = 0; i < all; ++i) {
        address[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
        address[2 * i + 1] = static_cast<std::uint8_t>(groups[i] & 0xff);
    }
    return address;
}

std::optional<Address> parse_address(std::string_view text) {
    if (const auto v4 = parse_v4(text)) {
        Address address{};
        std::copy(v4_prefix.begin(), v4_prefix.end(), address.begin());
        std::copy(v4->begin(), v4->end(), address.begin() + v4_prefix.size());
        return address;
    }
    // A zone ("fe80::1%eth0") says on which link, not which address.
    return parse_v6(text.substr(0, text.find('%')));
}

struct Network {
    Address address{};
    unsigned bits = 128;
};

std::optional<Network> parse_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string_view address_text = text.substr(0, slash);
    if (address_text.find('%') != std::string_view::npos) return std::nullopt;
    const auto address = parse_address(address_text);
    if (!address) return std::nullopt;
    if (slash == std::string_view::npos) return Network{*address, 128};
    const bool v4 = address_text.find(':') == std::string_view::npos;
    const auto bits = number_of(text.substr(slash + 1), 10, 3, v4 ? 32 : 128);
    if (!bits) return std::nullopt;
    return Network{*address, v4 ? v4_prefix_bits + *bits : *bits};
}

bool same_bits(const Address& a, const Address& b, unsigned bits) {
    const unsigned whole = bits / 8;
    if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
    const unsigned rest = bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
    return (a[whole] & mask) == (b[whole] & mask);
}

bool has_tag(const ScopeCondition& condition, const HostFacts& host) {
    // Where a person tagged the host, the host's own word under that name does not count.
    if (const auto tag = host.tags.find(condition.key); tag != host.tags.end())
        return matches_glob(condition.value, tag->second);
    const auto said = host.said_tags.find(condition.key);
    return said != host.said_tags.end() &&
           std::any_of(said->second.begin(), said->second.end(),
                       [&](const std::string& value) { return matches_glob(condition.value, value); });
}

bool holds(const ScopeCondition& condition, const HostFacts& host) {
    switch (condition.kind) {
        case ScopeCondition::Kind::name:
            return std::any_of(host.names.begin(), host.names.end(),
                               [&](const std::string& name) { return matches_glob(condition.value, name); });
        case ScopeCondition::Kind::tag:
            return has_tag(condition, host);
        case ScopeCondition::Kind::network:
            return !host.addresses_known ||
                   std::any_of(host.addresses.begin(), host.addresses.end(),
                               [&](const std::string& address) { return in_network(condition.value, address); });
    }
    return false;
}

}  // namespace

bool in_scope(const ScopeRule& rule, const HostFacts& host) {
    return std::all_of(rule.all_of_any.begin(), rule.all_of_any.end(), [&](const auto& group) {
        return std::any_of(group.begin(), group.end(),
                           [&](const ScopeCondition& condition) { return holds(condition, host); });
    });
}

bool in_scope(const Scope& scope, const HostFacts& host) {
    const bool taken_out = std::any_of(scope.exclusions.begin(), scope.exclusions.end(),
                                       [&](const ScopeExclusion& exclusion) { return exclusion.host == host.id; });
    return !taken_out && (!scope.rule || in_scope(*scope.rule, host));
}

std::vector<std::string> scope_problems(const ScopeRule& rule) {
    std::vector<std::string> problems;
    for (std::size_t i = 0; i < rule.all_of_any.size(); ++i) {
        const std::string group = "group " + std::to_string(i + 1);
        if (rule.all_of_any[i].empty()) problems.push_back(group + " has no condition: no host could ever be in scope");
        for (const ScopeCondition& condition : rule.all_of_any[i]) {
            if (condition.value.empty()) problems.push_back(group + ": a condition has no value");
            if (condition.kind == ScopeCondition::Kind::tag && condition.key.empty())
                problems.push_back(group + ": a tag has no name");
            if (condition.kind == ScopeCondition::Kind::network && !condition.value.empty() &&
                !parse_network(condition.value))
                problems.push_back(group + ": expected a network such as 10.0.0.0/8 or 2001:db8::/32, not " +
                                   condition.value);
        }
    }
    return problems;
}

bool matches_glob(std::string_view glob, std::string_view text) {
    // The last star is tried further and further on: no recursion, at most length times length steps.
    std::size_t at = 0, in = 0;
    std::optional<std::size_t> star;
    std::size_t from = 0;
    while (in < text.size()) {
        if (at < glob.size() && glob[at] == '*') {
            star = at++;
            from = in;
        } else if (at < glob.size() && (glob[at] == '?' || lower(glob[at]) == lower(text[in]))) {
            ++at;
            ++in;
        } else if (star) {
            at = *star + 1;
            in = ++from;
        } else {
            return false;
        }
    }
    while (at < glob.size() && glob[at] == '*') ++at;
    return at == glob.size();
}

bool in_network(std::string_view cidr, std::string_view address) {
    const auto network = parse_network(cidr);
    const auto where = parse_address(address);
    return network && where && same_bits(network->address, *where, network->bits);
}

}  // namespace annexa::policies
