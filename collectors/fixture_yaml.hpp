// host.yaml of a case folder: what git cannot hold of a machine. Its keys are described in tests/collectors/README.md.
#pragma once

#include "collectors/host.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace annexa::collectors {

struct FixtureFile {
    std::optional<std::uint32_t> mode, uid, gid;
    std::optional<std::int64_t> modified;
    std::optional<std::uint64_t> size_bytes;
    std::optional<FileKind> kind;
    std::map<std::string, std::string, std::less<>> attributes;
};

struct FixtureProgram {
    std::vector<std::string> command;  // absolute path and exact arguments
    ProgramOutput output;
};

/// An answer of the kernel: given, said to be absent (`audit: none`), or not spoken of, which is an error when asked.
template <class T>
struct FixtureAnswer {
    bool absent = false;
    std::optional<T> value;
};

struct FixtureAnswers {
    bool image = false;
    evidence::Instant now{};
    std::vector<std::string> unreadable;
    std::map<std::string, FixtureFile, std::less<>> files;
    std::optional<KernelName> name;
    std::map<std::string, FileSystemUsage, std::less<>> usage;
    FixtureAnswer<std::vector<KernelSocket>> sockets;
    FixtureAnswer<std::vector<KernelAddress>> addresses;
    FixtureAnswer<KernelClock> clock;
    FixtureAnswer<KernelAudit> audit;
    FixtureAnswer<std::vector<KernelFilterChain>> filter;
    FixtureAnswer<std::vector<SystemdUnit>> units;
    std::map<std::string, std::map<std::string, std::string>, std::less<>> unit_properties;
    std::map<std::string, std::string, std::less<>> luks;  // device → bytes
    std::vector<FixtureProgram> programs;
};

/// Reads case_folder/host.yaml; without one all is default. Throws evidence::error with file, line and column.
FixtureAnswers read_fixture_answers(const std::string& case_folder);

}  // namespace annexa::collectors
