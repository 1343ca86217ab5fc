// Hundreds of made-up sudoers files: what visudo refuses we refuse, and what it takes means to us what cvtsudoers says
// it means. The seed is printed; ANNEXA_TEST_SEED repeats a run.
#include "collectors/support/sudoers_grammar.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <random>
#include <regex>

using namespace annexa;
using namespace annexa::collectors;
using Json = nlohmann::ordered_json;

namespace {

// Pieces that are each right somewhere; put together at random they are right and wrong in all the ways that matter.
class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_{seed} {}

    std::string file() {
        std::string text =
            "User_Alias ADMINS = alice, %wheel\nCmnd_Alias SHELLS = /bin/sh, /bin/bash\nHost_Alias WEB = web1, "
            "web2\nRunas_Alias DB = postgres\n";
        if (chance(10)) text += "  Defaults env_reset\n";
        for (std::size_t i = below(4) + 1; i > 0; --i) text += line(i);
        if (chance(10)) text.pop_back();
        return text;
    }

  private:
    std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_); }
    bool chance(std::size_t percent) { return below(100) < percent; }
    template <std::size_t N>
    std::string pick(const char* const (&choices)[N]) {
        return choices[below(N)];
    }
    std::string gap() { return pick({"", " ", "  ", "\t", " \\\n ", "\\\n"}); }
    std::string space() { return pick({" ", " ", " ", "\t", " \\\n  "}); }

    std::string list(const std::function<std::string()>& item) {
        std::string text;
        for (std::size_t i = below(3) + 1; i > 0; --i) {
            if (chance(15)) text += pick({"!", "!!", "! "});
            text += item();
            if (i > 1) text += gap() + "," + gap();
        }
        return text;
    }
    std::string user() {
        if (chance(2)) return pick({"%", "#", "a\"b", "host\\,name", "+", "\"\"", "\"%\""});
        return pick({"alice",         "bob",     "#1000",      "%sudo",         "%#27",
                     "+ops",          "ALL",     "ADMINS",     "\"%my group\"", "%:ext",
                     "\"user name\"", "us\\ er", "user\\x20x", "web-1.x",       "d.o-t_s",
                     "ROOT",          "Root",    "#-1",        "1.2.3.4",       "alice@example.com",
                     "USER_1"});
    }
    std::string runas() { return pick({"root", "#0", "ALL", "DB", "%adm", "postgres", "\"x y\"", "+ng", "www-data"}); }
    std::string group() { return pick({"adm", "ALL", "DB", "#4", "wheel"}); }
    std::string host() {
        return pick({"ALL", "WEB", "web1", "10.0.0.1", "10.0.0.0/8", "10.0.0.0/255.0.0.0", "::1", "fe80::1",
                     "2001:db8::/32", "+hosts", "web*", "web-1.example.com", "\"q uoted\""});
    }
    std::string command() {
        if (chance(3))
            return pick({"ls", "/", "/bin/v a:b", "sha224:1181 /bin/ls", "/bin/n a\\n", "^unended", "/bin/x ^unended"});
        return pick({"ALL",
                     "SHELLS",
                     "/bin/ls",
                     "/bin/ls \"\"",
                     "/usr/bin/x a\\,b c",
                     "/usr/lib/",
                     "/bin/cat /etc/*",
                     "sudoedit /etc/hosts",
                     "sudoedit",
                     "/usr/bin/y a=b",
                     "/usr/bin/z \\[a-z\\]",
                     "/bin/e\\ f x",
                     "/bin/a  b   c",
                     "^/bin/.*$",
                     "^/bin/[a-z]+$ ^-x$",
                     "/bin/sh \\\n -c true",
                     "/bin/x ^a.*$",
                     "sha224:118187da8364d490b4a7debbf483004e8f3e053ec954309de2c41a25 /bin/ls",
                     "/bin/q !x",
                     "/bin/w a\\=b\\:c",
                     "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= /bin/k",
                     "/bin/back\\\\slash",
                     "/bin/t a\\#b",
                     "/bin/t #c"});
    }
    std::string tag() {
        return pick(
            {"NOPASSWD:", "PASSWD:", "SETENV:", "NOEXEC :", "EXEC:", "NOPASSWD: ", "LOG_INPUT:", "NOMAIL:", "FOLLOW:"});
    }
    std::string option() {
        if (chance(15)) return pick({"TIMEOUT=5x ", "CWD=tmp ", "NOTAFTER=2026 ", "ROLE ", "TIMEOUT=1s2m "});
        return pick({"TIMEOUT=5m ", "TIMEOUT=1d2h3m4s ", "TIMEOUT=10 ", "CWD=/tmp ", "CWD=~ ", "CWD=* ",
                     "ROLE=sysadm_r ", "NOTBEFORE=20260101000000Z ", "CHROOT=/srv ", "TYPE = t "});
    }
    std::string spec() {
        std::string text;
        if (chance(50)) {
            text += "(";
            if (chance(85)) text += list([this] { return runas(); });
            if (chance(30)) text += gap() + ":" + gap() + (chance(85) ? list([this] { return group(); }) : "");
            text += chance(96) ? ")" : "";
            text += gap();
        }
        if (chance(15)) text += option();
        for (std::size_t i = chance(40) ? below(2) + 1 : 0; i > 0; --i) text += tag() + gap();
        if (chance(10)) text += "!";
        return text + command();
    }
    std::string specs() {
        std::string text;
        for (std::size_t i = below(3) + 1; i > 0; --i) text += spec() + (i > 1 ? gap() + "," + gap() : "");
        return text;
    }
    std::string line(std::size_t number) {
        const std::string end =
            chance(2) ? std::string{"\r\n"} : pick({"\n", "\n", "\n", " \n", " # comment\n", " \\\n\n", "# c\n"});
        switch (below(12)) {
            case 0:
                return "Defaults" + space() + parameters() + end;
            case 1:
                return "Defaults:" + list([this] { return user(); }) + space() + parameters() + end;
            case 2:
                return "Defaults!" + list([this] {
                           return pick({"/bin/ls", "SHELLS", "sudoedit", "ALL"});
                       }) +
                       " " + parameters() + end;
            case 3:
                return pick({"Defaults>", "Defaults@"}) + pick({"root", "ALL", "web1", "DB, root"}) + " " +
                       parameters() + end;
            case 4:
                return pick({"User_Alias ", " User_Alias "}) + "U" + std::to_string(chance(95) ? number : 1) + gap() +
                       "=" + gap() + list([this] { return user(); }) + end;
            case 5:
                return pick({"Cmnd_Alias", "Cmd_Alias"}) + " C" + std::to_string(number) + " = " +
                       list([this] { return command(); }) + " : D" + std::to_string(number) + "=" + command() + end;
            case 6:
                return pick({"# comment\n", "#include\n", "\n", "   \n", "#\n", "#!x\n", "\\\n\n",
                             chance(10) ? "#1000x\n" : "#-x\n"});
            default: {
                std::string text = list([this] { return user(); }) + space();
                for (std::size_t i = chance(15) ? 2 : 1; i > 0; --i)
                    text += list([this] { return host(); }) + gap() + (chance(97) ? "=" : "") + gap() + specs() +
                            (i > 1 ? gap() + ":" + gap() : "");
                return text + end;
            }
        }
    }
    std::string parameters() {
        std::string text;
        for (std::size_t i = below(3) + 1; i > 0; --i) {
            text +=
                pick({"env_reset", "!authenticate", "authenticate", "timestamp_timeout=5",
                      "secure_path=\"/usr/bin:/bin\"", "env_keep += \"A B\"", "env_keep -= C", "mailto = root",
                      "passprompt=\"a \\\"q\\\" b\"", "!!use_pty", "! use_pty", "env_keep+=X\\,Y", "passwd_tries=3"});
            if (i > 1) text += gap() + "," + gap();
        }
        return text;
    }

    std::mt19937_64 random_;
};

std::string member_text(const Json& member, bool group) {
    std::string text;
    std::string digests;
    bool negated = false;
    for (const auto& [kind, value] : member.items()) {
        const std::string plain = value.is_string() ? value.get<std::string>() : value.is_boolean() ? "" : value.dump();
        if (kind == "negated")
            negated = value.get<bool>();
        else if (kind.rfind("sha", 0) == 0)
            digests += kind + ":" + plain + " ";
        else if (kind == "userid")
            text = "#" + plain;
        else if (kind == "usergid")
            text = (group ? "#" : "%#") + plain;
        else if (kind == "usergroup")
            text = (group ? "" : "%") + plain;
        else if (kind == "nonunixgroup")
            text = "%:" + plain;
        else if (kind == "nonunixgid")
            text = "%:#" + plain;
        else if (kind == "netgroup")
            text = "+" + plain;
        else
            text = plain;
    }
    return digests + (negated ? "!" : "") + text;
}

std::string members_text(const Json& object, const std::string& name, bool group = false) {
    std::string text;
    if (!object.contains(name)) return text;
    for (const auto& member : object[name]) text += (text.empty() ? "" : ", ") + member_text(member, group);
    return text;
}

std::string ours_text(std::vector<sudoers::Member> members) {
    std::string text;
    for (const auto& member : members) text += (text.empty() ? "" : ", ") + to_text(member);
    return text;
}

// What cvtsudoers prints is not JSON where CWD or CHROOT is used: a member stands in an array.
Json parse_theirs(const std::string& output) {
    static const std::regex bare{R"re(("run(?:cwd|chroot)": "[^"]*")(,?)\n)re"};
    return Json::parse(std::regex_replace(output, bare, "{ $1 }$2\n"));
}

void flatten_theirs(const Json& document, std::vector<std::string>& out) {
    for (const auto& entry : document.value("Defaults", Json::array()))
        for (const auto& option : entry["Options"]) {
            std::string operation, setting;
            for (const auto& [name, value] : option.items()) {
                if (name == "operation")
                    operation = value == "list_add" ? "+=" : value == "list_remove" ? "-=" : "=";
                else if (value.is_boolean())
                    setting = name + (value.get<bool>() ? " on" : " off");
                else if (value.is_array()) {
                    setting = name + " list";
                    for (const auto& word : value) setting += " " + word.get<std::string>();
                } else
                    setting = name + " " + (value.is_string() ? value.get<std::string>() : value.dump());
            }
            out.push_back("default [" + members_text(entry, "Binding") + "] " + setting +
                          (operation.empty() ? "" : " " + operation));
        }
    for (const auto& [section, kind] : {std::pair{"User_Aliases", "user"},
                                        {"Runas_Aliases", "runas"},
                                        {"Host_Aliases", "host"},
                                        {"Command_Aliases", "command"}})
        if (document.contains(section))
            for (const auto& [name, members] : document[section].items())
                out.push_back(std::string{"alias "} + kind + " " + name + " = " +
                              members_text(document[section], name));
    for (const auto& spec : document.value("User_Specs", Json::array()))
        for (const auto& command : spec["Cmnd_Specs"]) {
            std::string tags;
            for (const auto& option : command.value("Options", Json::array()))
                if (option.contains("authenticate"))
                    tags += option["authenticate"].get<bool>() ? " PASSWD" : " NOPASSWD";
            for (const auto& one : command["Commands"])
                out.push_back("rule " + members_text(spec, "User_List") + " @ " + members_text(spec, "Host_List") +
                              " (" + members_text(command, "runasusers") + ":" +
                              members_text(command, "runasgroups", true) + ")" + tags + " " + member_text(one, false));
        }
}

void flatten_ours(const sudoers::Policy& policy, std::vector<std::string>& out) {
    for (const auto& entry : policy.defaults) {
        std::string text = "default [" + ours_text(entry.binding) + "] " + entry.name;
        const bool list = entry.name.rfind("env_keep", 0) == 0;
        if (entry.operation == "on" || entry.operation == "off")
            text += " " + entry.operation;
        else
            text += (list ? " list " : " ") + entry.value + (list ? " " + entry.operation : "");
        out.push_back(text);
    }
    for (const auto& [key, alias] : policy.aliases) {
        constexpr std::string_view kinds[] = {"user", "runas", "host", "command"};
        out.push_back("alias " + std::string{kinds[static_cast<std::size_t>(key.first)]} + " " + key.second + " = " +
                      ours_text(alias.members));
    }
    for (const auto& spec : policy.users)
        for (const auto& privilege : spec.privileges)
            for (const auto& command : privilege.commands) {
                const auto asks = command.tags.find("PASSWD");
                out.push_back("rule " + ours_text(spec.users) + " @ " + ours_text(privilege.hosts) + " (" +
                              ours_text(command.runas_users) + ":" + ours_text(command.runas_groups) + ")" +
                              (asks == command.tags.end() ? ""
                               : asks->second             ? " PASSWD"
                                                          : " NOPASSWD") +
                              " " + to_text(command.command));
            }
}

struct Verdict {
    bool accepted = false;
    std::string message;
    std::vector<std::string> lines;
};

Verdict ours(const std::string& text) {
    const sudoers::Reader reader{.file = [&](std::string_view path) -> std::optional<File> {
                                     return File{std::string{path}, text};
                                 },
                                 .folder = [](std::string_view) { return std::nullopt; },
                                 .host_name = [] { return std::string{"host"}; }};
    Verdict verdict;
    try {
        flatten_ours(*read_policy(reader, "/etc/sudoers"), verdict.lines);
        verdict.accepted = true;
    } catch (const host_error& refusal) {
        verdict.message = refusal.what();
    }
    std::sort(verdict.lines.begin(), verdict.lines.end());
    return verdict;
}

}  // namespace

TEST_CASE("sudoers agree with visudo and cvtsudoers", "[oracle]") {
    if (!std::filesystem::exists("/usr/bin/cvtsudoers") || !std::filesystem::exists("/usr/sbin/visudo"))
        FAIL("install the package sudo: this test asks visudo and cvtsudoers");
    const std::uint64_t seed = tests::seed();
    std::cout << "sudoers oracle: ANNEXA_TEST_SEED=" << seed << "\n";
    const tests::TemporaryFolder folder;
    const std::string path = folder.path() / "sudoers";
    int accepted = 0;
    constexpr int files = 400;
    for (int number = 0; number < files; ++number) {
        const std::string text = Generator{seed + static_cast<std::uint64_t>(number)}.file();
        std::ofstream{path} << text;
        const auto checked = tests::run({"/usr/sbin/visudo", "-c", "-q", "-f", path});
        const Verdict found = ours(text);
        INFO("file " << number << ":\n"
                     << text << "\nvisudo: " << checked.exit_status << " " << checked.errors
                     << "\nours: " << found.message);
        REQUIRE(found.accepted == (checked.exit_status == 0));
        if (!found.accepted) continue;
        ++accepted;
        const auto converted = tests::run({"/usr/bin/cvtsudoers", "-f", "json", path});
        REQUIRE(converted.exit_status == 0);
        std::vector<std::string> theirs;
        flatten_theirs(parse_theirs(converted.output), theirs);
        std::sort(theirs.begin(), theirs.end());
        REQUIRE(found.lines == theirs);
    }
    std::cout << "sudoers oracle: " << accepted << " of " << files << " files accepted by both\n";
    CHECK(accepted > files / 4);
    CHECK(accepted < files);
}
