// How commands are declared: each subject adds its own, beside what they do. The parser (CLI11) is known to
// command_line.cpp alone; this is the part of it that we use.
#pragma once

#include "cli/commands.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace annexa::cli {

/// What a command does with a client made from the token.
using Run = std::function<Exit(Client&, const Terminal&)>;
/// What a command does that needs no token.
using RunAlone = std::function<Exit(const Terminal&)>;

/// The same as a command that reads the token first. Throws evidence::error where there is none, or it is no person's.
RunAlone with_client(Run run);

/// An option or argument of a command; a handle, as long as the command line lives.
class Option {
  public:
    explicit Option(CLI::Option& option) : option_{&option} {}

    /// What stands for its value in the help: "TIME".
    Option& shown_as(const char* value);
    Option& required();
    Option& excludes(const Option& other);
    Option& needs(const Option& other);
    /// "a,b" are two values.
    Option& split_at_commas();
    /// Refuses what `problem` says something about.
    Option& check(std::function<std::string(const std::string&)> problem);

  private:
    CLI::Option* option_;
};

/// A command, or a group of them; a handle, as long as the command line lives. What is bound to an option must live
/// until the command has run.
class Command {
  public:
    Command(CLI::App& app, RunAlone& chosen) : app_{&app}, chosen_{&chosen} {}

    /// A command below this one. The footer of its help has examples.
    Command add(const char* name, const char* description, const std::string& footer, Run run);
    Command add_alone(const char* name, const char* description, const std::string& footer, RunAlone run);
    /// Commands of which one must be named.
    Command group(const char* name, const char* description, const std::string& footer = {});

    /// An option ("--host") or an argument ("HOST"). Of a list: an option may repeat, an argument takes all that
    /// follow.
    Option option(const char* name, std::string& value, const std::string& description);
    Option option(const char* name, std::vector<std::string>& values, const std::string& description);
    Option number(const char* name, std::uint64_t& value, const std::string& description, std::uint64_t least = 0,
                  std::uint64_t most = std::uint64_t{1} << 53);
    Option flag(const char* name, bool& value, const std::string& description);  // "!--no-tables" sets it to false

    /// --format text|json, and csv where it is said.
    void format(Format& format, bool csv = false);
    /// --at and --known-at.
    Option when(When& when);

  private:
    CLI::App* app_;
    RunAlone* chosen_;
};

/// What a TIME is, for the footer of commands with when().
inline constexpr const char* times_help =
    "TIME is 2026-11-24 (the end of that day), \"2026-11-24 09:30\" or 2026-11-24T09:30:00Z, in UTC.\n\n";

class CommandLine {
  public:
    CommandLine(const char* name, const char* description, const std::string& version, const std::string& footer);
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    /// Where commands are added.
    Command& root() { return *root_; }
    /// What was chosen; nothing where it ended with a help text (exit code 0) or a complaint (2), which are printed.
    RunAlone parse(int argc, const char* const* argv, int& exit_code);

  private:
    std::unique_ptr<CLI::App> app_;
    RunAlone chosen_;
    std::unique_ptr<Command> root_;
};

}  // namespace annexa::cli
