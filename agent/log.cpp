#include "agent/log.hpp"

#include "evidence/instant.hpp"
#include "terminal/output.hpp"

#include <sys/stat.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace annexa::agent {
namespace {

constexpr std::string_view names[] = {"error", "warning", "info", "debug"};
constexpr int priorities[] = {3, 4, 6, 7};  // syslog(3)

/// As systemd.exec(5), $JOURNAL_STREAM, says: the variable is inherited by programs whose standard error is another.
bool is_journal(int descriptor) {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    return stream != nullptr && fstat(descriptor, &status) == 0 &&
           std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

bool to_journal(LogLevel level, const std::string& message, std::initializer_list<LogField> fields) {
    std::vector<std::string> all{"MESSAGE=" + message,
                                 "PRIORITY=" + std::to_string(priorities[static_cast<std::size_t>(level)]),
                                 "SYSLOG_IDENTIFIER=annexa-agent"};
    for (const LogField& field : fields) all.push_back(std::string{field.name} + "=" + std::string{field.value});
    std::vector<iovec> parts;
    for (std::string& field : all) parts.push_back({field.data(), field.size()});
    return sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) == 0;
}

}  // namespace

Log::Log(LogLevel level) : level_{level}, journal_{is_journal(STDERR_FILENO)} {}

void Log::write(LogLevel level, std::string_view text, std::initializer_list<LogField> fields) const {
    if (level > level_) return;
    const std::string message = terminal::printable(text);
    if (journal_ && to_journal(level, message, fields)) return;
    const std::string line = evidence::to_string(evidence::SystemClock{}.now()) + " " +
                             std::string{names[static_cast<std::size_t>(level)]} + " " + message + "\n";
    // At once and as a whole, so that lines of two threads do not mix. Nobody is left to tell where it fails.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace annexa::agent
