#include "server-stub/journal.hpp"

#include <array>
#include <cstdlib>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace annexa::store {
namespace {

constexpr std::array<std::string_view, 4> names{"error", "warning", "info", "debug"};
constexpr std::array levels{spdlog::level::err, spdlog::level::warn, spdlog::level::info, spdlog::level::debug};
constexpr std::array<std::string_view, 4> priorities{"<3>", "<4>", "<6>", "<7>"};  // sd-daemon(3)

/// One line, whatever stands in it: a host's name or a library's message must not forge another.
std::string one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            line += ' ';
        else
            line += c;
    }
    return line;
}

}  // namespace

std::string_view severity_name(Severity severity) { return names.at(static_cast<std::size_t>(severity)); }

std::optional<Severity> parse_severity(std::string_view name) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names.at(i) == name) return static_cast<Severity>(i);
    return std::nullopt;
}

struct Journal::Parts {
    bool systemd = std::getenv("JOURNAL_STREAM") != nullptr;
    spdlog::logger logger{"annexa-server", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
};

Journal::Journal(Severity least) : parts_{std::make_unique<Parts>()} {
    parts_->logger.set_level(levels.at(static_cast<std::size_t>(least)));
    parts_->logger.set_pattern(parts_->systemd ? "%v" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    parts_->logger.flush_on(spdlog::level::debug);
}

Journal::~Journal() = default;

void Journal::write(Severity severity, std::string_view line) {
    const auto index = static_cast<std::size_t>(severity);
    const std::string text = (parts_->systemd ? std::string{priorities.at(index)} : std::string{}) + one_line(line);
    parts_->logger.log(levels.at(index), spdlog::string_view_t{text.data(), text.size()});
}

}  // namespace annexa::store
