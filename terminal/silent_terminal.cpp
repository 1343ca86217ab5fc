#include "terminal/silent_terminal.hpp"

#include "evidence/errors.hpp"

#include <termios.h>
#include <unistd.h>

namespace annexa::terminal {

struct SilentTerminal::Settings {
    termios value{};
};

SilentTerminal::SilentTerminal() : before_{std::make_unique<Settings>()} {
    if (::tcgetattr(STDIN_FILENO, &before_->value) != 0) throw evidence::error("the terminal cannot be set");
    termios silent = before_->value;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
}

SilentTerminal::~SilentTerminal() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_->value); }

}  // namespace annexa::terminal
