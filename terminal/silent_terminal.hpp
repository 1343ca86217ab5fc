// Standard input's terminal without echo, as long as this lives: for what is typed and not to be seen.
//
// Made before the question is asked, so that what is typed at once is neither shown nor lost.
#pragma once

#include <memory>

namespace annexa::terminal {

class SilentTerminal {
  public:
    /// Throws evidence::error where standard input is no terminal.
    SilentTerminal();
    ~SilentTerminal();
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;

  private:
    struct Settings;
    std::unique_ptr<Settings> before_;
};

}  // namespace annexa::terminal
