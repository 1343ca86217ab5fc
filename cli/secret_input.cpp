#include "cli/secret_input.hpp"

#include "evidence/errors.hpp"
#include "terminal/silent_terminal.hpp"

#include <fstream>
#include <iostream>

#include <unistd.h>

namespace annexa::cli {
namespace {

constexpr std::size_t most_line_bytes = 16384;

;

std::string line_of(std::istream& in, const std::string& where) {
    std::string line;
    if (!std::getline(in, line)) throw evidence::error(where + ": there is no line left to read");
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) throw evidence::error(where + ": the line is empty");
    if (line.size() > most_line_bytes) throw evidence::error(where + ": the line is too long");
    return line;
}

bool on_terminal() { return ::isatty(STDIN_FILENO) != 0; }

std::string ask(const char* question) {
    const terminal::SilentTerminal silent;  // before the question: what is typed at once is neither shown nor lost
    std::cerr << question << std::flush;
    std::string line = line_of(std::cin, "terminal");
    std::cerr << '\n';
    return line;
}

}  // namespace

std::string read_secret(const std::string& file, const char* option, const char* question) {
    if (file == "-") return line_of(std::cin, "standard input");
    if (!file.empty()) {
        std::ifstream in{file, std::ios::binary};
        if (!in) throw evidence::error(file + ": cannot be read");
        return line_of(in, file);
    }
    if (!on_terminal())
        throw evidence::error(std::string{"there is no terminal to ask on: give "} + option +
                              " FILE, or - for a line of standard input");
    return ask(question);
}

std::string read_new_secret(const std::string& file, const char* option, const char* question) {
    std::string secret = read_secret(file, option, question);
    if (file.empty() && ask("Again: ") != secret) throw evidence::error("the two differ; nothing was changed");
    return secret;
}

std::string read_code(const std::string& given) {
    if (!given.empty()) return given;
    if (!on_terminal())
        throw evidence::error("there is no terminal to ask on: give --code with what your authenticator shows");
    std::cerr << "Code: " << std::flush;
    return line_of(std::cin, "terminal");
}

}  // namespace annexa::cli
