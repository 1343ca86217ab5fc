// annexa: the command line. What each command does is in command_*.cpp; this file knows CLI11 and the exit codes.
#include "cli/commands.hpp"
#include "cli/configuration.hpp"
#include "policies/state.hpp"
#include "terminal/output.hpp"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <csignal>
#include <functional>
#include <iostream>
#include <map>
#include <unistd.h>

namespace {

using namespace annexa;
using namespace annexa::cli;

/// What the command line decided: which command runs. Commands that ask the store get a client made from the token.
using Command = std::function<Exit(Client&, const Terminal&)>;

constexpr const char* examples =
    "Exit status: 0 fine, 1 something does not hold (status --fail-on, evidence show), 2 the command failed.\n\n"
    "The token is read from ANNEXA_TOKEN, or from what `annexa login` kept; `annexa-server token create --role reader` makes one.\n\n"
    "Examples:\n  annexa status\n  annexa status --control A.8.5\n  annexa findings\n  annexa evidence show 17\n"
    "`annexa COMMAND --help` has more.";

/// Adds commands to a parent, remembering which one was chosen.
class CommandLine {
  public:
    explicit CommandLine(CLI::App& app) : app_{app} {}

    CLI::App& add(CLI::App& parent, const char* name, const char* description, const std::string& footer, Command run) {
        CLI::App* command = parent.add_subcommand(name, description);
        command->footer(footer);
        // The innermost command is called back first: `waivers approve` before `waivers`.
        command->callback([this, run = std::move(run)] {
            if (!chosen_) chosen_ = run;
        });
        return *command;
    }
    CLI::App& add(const char* name, const char* description, const std::string& footer, Command run) { return add(app_, name, description, footer, std::move(run)); }

    CLI::App& group(const char* name, const char* description) {
        CLI::App* group = app_.add_subcommand(name, description);
        group->require_subcommand(1);
        return *group;
    }

    [[nodiscard]] const Command& chosen() const { return chosen_; }

  private:
    CLI::App& app_;
    Command chosen_;
};

void add_format(CLI::App& command, Format& format, bool csv = false) {
    std::map<std::string, Format> names{{"text", Format::text}, {"json", Format::json}};
    if (csv) names.emplace("csv", Format::csv);
    command.add_option("--format", format, "How to print it")->transform(CLI::CheckedTransformer(names))->option_text(csv ? "text|json|csv" : "text|json");
}

void add_when(CLI::App& command, When& when) {
    command.add_option("--at", when.at, "What was true then: evidence collected by that time, whenever it arrived")->option_text("TIME");
    command.add_option("--known-at", when.known_at, "What was known then: only what was logged by that time")->option_text("TIME");
}

constexpr const char* times = "TIME is 2026-11-24 (the end of that day), \"2026-11-24 09:30\" or 2026-11-24T09:30:00Z, in UTC.\n\n";

struct Options {
    StatusOptions status;
    HostsOptions hosts;
    std::string acknowledged;
    ChecksOptions checks, findings;
    EvidenceListOptions evidence;
    EvidenceShowOptions entry;
    PolicyOptions policy;
    WaiveOptions waive;
    WaiversOptions waivers;
    std::string waiver;
    LoginOptions login;
    UserOptions user;
    SecretOptions secrets;
    UserTokenOptions token;
};

void add_status(CommandLine& line, Options& o) {
    CLI::App& status = line.add("status", "The status of the 93 controls of ISO/IEC 27001:2022 Annex A, the worst first",
        std::string{times} + "Examples:\n  annexa status\n  annexa status --control A.8.5\n  annexa status --at 2026-06-30 --format csv\n"
        "  annexa status --from 2026-01-01 --to 2026-06-30\n"
        "  annexa status --fail-on not_effective", [&](Client& c, const Terminal& t) { return command_status(o.status, c, t); });
    add_when(status, o.status.when);
    CLI::Option* at = status.get_option("--at");
    CLI::Option* from = status.add_option("--from", o.status.from, "Over a period that begins then; a day is its first moment")->option_text("TIME")->excludes(at);
    status.add_option("--to", o.status.to, "The end of the period, now where it is not given; a day is part of it")->option_text("TIME")->needs(from);
    status.add_option("--control", o.status.control, "One control, with every result behind it")->option_text("ID");
    status.add_option("--host", o.status.host, "As if this host were the only one in scope")->option_text("NAME");
    status.add_option("--fail-on", o.status.fail_on, "Exit 1 where a control has one of these statuses")->option_text("STATUS,…")->delimiter(',')
        ->check([](const std::string& text) { return policies::parse_status(text) ? std::string{} : "expected a status such as not_effective, found " + text; });
    add_format(status, o.status.format, true);
}

void add_inventory(CommandLine& line, Options& o) {
    CLI::App& hosts = line.add("hosts", "The hosts in scope: when each last reported, and what needs a person",
        std::string{times} + "Examples:\n  annexa hosts\n  annexa hosts --format json | jq -r '.[] | select(.states.missing > 0) | .name'\n  annexa hosts acknowledge web-1",
        [&](Client& c, const Terminal& t) { return o.acknowledged.empty() ? command_hosts(o.hosts, c, t) : command_acknowledge(o.acknowledged, c, t); });
    add_when(hosts, o.hosts.when);
    add_format(hosts, o.hosts.format);
    CLI::App* acknowledge = hosts.add_subcommand("acknowledge", "You have understood what a host said of itself (lost results, a restored snapshot, an alarm)");
    acknowledge->add_option("HOST", o.acknowledged, "Name or id")->required();

    const auto add = [&](const char* name, const char* description, const char* footer, ChecksOptions& options, Command run) {
        CLI::App& command = line.add(name, description, std::string{times} + footer, std::move(run));
        add_when(command, options.when);
        command.add_option("--host", options.host, "Of this host alone")->option_text("NAME");
        add_format(command, options.format);
        return &command;
    };
    add("checks", "Each check in force, and how many hosts are in which state", "Examples:\n  annexa checks\n  annexa checks --host web-1", o.checks,
        [&](Client& c, const Terminal& t) { return command_checks(o.checks, c, t); });
    add("findings", "What is open, by check with the fix, the gravest and longest overdue first", "Examples:\n  annexa findings\n  annexa findings --check ssh-root-login",
        o.findings, [&](Client& c, const Terminal& t) { return command_findings(o.findings, c, t); })
        ->add_option("--check", o.findings.check, "Of this check alone")->option_text("CHECK");
}

void add_evidence(CommandLine& line, Options& o) {
    CLI::App& evidence = line.group("evidence", "What the log holds, verified on the spot");
    CLI::App& list = line.add(evidence, "list", "Statements, the newest first", "Examples:\n  annexa evidence list --host web-1",
                              [&](Client& c, const Terminal& t) { return command_evidence_list(o.evidence, c, t); });
    list.add_option("--host", o.evidence.host, "Of this host alone")->option_text("NAME");
    list.add_option("--before", o.evidence.before, "Older than this entry")->option_text("ENTRY")->check(CLI::NonNegativeNumber);
    list.add_option("--limit", o.evidence.limit, "So many at most")->option_text("N")->check(CLI::Range(1, 1000));
    add_format(list, o.evidence.format);
    CLI::App& show = line.add(evidence, "show", "An entry: statement, tables, signature and inclusion proof, each verified",
        "Exit status: 0 all of it holds, 1 something does not, 2 it could not be looked at.\n\nExamples:\n  annexa evidence show 17\n  annexa evidence show 17 --no-tables --format json",
        [&](Client& c, const Terminal& t) { return command_evidence_show(o.entry, c, t); });
    show.add_option("ENTRY", o.entry.index, "Its number in the log")->required()->check(CLI::NonNegativeNumber);
    show.add_flag("!--no-tables", o.entry.tables, "Leave the tables out");
    add_format(show, o.entry.format);
    CLI::App& log = line.group("log", "The append-only log");
    line.add(log, "checkpoint", "The newest checkpoint, verified with the log key that the token names", "Example:\n  annexa log checkpoint > checkpoint.txt",
             [](Client& c, const Terminal& t) { return command_log_checkpoint(c, t); });
}

void add_policies(CommandLine& line, Options& o) {
    CLI::App& policy = line.group("policy", "The policy packs in force, their parameters, and who adopted them");
    add_format(line.add(policy, "list", "The packs in force", "Example:\n  annexa policy list", [&](Client& c, const Terminal& t) { return command_policy_list(o.policy, c, t); }), o.policy.format);
    const auto add_pack = [&](CLI::App& command) { command.add_option("PACK", o.policy.pack, "Its name, such as linux-baseline")->required(); };
    const auto add_tolerance = [&](CLI::App& command) {
        command.add_option("--tolerance", o.policy.tolerances, "Hosts on which a check may be overdue before the control suffers; may repeat")->option_text("CHECK=HOSTS")->allow_extra_args(false);
        command.add_option("--document", o.policy.document, "Digest of the organization's text that it is tied to")->option_text("SHA256");
    };
    CLI::App& show = line.add(policy, "show", "A pack: parameters, checks, adoption", "Example:\n  annexa policy show linux-baseline", [&](Client& c, const Terminal& t) { return command_policy_show(o.policy, c, t); });
    add_pack(show);
    add_format(show, o.policy.format);
    CLI::App& adopt = line.add(policy, "adopt", "Your organization stands by this pack: it stays in force until another is adopted",
        "Examples:\n  annexa policy adopt linux-baseline\n  annexa policy adopt linux-baseline --set password_max_days=90 --tolerance updates-security-pending=2",
        [&](Client& c, const Terminal& t) { return command_policy_adopt(o.policy, c, t); });
    add_pack(adopt);
    adopt.add_option("--set", o.policy.settings, "Set a parameter; may repeat")->option_text("PARAMETER=VALUE")->allow_extra_args(false);
    add_tolerance(adopt);
    CLI::App& set = line.add(policy, "set", "Change parameters of an adopted pack; the rest stays", "Example:\n  annexa policy set linux-baseline password_max_days=90",
                             [&](Client& c, const Terminal& t) { return command_policy_set(o.policy, c, t); });
    add_pack(set);
    set.add_option("SETTING", o.policy.settings, "PARAMETER=VALUE")->option_text("PARAMETER=VALUE …");
    add_tolerance(set);
}

void add_waivers(CommandLine& line, Options& o) {
    CLI::App& waive = line.add("waive", "Ask that findings of a check be accepted for a time; another person approves",
        "A waiver covers findings, never missing, stale or failed evidence, and is never a pass.\n\nExamples:\n"
        "  annexa waive ssh-root-login --host web-1 --reason 'break-glass access, reviewed weekly' --until 2027-03-31",
        [&](Client& c, const Terminal& t) { return command_waive(o.waive, c, t); });
    waive.add_option("CHECK", o.waive.check, "The check")->required();
    waive.add_option("--host", o.waive.hosts, "On this host; may repeat; without it on every host")->option_text("NAME")->allow_extra_args(false);
    waive.add_option("--key", o.waive.key, "This finding alone, by its key")->option_text("VALUE");
    waive.add_option("--reason", o.waive.reason, "Why it is acceptable")->required()->option_text("TEXT");
    waive.add_option("--until", o.waive.until, "Last day, at most a year away")->required()->option_text("DATE");
    add_format(waive, o.waive.format);

    const auto decide = [&o](const char* decision) {
        return [&o, decision](Client& c, const Terminal& t) { return command_waiver_decision(o.waiver, decision, c, t); };
    };
    CLI::App& waivers = line.add("waivers", "All waivers; approve, reject or withdraw one", "Examples:\n  annexa waivers\n  annexa waivers approve 0b7c…", [&](Client& c, const Terminal& t) { return command_waivers(o.waivers, c, t); });
    add_when(waivers, o.waivers.when);
    add_format(waivers, o.waivers.format);
    for (const auto& [name, decision, text] : {std::tuple{"approve", "approved", "Accept what another person asked for"}, std::tuple{"reject", "rejected", "Refuse what another person asked for"},
                                               std::tuple{"withdraw", "withdrawn", "End a waiver before its time"}})
        line.add(waivers, name, text, "", decide(decision)).add_option("ID", o.waiver, "The waiver's id")->required();
}

/// Adds a command that a person's own secrets go into.
void add_secrets(CLI::App& command, SecretOptions& secrets, const char* whose) {
    command.add_option("--password-file", secrets.password_file, std::string{whose} + " in the first line; - for a line of standard input; without it, asked for")->option_text("FILE|-");
    command.add_option("--code", secrets.code, "What your authenticator shows; without it, asked for")->option_text("CODE");
}

constexpr const char* roles =
    "ROLE is reader (looks), auditor (looks, and writes audits), editor (writes), approver (writes and approves), admin (accounts,\n"
    "hosts, keys), or admin,editor or admin,approver (both).\n\n";

void add_accounts(CommandLine& line, CLI::App& user, Options& o) {
    const auto add = [&](const char* name, const char* description, const std::string& footer, Command run) {
        CLI::App& command = line.add(user, name, description, footer, std::move(run));
        command.add_option("LOGIN", o.user.login, "What the person signs in with")->required();
        return &command;
    };
    add_format(line.add(user, "list", "The accounts that there are", "Examples:\n  annexa user list\n  annexa user list --format json | jq -r '.[] | select(.state == \"disabled\") | .login'",
                        [&](Client& c, const Terminal& t) { return command_user_list(o.user.format, c, t); }), o.user.format);
    CLI::App* made = add("add", "Invite a person: prints a token, once, with which they set their password",
        std::string{roles} + "Examples:\n  annexa user add ada --role approver --name 'Ada Lovelace' > invitation\n  annexa user add bob --role admin,editor",
        [&](Client& c, const Terminal& t) { return command_user_add(o.user, c, t); });
    made->add_option("--role", o.user.role, "What the person may do")->required()->option_text("ROLE");
    made->add_option("--name", o.user.name, "For people's eyes; stands in no record")->option_text("TEXT");
    add_format(*made, o.user.format);
    add_format(*add("reset", "Invite anew who lost password or authenticator: both go, and sessions and tokens end", "Examples:\n  annexa user reset ada > invitation",
                    [&](Client& c, const Terminal& t) { return command_user_reset(o.user, c, t); }), o.user.format);
    add("role", "Change what a person may do, at once; nobody changes their own", std::string{roles} + "Examples:\n  annexa user role ada auditor",
        [&](Client& c, const Terminal& t) { return command_user_role(o.user, c, t); })
        ->add_option("ROLE", o.user.role, "What the person may do")->required();
    add("disable", "End a person's sessions and tokens now, and let them sign in no more", "Examples:\n  annexa user disable ada",
        [&](Client& c, const Terminal& t) { return command_user_state(o.user, true, c, t); });
    add("enable", "Let a person sign in again: one who was disabled, or who must wait after failed attempts", "Examples:\n  annexa user enable ada",
        [&](Client& c, const Terminal& t) { return command_user_state(o.user, false, c, t); });
}

void add_own_tokens(CommandLine& line, CLI::App& user, Options& o) {
    CLI::App* token = user.add_subcommand("token", "Your tokens, for programs that ask the store in your name");
    token->require_subcommand(1);
    CLI::App& list = line.add(*token, "list", "Your tokens and sessions that are open", "Examples:\n  annexa user token list", [&](Client& c, const Terminal& t) { return command_user_token_list(o.token, c, t); });
    list.add_option("--user", o.token.account, "Another person's: for administrators")->option_text("LOGIN");
    add_format(list, o.token.format);
    CLI::App& make = line.add(*token, "make", "Make a token and print it, once",
        "It never holds more than you do at that moment, and ends when your account is disabled.\n\n"
        "Examples:\n  annexa user token make --name 'nightly report' --role reader --ttl 90d --path /api/v1/status",
        [&](Client& c, const Terminal& t) { return command_user_token_make(o.token, c, t); });
    make.add_option("--name", o.token.name, "What it is for")->required()->option_text("TEXT");
    make.add_option("--role", o.token.role, "At most your own; reader is read-only")->required()->option_text("ROLE");
    make.add_option("--ttl", o.token.ttl, "How long it is good for: 12h, 90d; at most 366d")->required()->option_text("TIME");
    make.add_option("--path", o.token.paths, "It opens only what is below this path; may repeat")->option_text("PATH")->allow_extra_args(false);
    add_format(make, o.token.format);
    line.add(*token, "revoke", "End a token or session now", "Examples:\n  annexa user token revoke 4d5a0e6c-6f0b-4b9d-9c57-0c1f6c2f8a31", [&](Client& c, const Terminal& t) { return command_user_token_revoke(o.token, c, t); })
        .add_option("ID", o.token.id, "As token list shows it")->required();
}

void add_user(CommandLine& line, Options& o) {
    CLI::App& user = line.group("user", "Accounts, for administrators; your own password, codes and tokens");
    add_accounts(line, user, o);
    CLI::App& password = line.add(user, "password", "Set the password that you were invited to, or change your own",
        "A password has at least 12 characters; several words do well. The first one also makes your one-time codes: the otpauth\n"
        "address that is printed, once, goes into an authenticator.\n\n"
        "Examples:\n  annexa user password --invitation-file invitation\n  annexa user password --invitation-file invitation | qrencode -t ansiutf8\n  annexa user password",
        [&](Client& c, const Terminal& t) { return command_user_password(o.secrets, c, t); });
    password.add_option("--invitation-file", o.secrets.invitation_file, "Holds what annexa user add printed; - for a line of standard input")->option_text("FILE|-");
    add_secrets(password, o.secrets, "Your password (with an invitation, the new one)");
    password.add_option("--new-password-file", o.secrets.new_password_file, "The new one, likewise")->option_text("FILE|-");
    CLI::App& totp = line.add(user, "totp", "Make your one-time codes anew: prints the otpauth address for an authenticator, once",
        "Whoever lost the authenticator asks an administrator for annexa user reset.\n\nExamples:\n  annexa user totp | qrencode -t ansiutf8",
        [&](Client& c, const Terminal& t) { return command_user_totp(o.secrets, c, t); });
    add_secrets(totp, o.secrets, "Your password");
    add_own_tokens(line, user, o);
}

void say(const std::string& message) { std::cerr << "annexa: " << message << '\n'; }

int exit_code(Exit exit) { return exit == Exit::fine ? 0 : 1; }

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App app{"Asks an annexa store for the status of ISO/IEC 27001:2022 Annex A and the evidence behind it.", "annexa"};
    app.set_version_flag("--version", std::string{"annexa "} + ANNEXA_VERSION);
    app.require_subcommand(1);
    app.footer(examples);
    app.get_formatter()->column_width(30);
    CommandLine line{app};
    Options options;
    bool login = false;
    CLI::App* command = app.add_subcommand("login", "Sign in, or keep a token, so that later commands need none");
    command->footer("A session ends after half an hour without a command, and after twelve hours in any case.\n\n"
                    "Examples:\n  annexa login --user ada\n  annexa login --token-file token\n  annexa-server token create --role reader | annexa login --token-file -");
    command->add_option("--user", options.login.user, "Sign in with password and code; the store is the token's, or that of the last login or invitation")->option_text("LOGIN");
    command->add_option("--password-file", options.login.password_file, "The password in the first line; - for a line of standard input; without it, asked for")->option_text("FILE|-");
    command->add_option("--code", options.login.code, "What your authenticator shows; without it, asked for")->option_text("CODE");
    command->add_option("--token-file", options.login.token_file, "A file that holds the token, - for standard input; without it ANNEXA_TOKEN")->option_text("FILE|-");
    command->callback([&login] { login = true; });
    line.add("logout", "End the session that annexa login began, or the token that it kept", "Examples:\n  annexa logout", [](Client& c, const Terminal& t) { return command_logout(c, t); });
    add_status(line, options);
    add_inventory(line, options);
    add_evidence(line, options);
    add_policies(line, options);
    add_waivers(line, options);
    add_user(line, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? 0 : 2;
    }
    try {
        const evidence::SystemClock clock;
        const terminal::Paint paint = terminal::Paint::for_descriptor(STDOUT_FILENO);
        const Terminal terminal{std::cout, std::cerr, paint, clock};
        if (login) return exit_code(command_login(options.login, terminal));
        if (!options.secrets.invitation_file.empty()) return exit_code(command_user_accept(options.secrets, terminal));
        evidence::Token token = read_token();
        demand_person(token);
        Client client{std::move(token)};
        const Exit exit = line.chosen()(client, terminal);
        std::cout.flush();
        if (!std::cout && errno == EPIPE) return 0;  // whoever read has read enough: `annexa status | head`
        if (!std::cout) throw evidence::error("the output could not be written");
        return exit_code(exit);
    } catch (const refused& problem) {
        say(std::string{problem.what()} + " (" + problem.code() + ")");
    } catch (const std::exception& problem) {
        say(problem.what());
    }
    return 2;
}
