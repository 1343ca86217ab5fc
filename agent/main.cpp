// annexa-agent: the command line. What each command does is in command_*.cpp; this file knows CLI11 and the exit codes.
#include "agent/commands.hpp"
#include "evidence/errors.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <string>

namespace {

using namespace annexa::agent;

/// What the command line decided: which command runs.
using Command = std::function<Exit()>;

void add_format(CLI::App& command, Format& format, const std::map<std::string, Format>& names) {
    std::string text;
    for (const auto& [name, unused] : names) text += (text.empty() ? "" : "|") + name;
    command.add_option("--format", format, "How to print it")
        ->transform(CLI::Transformer(names))
        ->option_text(text)
        ->check([names](const std::string& value) {
            for (const auto& [name, number] : names)
                if (value == name || value == std::to_string(static_cast<int>(number))) return std::string{};
            return "expected another format, found " + value;
        });
}

void add_configuration(CLI::App& command, std::optional<std::filesystem::path>& file) {
    command.add_option("--config", file, "Configuration file instead of /etc/annexa/agent.yaml")->option_text("FILE");
}

void add_root(CLI::App& command, std::optional<std::filesystem::path>& root) {
    command
        .add_option("--root", root, "Read this folder as the root of an image; nothing of the running machine is used")
        ->option_text("DIR");
}

CLI::App* add_command(CLI::App& parent, const char* name, const char* description, const char* footer) {
    CLI::App* command = parent.add_subcommand(name, description);
    command->footer(footer);
    return command;
}

/// What the command line says.
struct CommandLine {
    CheckOptions check;
    QueryOptions query;
    CollectOptions collect;
    TablesOptions tables;
    PolicyOptions policy;
    EnrollOptions enroll;
    ServiceOptions service;
    Command chosen;
};

void add_local_commands(CLI::App& app, CommandLine& line) {
    CLI::App* command = add_command(
        app, "check", "Collect, evaluate and print the state of every check and control",
        "What takes reading every file (walks, package files) is collected once a day, unless --fresh or --only asks for it.\n\n"
        "Exit status: 0 nothing fails, 1 something fails, 2 something could not be checked (2 wins over 1; not "
        "applicable is neither).\n\n"
        "Examples:\n  annexa-agent check\n  annexa-agent check --only ssh-root-login --only login-lockout\n"
        "  annexa-agent check --root /srv/images/web --format json | jq '.results[] | select(.state == \"fail\")'\n"
        "  annexa-agent check --policy ./our-pack --set password_max_days=90");
    add_configuration(*command, line.check.configuration);
    add_root(*command, line.check.root);
    command->add_option("--policy", line.check.policies, "A pack's folder instead of the built-in pack; may repeat")
        ->option_text("PATH")
        ->allow_extra_args(false);
    command->add_option("--set", line.check.settings, "Set a parameter of the packs; may repeat")
        ->option_text("PARAMETER=VALUE")
        ->allow_extra_args(false);
    command->add_option("--only", line.check.only, "Run this check alone; may repeat")
        ->option_text("ID")
        ->allow_extra_args(false);
    command->add_flag("--fresh", line.check.fresh, "Read every file anew for the checks that need it; else once a day");
    add_format(*command, line.check.format, {{"text", Format::text}, {"json", Format::json}});
    command->callback([&line] { line.chosen = [&line] { return command_check(line.check, std::cout, std::cerr); }; });

    command =
        add_command(app, "query", "Run SQL over freshly collected tables",
                    "Only the tables that the query names are collected. `annexa-agent tables` lists them.\n\n"
                    "Examples:\n  annexa-agent query \"SELECT username, uid FROM users WHERE uid = 0\"\n"
                    "  annexa-agent query --format csv \"SELECT name, version FROM deb_packages\" >packages.csv\n"
                    "  annexa-agent query --format json \"SELECT port, address FROM listening_ports\" | jq '.[].port'");
    add_configuration(*command, line.query.configuration);
    add_root(*command, line.query.root);
    add_format(*command, line.query.format, {{"table", Format::text}, {"json", Format::json}, {"csv", Format::csv}});
    command->add_option("SQL", line.query.sql, "One SELECT")->required();
    command->callback([&line] { line.chosen = [&line] { return command_query(line.query, std::cout, std::cerr); }; });

    command = add_command(app, "collect", "Run collectors and print what they return",
                          "Exit status: 0 each collector is ok or not applicable, 2 one of them failed.\n\n"
                          "Examples:\n  annexa-agent collect --collector sshd --format table\n"
                          "  annexa-agent collect | jq '.collectors[] | {collector, status, reason}'\n"
                          "  annexa-agent collect --as-sent --collector users");
    add_configuration(*command, line.collect.configuration);
    add_root(*command, line.collect.root);
    command->add_option("--collector", line.collect.collectors, "Run this collector alone; may repeat")
        ->option_text("NAME")
        ->allow_extra_args(false);
    command->add_flag("--as-sent", line.collect.as_sent, "Print the canonical evidence form with salt and digest");
    add_format(*command, line.collect.format, {{"json", Format::json}, {"table", Format::text}});
    command->callback(
        [&line] { line.chosen = [&line] { return command_collect(line.collect, std::cout, std::cerr); }; });

    command = add_command(app, "tables", "List the tables, or describe one",
                          "Examples:\n  annexa-agent tables\n  annexa-agent tables sshd_effective\n  annexa-agent "
                          "tables --format json | jq '.[].table'");
    command->add_option("NAME", line.tables.table, "A table");
    add_format(*command, line.tables.format, {{"text", Format::text}, {"json", Format::json}});
    command->callback([&line] { line.chosen = [&line] { return command_tables(line.tables, std::cout, std::cerr); }; });
}

void add_policy_commands(CLI::App& app, CommandLine& line) {
    CLI::App* group =
        add_command(app, "policy", "Test, check and list policy packs", "Example:\n  annexa-agent policy list");
    group->require_subcommand(1);
    CLI::App* command = add_command(*group, "test", "Run the cases of a pack",
                                    "Exit status: 0 all hold, 1 one does not, 2 the pack is not valid.\n\n"
                                    "Examples:\n  annexa-agent policy test policies/packs/linux-baseline --hosts "
                                    "tests/collectors\n  annexa-agent policy test ./our-pack");
    command->add_option("PATH", line.policy.pack, "The pack's folder")->required();
    command
        ->add_option("--hosts", line.policy.hosts,
                     "Folder of the hosts that cases name; without it such cases are skipped")
        ->option_text("DIR");
    command->callback(
        [&line] { line.chosen = [&line] { return command_policy_test(line.policy, std::cout, std::cerr); }; });
    command = add_command(*group, "check", "Say what is invalid in a pack, as FILE:LINE:COLUMN: ...",
                          "Exit status: 0 valid, 1 not valid, 2 it could not be read.\n\nExample:\n  annexa-agent "
                          "policy check ./our-pack");
    command->add_option("PATH", line.policy.pack, "The pack's folder")->required();
    command->callback(
        [&line] { line.chosen = [&line] { return command_policy_check(line.policy, std::cout, std::cerr); }; });
    command = add_command(
        *group, "list", "List the packs and checks at hand",
        "Examples:\n  annexa-agent policy list\n  annexa-agent policy list --format json | jq '.[].checks[].check'");
    command->add_option("PATH", line.policy.pack, "A pack's folder instead of the built-in pack");
    add_format(*command, line.policy.format, {{"text", Format::text}, {"json", Format::json}});
    command->callback(
        [&line] { line.chosen = [&line] { return command_policy_list(line.policy, std::cout, std::cerr); }; });
}

void add_service_commands(CLI::App& app, CommandLine& line) {
    CLI::App* command =
        add_command(app, "enroll", "Enrol this host with a store",
                    "The token is read from a file, from standard input or from ANNEXA_TOKEN, never from the command "
                    "line. Run again it says\n"
                    "`unchanged`.\n\nExamples:\n  annexa-agent enroll --token-file token\n  ssh store annexa-server "
                    "token create --role agent --data DIR | annexa-agent enroll --token-file -");
    add_configuration(*command, line.enroll.configuration);
    command->add_option("--token-file", line.enroll.token_file, "File with the token, or - for standard input")
        ->option_text("FILE|-");
    command->callback([&line] { line.chosen = [&line] { return command_enroll(line.enroll, std::cout, std::cerr); }; });

    const auto add_service = [&](const char* name, const char* description, const char* footer, auto function) {
        CLI::App* made = add_command(app, name, description, footer);
        add_configuration(*made, line.service.configuration);
        made->callback([&line, function] {
            line.chosen = [&line, function] { return function(line.service, std::cout, std::cerr); };
        });
        return made;
    };
    add_service("run", "Collect on schedule, sign and ship, until SIGTERM",
                "It logs to standard error. A second one in the same state folder exits 2 and names the "
                "first.\n\nExample:\n  annexa-agent run --config /etc/annexa/agent.yaml",
                command_run);
    command =
        add_service("status", "Show what the service does and all that is wrong with it",
                    "Exit status: 0 nothing is wrong, 1 something of severity error is, 2 it could not be asked.\n\n"
                    "Examples:\n  annexa-agent status\n  annexa-agent status --format json | jq '.conditions[].code'",
                    command_status);
    add_format(*command, line.service.format, {{"text", Format::text}, {"json", Format::json}});
    command =
        add_service("collect-now", "Make the service collect and send everything now, and show its status after that",
                    "Example:\n  annexa-agent collect-now", command_collect_now);
    add_format(*command, line.service.format, {{"text", Format::text}, {"json", Format::json}});
    add_service("doctor", "Look at configuration, clock, DNS, TLS, enrolment, permissions and disk",
                "Exit status: 0 all is well, 1 something is not.\n\nExample:\n  annexa-agent doctor", command_doctor);
    command = add_service("forget", "Remove identity and spool, to make an image of this machine",
                          "Example:\n  annexa-agent forget --yes", command_forget);
    command->add_flag("--yes", line.service.yes, "Yes, remove the keys for good");
}

int exit_code(Exit exit) {
    switch (exit) {
        case Exit::fine:
            return 0;
        case Exit::findings:
            return 1;
        case Exit::incomplete:
            return 2;
    }
    return 2;
}

void say(const std::string& message) { std::cerr << "annexa-agent: " << message << '\n'; }

}  // namespace

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    CLI::App app{
        "Collects facts about this host's technical controls, checks them against policies, and shows what they mean "
        "for\n"
        "ISO/IEC 27001:2022 Annex A.",
        "annexa-agent"};
    app.set_version_flag("--version", std::string{"annexa-agent "} + ANNEXA_VERSION);
    app.require_subcommand(1);
    app.get_formatter()->column_width(30);
    app.footer(
        "Exit status: 0 fine, 1 something fails, 2 something could not be checked or the command failed.\n\n"
        "Examples:\n  annexa-agent check\n  annexa-agent query \"SELECT username, uid FROM users WHERE uid = 0\"\n"
        "`annexa-agent COMMAND --help` has more.");
    CommandLine line;
    add_local_commands(app, line);
    add_policy_commands(app, line);
    add_service_commands(app, line);

    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        return app.exit(help);
    } catch (const CLI::CallForVersion& version) {
        return app.exit(version);
    } catch (const CLI::ParseError& problem) {
        say(problem.what());
        std::cerr << "Try `annexa-agent --help`.\n";
        return exit_code(Exit::incomplete);
    }
    try {
        const Exit exit = line.chosen();
        std::cout.flush();
        if (!std::cout) {
            say("the output could not be written");
            return exit_code(Exit::incomplete);
        }
        return exit_code(exit);
    } catch (const std::exception& problem) {
        say(problem.what());
        return exit_code(Exit::incomplete);
    }
}
