#include "cli/command_line.hpp"

#include "cli/configuration.hpp"
#include "cli/isms/commands.hpp"

#include <CLI/CLI.hpp>

#include <map>

namespace annexa::cli {

RunAlone with_client(Run run) {
    return [run = std::move(run)](const Terminal& terminal) {
        evidence::Token token = read_token();
        demand_person(token);
        Client client{std::move(token)};
        return run(client, terminal);
    };
}

Option& Option::shown_as(const char* value) {
    option_->option_text(value);
    return *this;
}

Option& Option::required() {
    option_->required();
    return *this;
}

Option& Option::excludes(const Option& other) {
    option_->excludes(other.option_);
    return *this;
}

Option& Option::needs(const Option& other) {
    option_->needs(other.option_);
    return *this;
}

Option& Option::split_at_commas() {
    option_->delimiter(',');
    return *this;
}

Option& Option::check(std::function<std::string(const std::string&)> problem) {
    option_->check(std::move(problem));
    return *this;
}

Command Command::add_alone(const char* name, const char* description, const std::string& footer, RunAlone run) {
    CLI::App* command = app_->add_subcommand(name, description);
    command->footer(footer);
    // The innermost command is called back first: `waivers approve` before `waivers`.
    command->callback([chosen = chosen_, run = std::move(run)] {
        if (!*chosen) *chosen = run;
    });
    return {*command, *chosen_};
}

Command Command::add(const char* name, const char* description, const std::string& footer, Run run) {
    return add_alone(name, description, footer, with_client(std::move(run)));
}

Command Command::group(const char* name, const char* description, const std::string& footer) {
    CLI::App* group = app_->add_subcommand(name, description);
    group->require_subcommand(1);
    group->footer(footer);
    return {*group, *chosen_};
}

Option Command::option(const char* name, std::string& value, const std::string& description) {
    return Option{*app_->add_option(name, value, description)};
}

Option Command::option(const char* name, std::vector<std::string>& values, const std::string& description) {
    CLI::Option* option = app_->add_option(name, values, description);
    if (*name == '-') option->allow_extra_args(false);
    return Option{*option};
}

Option Command::number(const char* name, std::uint64_t& value, const std::string& description, std::uint64_t least,
                       std::uint64_t most) {
    return Option{*app_->add_option(name, value, description)->option_text("N")->check(CLI::Range(least, most))};
}

Option Command::flag(const char* name, bool& value, const std::string& description) {
    return Option{*app_->add_flag(name, value, description)};
}

void Command::format(Format& format, bool csv) {
    std::map<std::string, Format> names{{"text", Format::text}, {"json", Format::json}};
    if (csv) names.emplace("csv", Format::csv);
    app_->add_option("--format", format, "How to print it")
        ->transform(CLI::CheckedTransformer(names))
        ->option_text(csv ? "text|json|csv" : "text|json");
}

Option Command::when(When& when) {
    Option at = option("--at", when.at, "What was true then: evidence collected by that time, whenever it arrived");
    at.shown_as("TIME");
    option("--known-at", when.known_at, "What was known then: only what was logged by that time").shown_as("TIME");
    return at;
}

void add_isms(Command& line) {
    Command isms =
        line.group("isms", "The records of the management system",
                   "A record has an id (R-0042), a version, an owner and links; `annexa isms kinds` lists "
                   "what can be recorded.\n\nExamples:\n  annexa isms init\n  annexa isms gaps\n  annexa isms set "
                   "risk title='Laptop is stolen'\n  annexa isms approve R-0042");
    add_isms_init(isms);
    add_isms_gaps(isms);
    add_isms_list(isms);
    add_isms_set(isms);
    add_isms_approve(isms);
    add_isms_act(isms);
    add_isms_files(isms);
    add_isms_report(isms);
    add_isms_folder(isms);
    add_isms_import(isms);
    add_isms_kinds(isms);
}

void add_commands(Command& line) {
    add_login(line);
    add_status(line);
    add_hosts(line);
    add_checks(line);
    add_evidence(line);
    add_policies(line);
    add_waivers(line);
    add_isms(line);
    add_soa(line);
    add_todo(line);
    add_audit(line);
    add_user(line);
}

CommandLine::CommandLine(const char* name, const char* description, const std::string& version,
                         const std::string& footer)
    : app_{std::make_unique<CLI::App>(description, name)}, root_{std::make_unique<Command>(*app_, chosen_)} {
    app_->set_version_flag("--version", version);
    app_->require_subcommand(1);
    app_->footer(footer);
    app_->get_formatter()->column_width(30);
}

CommandLine::~CommandLine() = default;

RunAlone CommandLine::parse(int argc, const char* const* argv, int& exit_code) {
    try {
        app_->parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        exit_code = app_->exit(problem) == 0 ? 0 : 2;
        return {};
    }
    return chosen_;
}

}  // namespace annexa::cli
