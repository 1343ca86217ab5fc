// sudoers(5), the whole grammar: what sudo would read from a file and all that it includes.
//
// Accepted and refused as sudo 1.9 does (checked against visudo and cvtsudoers). Newer sudo skips the rest of a line
// that it cannot parse and goes on, older refuses the whole policy: what is in force then depends on the version, so we
// throw host_error (malformed_source, "FILE:LINE: …") for any syntax error.
#pragma once

#include "collectors/host.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors::sudoers {

enum class MemberKind { all, alias, word, group, netgroup, address, command, myself };

struct Member {
    MemberKind kind = MemberKind::word;
    bool negated = false;
    std::string text;       // "alice", "#1000", "%sudo", "ADMINS", "/usr/bin/true"; "ALL"
    std::string arguments;  // of a command
    bool has_arguments = false;
    std::vector<std::string> digests;  // "sha256:…" of a command
};

/// As sudoers(5) writes it: "!/bin/sh -c".
std::string to_text(const Member& member);
std::string to_text(const std::vector<Member>& members);

struct CommandSpec {
    std::vector<Member> runas_users, runas_groups;  // both empty: the default, root
    std::map<std::string, bool> tags;               // "PASSWD": false for NOPASSWD; carried on from the commands before
    std::map<std::string, std::string>
        options;  // ROLE, TYPE, CWD, CHROOT, TIMEOUT, NOTBEFORE, NOTAFTER, APPARMOR_PROFILE
    Member command;
};

struct Privilege {
    std::vector<Member> hosts;
    std::vector<CommandSpec> commands;
};

struct UserSpec {
    std::vector<Member> users;
    std::vector<Privilege> privileges;
    std::string file;
    int line = 0;
};

enum class Scope { global, host, user, runas, command };

struct Default {
    Scope scope = Scope::global;
    std::vector<Member> binding;
    std::string name;
    std::string operation;  // "=", "+=", "-=", "on", "off"
    std::string value;
    std::string file;
    int line = 0;
};

enum class AliasKind { user, runas, host, command };

struct Alias {
    std::vector<Member> members;
    std::string file;
    int line = 0;
};

/// A line as written (continuations joined, comments gone), for people.
struct SourceLine {
    std::string file, header, details;
    int line = 0;
};

struct Policy {
    std::vector<UserSpec> users;
    std::vector<Default> defaults;
    std::map<std::pair<AliasKind, std::string>, Alias> aliases;
    std::vector<SourceLine> lines;
};

/// How the files are reached. `folder` gives the names of a folder's regular files, sorted; nothing where there is
/// none.
struct Reader {
    std::function<std::optional<File>(std::string_view path)> file;
    std::function<std::optional<std::vector<std::string>>(std::string_view path)> folder;
    std::function<std::string()> host_name;  // %h in the path of an include, the short name
};

/// Reads a sudoers file and what it includes. Nothing where the file does not exist.
std::optional<Policy> read_policy(const Reader& reader, std::string_view path);

/// The members behind aliases, as sudo evaluates them: a negated alias negates what it holds, two negations cancel out.
/// An alias that is not defined, or that leads back to itself, matches nobody and yields nothing.
std::vector<Member> expanded(const Policy& policy, AliasKind kind, const std::vector<Member>& members);

}  // namespace annexa::collectors::sudoers
