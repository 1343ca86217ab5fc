// What annexa-agent asks of annexa-collect. Everything in it is checked and bounded; nothing in it is ever run.
#pragma once

#include "collectors/runner.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

constexpr std::size_t most_request_bytes = std::size_t{64} << 10;
constexpr std::size_t most_answer_bytes = std::size_t{64} << 20;

struct Request {
    std::vector<const Collector*> collectors;  // to run, in the order of the list
    std::vector<const Collector*> disabled;    // asked for and switched off
    std::vector<std::string> unknown;          // asked for by an agent that knows more than this program
    std::optional<std::string> root;
    std::optional<std::string> fixture;
    RunLimits limits;
    std::optional<std::string> fingerprint_for;
};

/// Throws evidence::error with a sentence where the request is not what it should be.
Request parse_request(std::string_view json, std::span<const Collector* const> known);

}  // namespace annexa::collectors
