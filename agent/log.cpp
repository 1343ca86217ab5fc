#include "agent/log.hpp"

#include "terminal/output.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace annexa::agent {
namespace {

constexpr spdlog::level::level_enum levels[] = {spdlog::level::err, spdlog::level::warn, spdlog::level::info,
                                                spdlog::level::debug};

}  // namespace

struct Log::Sink {
    spdlog::logger logger{"annexa-agent", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
};

Log::Log(LogLevel level) : sink_{std::make_unique<Sink>()} {
    sink_->logger.set_level(levels[static_cast<std::size_t>(level)]);
    sink_->logger.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    sink_->logger.flush_on(spdlog::level::debug);
}

Log::~Log() = default;

// Answers of the store and messages of collectors stand in what is logged: one line each, whatever they hold.
void Log::write(LogLevel level, std::string_view text) const {
    sink_->logger.log(levels[static_cast<std::size_t>(level)], "{}", terminal::printable(text));
}

}  // namespace annexa::agent
