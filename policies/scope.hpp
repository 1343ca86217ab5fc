// The scope of the management system as far as it is about hosts: a rule on name, tag and network.
//
// A rule has no "not": more facts about a host can only bring it in. What a person tagged decides over what a host says
// under the same tag; what a host says of itself, now or earlier, can bring it in and never out, so `said` holds all
// that it ever said. Taking a host out is a person's record (ScopeExclusion).
#pragma once

#include "evidence/instant.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::policies {

/// One condition. A kind of its own for each so that a rule reads as it was written.
struct ScopeCondition {
    enum class Kind { name, tag, network };
    Kind kind = Kind::name;
    std::string key;    // tag: its name
    std::string value;  // name: a glob (* any text, ? one character); tag: the value, a glob too; network: a CIDR
};

/// Every group must hold (all of); a group holds where one of its conditions does (any of). No group at all: every
/// host.
struct ScopeRule {
    std::vector<std::vector<ScopeCondition>> all_of_any;
};

struct HostFacts {
    std::string id;
    std::map<std::string, std::string> tags;                 // what people said
    std::set<std::string> names;                             // what the host ever called itself
    std::map<std::string, std::set<std::string>> said_tags;  // what it ever said under each tag
    std::set<std::string> addresses;                         // what it ever had, IPv4 and IPv6 without a mask
    bool addresses_known = true;                             // it told them once; else no network takes it out
};

/// A person took the host out.
struct ScopeExclusion {
    std::string host;       // id
    std::string reference;  // the record that says so, approved by a second person
};

/// A thing in scope that can have no agent: it counts on a line of its own.
struct EvidencedOtherwise {
    std::string name;
    std::string reference;
};

/// Nothing recorded: every enrolled host that is not retired.
struct Scope {
    std::optional<ScopeRule> rule = std::nullopt;
    std::vector<ScopeExclusion> exclusions = {};
    std::vector<EvidencedOtherwise> evidenced_otherwise = {};
    std::string reference = {};  // the record and version of the scope statement
};

/// By the rule alone.
bool in_scope(const ScopeRule& rule, const HostFacts& host);

/// By the rule, and not taken out by a person.
bool in_scope(const Scope& scope, const HostFacts& host);

/// What is wrong with a rule, one sentence each; empty where nothing is.
std::vector<std::string> scope_problems(const ScopeRule& rule);

/// * is any text, ? is one character, everything else is itself; letters compare without their case (names of hosts
/// have none).
bool matches_glob(std::string_view glob, std::string_view text);

/// "10.0.0.0/8", "2001:db8::/32", or one address. An IPv4 address written as IPv6 (::ffff:10.0.0.1) is IPv4. False for
/// what is neither.
bool in_network(std::string_view cidr, std::string_view address);

}  // namespace annexa::policies
