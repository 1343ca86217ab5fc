// annexa-agent: the command line. What each command does is in command_*.cpp; this file knows CLI11 and the exit codes.
#include "agent/commands.hpp"
#include "evidence/errors.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <exception>
#include <functional>
#include <iostream>

namespace {

using namespace annexa::agent;

/// What the command line decided: which command runs.
using Command = std::function<Exit()>;


void add_format(CLI::App& command, Format& format, const std::map<std::string, Format>& names) {
    std::string text;
    for (const auto& [name, unused] : names) text += (text.empty() ? "" : "|") + name;
    command.add_option("--format", format, "How to print it")->transform(CLI::Transformer(names))->option_text(text)->check([names](const std::string& value) {
        for (const auto& [name, number] : names)
            if (value == name || value == std::to_string(static_cast<int>(number))) return std::string{};
        return "expected another format, found " + value;
    });
}

void add_configuration(CLI::App& command, std::optional<std::filesystem::path>& file) {
    command.add_option("--config", file, "Configuration file instead of /etc/annexa/agent.yaml")->option_text("FILE");
}

void add_root(CLI::App& command, std::optional<std::filesystem::path>& root) {
    command.add_option("--root", root, "Read this folder as the root of an image; nothing of the running machine is used")->option_text("DIR");
}

CLI::App* add_command(CLI::App& parent, const char* name, const char* description, const char* footer) {
    CLI::App* command = parent.add_subcommand(name, description);
    command->footer(footer);
    return command;
}

int exit_code(Exit exit) {
    switch (exit) {
        case Exit::fine: return 0;
        case Exit::findings: return 1;
        case Exit::incomplete: return 2;
    }
    return 2;
}

void say(const std::string& message) { std::cerr << "annexa-agent: " << message << '\n'; }

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of a write, not the end of the process
    std::ios::sync_with_stdio(false);
    CLI::App app{"Collects facts about this host's technical controls, checks them against policies, and shows what they mean for\n"
                 "ISO/IEC 27001:2022 Annex A.", "annexa-agent"};
    app.set_version_flag("--version", std::string{"annexa-agent "} + ANNEXA_VERSION);
    app.require_subcommand(1);
    app.get_formatter()->column_width(30);
    app.footer("Exit status: 0 fine, 1 something fails, 2 something could not be checked or the command failed.\n\n"
               "Examples:\n  annexa-agent check\n  annexa-agent query \"SELECT username, uid FROM users WHERE uid = 0\"\n"
               "`annexa-agent COMMAND --help` has more.");
    Command chosen;

    CheckOptions check;
    CLI::App* command = add_command(app, "check", "Collect, evaluate and print the state of every check and control",
        "Exit status: 0 nothing fails, 1 something fails, 2 something could not be checked (2 wins over 1; not applicable is neither).\n\n"
        "Examples:\n  annexa-agent check\n  annexa-agent check --only ssh-root-login --only firewall-default-deny\n"
        "  annexa-agent check --root /srv/images/web --format json | jq '.results[] | select(.state == \"fail\")'\n"
        "  annexa-agent check --policy ./our-pack --set password_max_days=90");
    add_configuration(*command, check.configuration);
    add_root(*command, check.root);
    command->add_option("--policy", check.policies, "A pack's folder instead of the built-in pack; may repeat")->option_text("PATH")->allow_extra_args(false);
    command->add_option("--set", check.settings, "Set a parameter of the packs; may repeat")->option_text("PARAMETER=VALUE")->allow_extra_args(false);
    command->add_option("--only", check.only, "Run this check alone; may repeat")->option_text("ID")->allow_extra_args(false);
    add_format(*command, check.format, {{"text", Format::text}, {"json", Format::json}});
    command->callback([&] { chosen = [&] { return command_check(check, std::cout, std::cerr); }; });

    QueryOptions query;
    command = add_command(app, "query", "Run SQL over freshly collected tables",
        "Only the tables that the query names are collected. `annexa-agent tables` lists them.\n\n"
        "Examples:\n  annexa-agent query \"SELECT username, uid FROM users WHERE uid = 0\"\n"
        "  annexa-agent query --format csv \"SELECT name, version FROM deb_packages\" >packages.csv\n"
        "  annexa-agent query --format json \"SELECT port, address FROM listening_ports\" | jq '.[].port'");
    add_configuration(*command, query.configuration);
    add_root(*command, query.root);
    add_format(*command, query.format, {{"table", Format::text}, {"json", Format::json}, {"csv", Format::csv}});
    command->add_option("SQL", query.sql, "One SELECT")->required();
    command->callback([&] { chosen = [&] { return command_query(query, std::cout, std::cerr); }; });

    CollectOptions collect;
    command = add_command(app, "collect", "Run collectors and print what they return",
        "Exit status: 0 each collector is ok or not applicable, 2 one of them failed.\n\n"
        "Examples:\n  annexa-agent collect --collector sshd --format table\n"
        "  annexa-agent collect | jq '.collectors[] | {collector, status, reason}'\n"
        "  annexa-agent collect --as-sent --collector users");
    add_configuration(*command, collect.configuration);
    add_root(*command, collect.root);
    command->add_option("--collector", collect.collectors, "Run this collector alone; may repeat")->option_text("NAME")->allow_extra_args(false);
    command->add_flag("--as-sent", collect.as_sent, "Print the canonical evidence form with salt and digest");
    add_format(*command, collect.format, {{"json", Format::json}, {"table", Format::text}});
    command->callback([&] { chosen = [&] { return command_collect(collect, std::cout, std::cerr); }; });

    TablesOptions tables;
    command = add_command(app, "tables", "List the tables, or describe one",
        "Examples:\n  annexa-agent tables\n  annexa-agent tables sshd_effective\n  annexa-agent tables --format json | jq '.[].table'");
    command->add_option("NAME", tables.table, "A table");
    add_format(*command, tables.format, {{"text", Format::text}, {"json", Format::json}});
    command->callback([&] { chosen = [&] { return command_tables(tables, std::cout, std::cerr); }; });

    PolicyOptions policy;
    CLI::App* group = add_command(app, "policy", "Check and list policy packs", "Example:\n  annexa-agent policy list");
    group->require_subcommand(1);
    command = add_command(*group, "check", "Say what is invalid in a pack, as FILE:LINE:COLUMN: ...",
        "Exit status: 0 valid, 1 not valid, 2 it could not be read.\n\nExample:\n  annexa-agent policy check ./our-pack");
    command->add_option("PATH", policy.pack, "The pack's folder")->required();
    command->callback([&] { chosen = [&] { return command_policy_check(policy, std::cout, std::cerr); }; });
    command = add_command(*group, "list", "List the packs and checks at hand",
        "Examples:\n  annexa-agent policy list\n  annexa-agent policy list --format json | jq '.[].checks[].check'");
    command->add_option("PATH", policy.pack, "A pack's folder instead of the built-in pack");
    add_format(*command, policy.format, {{"text", Format::text}, {"json", Format::json}});
    command->callback([&] { chosen = [&] { return command_policy_list(policy, std::cout, std::cerr); }; });

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
        const Exit exit = chosen();
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
