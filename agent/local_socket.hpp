// The service's local socket: a Unix stream socket, mode 0600, one line of JSON in, one line out, then closed.
#pragma once

#include "agent/descriptor.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace annexa::agent {

class LocalListener {
  public:
    /// Makes the socket (and its folder, 0755, where that is not there); one that a dead process left is replaced.
    /// Throws error.
    explicit LocalListener(std::filesystem::path path);
    ~LocalListener();
    LocalListener(const LocalListener&) = delete;
    LocalListener& operator=(const LocalListener&) = delete;

    [[nodiscard]] int descriptor() const { return listener_.get(); }
    /// The next connection; none where nobody waits.
    Descriptor accept();

  private:
    std::filesystem::path path_;
    Descriptor listener_;
};

/// One line of at most 4 KiB, without its end; nothing where it does not come within a second.
std::optional<std::string> receive_line(int connection, std::chrono::milliseconds patience = std::chrono::seconds{1});
/// Best effort: whoever asked may be gone.
void send_line(int connection, const std::string& line);

/// Asks the service. Nothing where none listens there. Throws error where it does not answer within `patience`.
std::optional<std::string> ask_service(const std::filesystem::path& socket, const std::string& line,
                                       std::chrono::milliseconds patience);

}  // namespace annexa::agent
