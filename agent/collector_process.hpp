// The conversation with annexa-collect: one request, one answer a collector, an end frame. Its format is described in
// evidence/frame.hpp and collectors/README.md.
//
// Whatever the peer does (ends, hangs, answers garbage), each collector that was asked for has a result afterwards:
// those it did not answer are errors.
#pragma once

#include "agent/collected.hpp"
#include "evidence/instant.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace annexa::agent {

/// Where annexa-collect is: a program to start over a socket pair, or a socket that a service manager listens on.
struct CollectorProgram {
    std::filesystem::path path;
};
struct CollectorSocket {
    std::filesystem::path path;
};
using CollectorPeer = std::variant<CollectorProgram, CollectorSocket>;

/// The program beside this one, or in ../libexec. Throws error where neither is there.
CollectorPeer find_collector_program();

/// A collector whose answer is awaited, and what it may answer.
struct ExpectedCollector {
    std::string name;
    int version = 1;
    std::vector<std::string> tables;  // besides sources_NAME and messages_NAME
};

struct CollectRequest {
    std::vector<ExpectedCollector> collectors;
    std::optional<std::filesystem::path> root;     // an image; else the running machine
    std::optional<std::filesystem::path> fixture;  // a case folder, for a pack's cases
    std::chrono::milliseconds timeout{60'000};     // of one collector
    std::chrono::milliseconds margin{15'000};      // for starting, forking and writing, beyond a collector's own time
    std::int64_t memory_bytes = std::int64_t{256} << 20;
    std::set<std::string> disabled;
    std::optional<std::string> fingerprint_for;  // a log's origin: asks for the machine's fingerprint
};

/// What the peer says of the machine at the end. Absent where it did not get that far.
struct Machine {
    std::optional<std::string> fingerprint;  // hex
    std::optional<std::string> boot_id;
    std::optional<bool> clock_synchronized;
    bool privileged = false;
    std::string host_name;
};

struct Collection {
    std::vector<Collected> results;  // one for each expected collector, in the order of the answers
    std::optional<Machine> machine;
    std::optional<std::string> problem;  // what went wrong with the peer, for a person
};

/// Called with each result as soon as it is there.
using ResultSink = std::function<void(const Collected&)>;

/// Asks and waits for all answers, for at most the sum of what the collectors may take, and between two answers for at
/// most one collector's time and a margin. A readable `stop` descriptor ends it early (then the rest has no result).
/// Throws error where the peer cannot be started or reached.
Collection collect(const CollectorPeer& peer, const CollectRequest& request, const evidence::Clock& clock,
                   const ResultSink& sink = {}, int stop = -1);

}  // namespace annexa::agent
