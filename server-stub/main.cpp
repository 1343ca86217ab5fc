// annexa-server: the command line, and the one place that makes exit codes. 0 fine, 1 findings, 2 usage or failure.
#include "evidence/errors.hpp"
#include "server-stub/commands.hpp"
#include "server-stub/store_commands.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

namespace {

using namespace annexa::store;

/// --data DIR or --config FILE, as every command but init takes them.
struct Where {
    std::optional<std::string> data;
    std::optional<std::string> config;

    void add_to(CLI::App& command) {
        auto* folder = command.add_option("--data", data, "The store's folder");
        command.add_option("--config", config, "Configuration file (default: " + std::string{default_configuration_file} + ")")->excludes(folder);
    }

    [[nodiscard]] Configuration load() const {
        if (!data) return load_configuration(config.value_or(std::string{default_configuration_file}));
        Configuration configuration;
        configuration.data = std::filesystem::absolute(*data).lexically_normal();
        return configuration;
    }
};

void add_format(CLI::App& command, Format& format) {
    const std::map<std::string, Format> formats{{"text", Format::text}, {"json", Format::json}};
    command.add_option("--format", format, "text or json (default: text)")
        ->transform(CLI::CheckedTransformer(formats).description(""))
        ->type_name("FORMAT");
}

struct Program {
    CLI::App app{"The central store of annexa: enrols agents, verifies, logs and evaluates what they send."};
    Where where;
    Format format = Format::text;
    InitOptions init;
    std::optional<std::string> agents;
    std::optional<std::string> people;
    TokenCreateOptions token;
    std::string id;
    std::string host;
    std::optional<std::uint64_t> compromised_since;
    BackupOptions backup;
    RestoreOptions restore;
    int exit_code = 0;

    void add_init();
    void add_run();
    void add_token();
    void add_host();
    void add_check();
    void add_backup();
    void add_restore();
};

void Program::add_init() {
    CLI::App* command = app.add_subcommand("init", "Make a store: keys, certificate authority, database, first administrator");
    command->add_option("--data", init.data, "Folder of the store; must be empty or not be there")->required();
    command->add_option("--organization", init.organization, "The organization's name, as status and reports show it")->required();
    command->add_option("--name", init.names, "DNS name or address that the server is reached by; may repeat, the first stands in tokens (default: this machine's name)")
        ->type_name("HOST");
    add_format(*command, init.format);
    command->footer(
        "Prints the first administrator's token and the recovery key, once. Keep the recovery key off this machine.\n\n"
        "Examples:\n"
        "  annexa-server init --data /var/lib/annexa-server --organization 'Example Ltd' --name annexa.example.org");
    command->callback([this] { command_init(init); });
}

void Program::add_run() {
    CLI::App* command = app.add_subcommand("run", "Serve agents and people until SIGTERM or SIGINT");
    where.add_to(*command);
    command->add_option("--agents", agents, "Where agents connect; port 0 takes a free one")->type_name("ADDRESS:PORT");
    command->add_option("--people", people, "Where people connect; port 0 takes a free one")->type_name("ADDRESS:PORT");
    command->footer(
        "Prints both URLs, and writes them to run/urls in the store's folder.\n\n"
        "Examples:\n"
        "  annexa-server run --config /etc/annexa/server.yaml\n"
        "  annexa-server run --data /tmp/store --agents 127.0.0.1:0 --people 127.0.0.1:0");
    command->callback([this] {
        Configuration configuration = where.load();
        if (agents) configuration.agents = parse_listen_address(*agents);
        if (people) configuration.people = parse_listen_address(*people);
        command_run(configuration);
    });
}

void Program::add_token() {
    CLI::App* group = app.add_subcommand("token", "Tokens: for a host to enrol with, for people to sign in with");
    group->require_subcommand(1);

    CLI::App* create = group->add_subcommand("create", "Make a token and print it, once");
    where.add_to(*create);
    create->add_option("--role", token.role, "agent, reader, auditor, editor, approver or admin")->required()->type_name("ROLE");
    create->add_option("--ttl", token.ttl, "How long it is good for: 30m, 1h, 7d (default: 1h)")->type_name("TIME");
    create->add_option("--uses", token.uses, "An agent's: how many hosts it may enrol (default: 1). A person's: how often it may sign in (default: it opens the API as it is)")
        ->type_name("N");
    create->add_option("--host", token.host, "Role agent: id of the enrolled host whose enrolment it replaces")->type_name("ID");
    create->add_option("--name", token.name, "Who or what it is for; people's names stay in this store")->type_name("TEXT");
    add_format(*create, format);
    create->footer(
        "The token is all of standard output. It holds the server's address and the authority to trust.\n\n"
        "Examples:\n"
        "  annexa-server token create --role agent | ssh web-1 annexa-agent enroll --token-file -\n"
        "  annexa-server token create --role auditor --ttl 7d --name 'A. Auditor'");
    create->callback([this] { command_token_create(where.load(), token, format); });

    CLI::App* list = group->add_subcommand("list", "The tokens and sessions there are, without their secrets");
    where.add_to(*list);
    add_format(*list, format);
    list->footer("Examples:\n  annexa-server token list");
    list->callback([this] { command_token_list(where.load(), format); });

    CLI::App* revoke = group->add_subcommand("revoke", "End a token or session now");
    where.add_to(*revoke);
    revoke->add_option("ID", id, "As token list shows it")->required();
    add_format(*revoke, format);
    revoke->footer("Examples:\n  annexa-server token revoke 4d5a0e6c-6f0b-4b9d-9c57-0c1f6c2f8a31");
    revoke->callback([this] { command_token_revoke(where.load(), id, format); });
}

void Program::add_host() {
    CLI::App* group = app.add_subcommand("host", "Enrolled hosts");
    group->require_subcommand(1);

    CLI::App* list = group->add_subcommand("list", "The hosts with their enrolments");
    where.add_to(*list);
    add_format(*list, format);
    list->footer("Examples:\n  annexa-server host list\n  annexa-server host list --format json | jq -r '.[].name'");
    list->callback([this] { command_host_list(where.load(), format); });

    CLI::App* retire = group->add_subcommand("retire", "A host is out of service: takes nothing more from it, keeps its evidence");
    where.add_to(*retire);
    retire->add_option("HOST", host, "Its id, or its name where only one host has it")->required();
    add_format(*retire, format);
    retire->footer("Examples:\n  annexa-server host retire web-1");
    retire->callback([this] { command_host_retire(where.load(), host, format); });

    CLI::App* revoke = group->add_subcommand("revoke", "A host's key is not to be believed any more");
    where.add_to(*revoke);
    revoke->add_option("HOST", host, "Its id, or its name where only one host has it")->required();
    revoke->add_option("--compromised-since", compromised_since, "Log index from which its results count as error; they are not deleted")->type_name("INDEX");
    add_format(*revoke, format);
    revoke->footer("Examples:\n  annexa-server host revoke web-1\n  annexa-server host revoke web-1 --compromised-since 4711");
    revoke->callback([this] { command_host_revoke(where.load(), host, compromised_since, format); });
}

void Program::add_check() {
    CLI::App* command = app.add_subcommand("check", "Verify the store: log, chains, blobs, history, and every row that evidence, records and status rest on");
    where.add_to(*command);
    add_format(*command, format);
    command->footer(
        "Reads beside a running server. Names the place of whatever is wrong. Exit 0 all holds, 1 something does not, 2 could not be read.\n"
        "Of tokens, sessions and whether an account is disabled the log says nothing: `annexa-server token list` and `annexa user list`\n"
        "show them for a person to judge.\n\n"
        "Examples:\n"
        "  annexa-server check --data /var/lib/annexa-server");
    command->callback([this] { exit_code = command_check(where.load(), format == Format::json); });
}

void Program::add_backup() {
    CLI::App* command = app.add_subcommand("backup", "Write a backup of the store, also while the server runs");
    where.add_to(*command);
    command->add_option("FILE", backup.file, "The backup; must not be there yet")->required();
    command->add_flag("--with-keys", backup.with_keys, "The store's keys too, encrypted under a passphrase");
    command->add_option("--passphrase-file", backup.passphrase_file, "Holds the passphrase in its first line; - is standard input (default: ANNEXA_BACKUP_PASSPHRASE, else asked for)")
        ->type_name("FILE");
    command->footer(
        "Examples:\n"
        "  annexa-server backup /srv/backup/annexa-$(date +%F)\n"
        "  annexa-server backup --with-keys --passphrase-file /root/passphrase /srv/backup/annexa-full");
    command->callback([this] { exit_code = command_backup(where.load(), backup); });
}

void Program::add_restore() {
    CLI::App* command = app.add_subcommand("restore", "Make a store from a backup");
    where.add_to(*command);
    command->add_option("FILE", restore.file, "The backup")->required();
    command->add_option("--passphrase-file", restore.passphrase_file, "As for backup")->type_name("FILE");
    command->add_flag("--without-keys", restore.without_keys, "Leave the keys in the backup; the store gets TLS keys of its own when it starts");
    command->footer(
        "The restored store serves and evaluates, and acknowledges nothing: it may be behind what was acknowledged since.\n\n"
        "Examples:\n"
        "  annexa-server restore /srv/backup/annexa-2026-11-24 --data /var/lib/annexa-restored");
    command->callback([this] { exit_code = command_restore(where.load(), restore); });
}

}  // namespace

int main(int argc, char** argv) {
    Program program;
    program.app.set_version_flag("--version", "annexa-server " ANNEXA_VERSION);
    program.app.require_subcommand(1);
    program.app.footer("annexa-server COMMAND --help shows each command with examples.");
    program.add_init();
    program.add_run();
    program.add_token();
    program.add_host();
    program.add_check();
    program.add_backup();
    program.add_restore();
    try {
        program.app.parse(argc, argv);
        return program.exit_code;
    } catch (const CLI::ParseError& error) {
        return program.app.exit(error) == 0 ? 0 : 2;
    } catch (const std::exception& error) {
        std::cerr << "annexa-server: " << error.what() << '\n';
        return 2;
    }
}
