#include "collectors/support/sudoers_grammar.hpp"

#include "collectors/support/sudoers_lexer.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

namespace annexa::collectors::sudoers {
namespace {

constexpr int most_nested_files = 128;  // as sudo
constexpr std::size_t most_files = 10000;

bool digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "7d8h30m10s" in that order, or a plain number of seconds (parse_timeout).
bool valid_timeout(std::string_view text) {
    if (digits(text)) return true;
    std::string_view units = "dhms";
    if (text.empty()) return false;
    while (!text.empty()) {
        const std::size_t end = text.find_first_not_of("0123456789");
        if (end == 0 || end == std::string_view::npos) return end == std::string_view::npos;
        const auto unit = units.find(static_cast<char>(text[end] | 0x20));
        if (unit == std::string_view::npos) return false;
        units.remove_prefix(unit + 1);
        text.remove_prefix(end + 1);
    }
    return true;
}

// GeneralizedTime: yyyymmddHH[MM[SS]][.f][Z|±hh[mm]] (parse_gentime).
bool valid_time(std::string_view text) {
    std::size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    if (count != 10 && count != 12 && count != 14) return false;
    std::string_view rest = text.substr(count);
    if (!rest.empty() && (rest[0] == '.' || rest[0] == ',')) {
        rest.remove_prefix(1);
        const std::size_t end = rest.find_first_not_of("0123456789");
        if (end == 0 || rest.empty()) return false;
        rest.remove_prefix(std::min(end, rest.size()));
    }
    if (rest.empty() || rest == "Z") return true;
    return (rest[0] == '+' || rest[0] == '-') && digits(rest.substr(1)) && (rest.size() == 3 || rest.size() == 5);
}

class Parser {
  public:
    explicit Parser(const Reader& reader) : reader_{reader} {}

    bool read(const std::string& path, int depth) {
        const auto file = reader_.file(path);
        if (!file) return false;
        if (++files_ > most_files)
            throw host_error(evidence::Reason::malformed_source, path + ": too many included files");
        note_lines(*file);
        FileParser{*this, *file, depth}.parse();
        return true;
    }

    Policy policy;

  private:
    // The text of each logical line, for osquery's table.
    void note_lines(const File& file) {
        std::string logical;
        int number = 0;
        int first = 1;
        std::string_view rest = file.text;
        while (!rest.empty() || !logical.empty()) {
            const auto end = rest.find('\n');
            std::string_view line = rest.substr(0, end);
            rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
            ++number;
            while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
                line.remove_suffix(1);
            while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
            if (logical.empty()) first = number;
            const bool continues = !line.empty() && line.back() == '\\' && !rest.empty();
            if (continues) line.remove_suffix(1);
            if (!logical.empty() && logical.back() != ' ') logical += ' ';
            logical += line;
            if (continues) continue;
            const bool include = logical.rfind("#include", 0) == 0;
            const bool comment =
                logical[0] == '#' && !include &&
                !(logical.size() > 1 && (logical[1] == '-' || (logical[1] >= '0' && logical[1] <= '9')));
            if (!logical.empty() && !comment) {
                const auto gap = logical.find_first_of(" \t");
                const auto details =
                    gap == std::string::npos ? std::string::npos : logical.find_first_not_of(" \t", gap);
                policy.lines.push_back({file.path, logical.substr(0, gap),
                                        details == std::string::npos ? "" : logical.substr(details), first});
            }
            logical.clear();
        }
    }

    class FileParser {
      public:
        FileParser(Parser& parser, const File& file, int depth)
            : parser_{parser}, file_{file}, depth_{depth}, lexer_{file.text} {}

        void parse() {
            advance();
            while (token_.kind != TokenKind::end) entry();
        }

      private:
        [[noreturn]] void fail(const std::string& expected) const {
            const std::string what = token_.kind == TokenKind::error ? token_.text : "expected " + expected;
            throw host_error(evidence::Reason::malformed_source,
                             file_.path + ":" + std::to_string(token_.line) + ": " + what);
        }
        void advance() { token_ = lexer_.next(); }
        bool take(TokenKind kind) {
            if (token_.kind != kind) return false;
            advance();
            return true;
        }
        void expect(TokenKind kind, const std::string& what) {
            if (!take(kind)) fail(what);
        }
        void end_of_entry() { expect(TokenKind::newline, "the end of the line"); }

        void entry() {
            const int line = token_.line;
            switch (token_.kind) {
                case TokenKind::newline:
                    advance();
                    return;
                case TokenKind::include:
                case TokenKind::include_folder:
                    return include();
                case TokenKind::user_alias:
                    return aliases(AliasKind::user);
                case TokenKind::runas_alias:
                    return aliases(AliasKind::runas);
                case TokenKind::host_alias:
                    return aliases(AliasKind::host);
                case TokenKind::command_alias:
                    return aliases(AliasKind::command);
                case TokenKind::defaults:
                    return defaults(Scope::global, line);
                case TokenKind::defaults_host:
                    return defaults(Scope::host, line);
                case TokenKind::defaults_user:
                    return defaults(Scope::user, line);
                case TokenKind::defaults_runas:
                    return defaults(Scope::runas, line);
                case TokenKind::defaults_command:
                    return defaults(Scope::command, line);
                default:
                    return user_spec(line);
            }
        }

        void include() {
            const bool folder = token_.kind == TokenKind::include_folder;
            advance();
            if (token_.kind != TokenKind::word) fail("the path of a file to include");
            std::string path = token_.text;
            const int line = token_.line;
            advance();
            end_of_entry();
            if (path.find("%h") != std::string::npos) {
                const std::string name = parser_.reader_.host_name();
                for (std::size_t at = 0; (at = path.find("%h", at)) != std::string::npos; at += name.size())
                    path.replace(at, 2, name);
            }
            if (path[0] != '/') path = file_.path.substr(0, file_.path.rfind('/') + 1) + path;
            if (depth_ >= most_nested_files) {
                token_.line = line;
                fail("fewer levels of includes");
            }
            if (!folder) {
                if (!parser_.read(path, depth_ + 1))
                    throw host_error(
                        evidence::Reason::malformed_source,
                        file_.path + ":" + std::to_string(line) + ": " + path + ": No such file or directory");
                return;
            }
            while (path.size() > 1 && path.back() == '/') path.pop_back();
            for (const auto& name : parser_.reader_.folder(path).value_or(std::vector<std::string>{}))
                // sudo passes over a package manager's leftovers and editors' backups.
                if (name.find('.') == std::string::npos && name.back() != '~')
                    parser_.read(path + "/" + name, depth_ + 1);
        }

        void aliases(AliasKind kind) {
            advance();
            do {
                if (token_.kind != TokenKind::alias) fail("the name of an alias in capitals");
                const std::string name = token_.text;
                const int line = token_.line;
                advance();
                expect(TokenKind::equals, "=");
                Alias alias{kind == AliasKind::command ? command_list()
                            : kind == AliasKind::host  ? host_list()
                                                       : user_list(),
                            file_.path, line};
                if (!parser_.policy.aliases.emplace(std::pair{kind, name}, std::move(alias)).second) {
                    token_.line = line;
                    fail("an alias that is not defined yet, not " + name);
                }
            } while (take(TokenKind::colon));
            end_of_entry();
        }

        void defaults(Scope scope, int line) {
            advance();
            Default entry;
            entry.scope = scope;
            entry.file = file_.path;
            entry.line = line;
            if (scope == Scope::host)
                entry.binding = host_list();
            else if (scope == Scope::command)
                entry.binding = command_list();
            else if (scope != Scope::global)
                entry.binding = user_list();
            do {
                const bool off = take(TokenKind::negation);
                if (token_.kind != TokenKind::parameter) fail("a parameter of Defaults");
                entry.name = token_.text;
                entry.operation = off ? "off" : "on";
                entry.value.clear();
                advance();
                if (!off && (token_.kind == TokenKind::equals || token_.kind == TokenKind::plus_equals ||
                             token_.kind == TokenKind::minus_equals)) {
                    entry.operation = token_.kind == TokenKind::equals        ? "="
                                      : token_.kind == TokenKind::plus_equals ? "+="
                                                                              : "-=";
                    advance();
                    if (token_.kind != TokenKind::word) fail("a value");
                    entry.value = token_.text;
                    advance();
                }
                parser_.policy.defaults.push_back(entry);
            } while (take(TokenKind::comma));
            end_of_entry();
        }

        void user_spec(int line) {
            UserSpec spec;
            spec.file = file_.path;
            spec.line = line;
            spec.users = user_list();
            do {
                Privilege privilege;
                privilege.hosts = host_list();
                expect(TokenKind::equals, "=");
                do {
                    privilege.commands.push_back(
                        command_spec(privilege.commands.empty() ? nullptr : &privilege.commands.back()));
                } while (take(TokenKind::comma));
                spec.privileges.push_back(std::move(privilege));
            } while (take(TokenKind::colon));
            end_of_entry();
            parser_.policy.users.push_back(std::move(spec));
        }

        CommandSpec command_spec(const CommandSpec* before) {
            CommandSpec spec;
            bool runas = false;
            if (take(TokenKind::open)) {
                runas = true;
                if (token_.kind != TokenKind::close && token_.kind != TokenKind::colon) spec.runas_users = user_list();
                // "(:)" is the user himself, "(root:)" is nothing.
                if (take(TokenKind::colon) && (token_.kind != TokenKind::close || !spec.runas_users.empty()))
                    spec.runas_groups = group_list();
                expect(TokenKind::close, ")");
                if (spec.runas_users.empty() && spec.runas_groups.empty())
                    spec.runas_users.push_back(
                        {.kind = MemberKind::myself, .text = "", .arguments = {}, .digests = {}});
            }
            while (token_.kind == TokenKind::option) {
                const std::string name = token_.text;
                advance();
                expect(TokenKind::equals, "=");
                if (token_.kind != TokenKind::word) fail("a value of " + name);
                if ((name == "TIMEOUT" && !valid_timeout(token_.text)) ||
                    ((name == "NOTBEFORE" || name == "NOTAFTER") && !valid_time(token_.text)) ||
                    ((name == "CWD" || name == "CHROOT") && token_.text[0] != '/' && token_.text[0] != '~' &&
                     token_.text != "*"))
                    fail("a valid value of " + name);
                spec.options[name] = token_.text;
                advance();
            }
            while (token_.kind == TokenKind::tag) {
                const bool off = token_.text.rfind("NO", 0) == 0;
                spec.tags[off ? token_.text.substr(2) : token_.text] = !off;
                advance();
            }
            spec.command = command();
            if (before != nullptr) {
                // What stands before one command holds for those behind it until it is said anew.
                if (!runas) {
                    spec.runas_users = before->runas_users;
                    spec.runas_groups = before->runas_groups;
                }
                for (const auto& [tag, on] : before->tags) spec.tags.emplace(tag, on);
                for (const auto& [name, value] : before->options) spec.options.emplace(name, value);
            }
            return spec;
        }

        template <typename Item>
        std::vector<Member> list(Item item) {
            std::vector<Member> members;
            do {
                const bool negated = take(TokenKind::negation);
                members.push_back(item());
                members.back().negated = negated;
            } while (take(TokenKind::comma));
            return members;
        }
        static MemberKind member_kind(TokenKind kind) {
            switch (kind) {
                case TokenKind::all:
                    return MemberKind::all;
                case TokenKind::alias:
                    return MemberKind::alias;
                case TokenKind::group:
                    return MemberKind::group;
                case TokenKind::netgroup:
                    return MemberKind::netgroup;
                case TokenKind::address:
                    return MemberKind::address;
                default:
                    return MemberKind::word;
            }
        }
        Member simple(MemberKind kind) {
            Member member;
            member.kind = kind;
            member.text = token_.text;
            advance();
            return member;
        }
        /// What may stand in a list beside ALL, an alias and a word.
        std::vector<Member> list_of(std::initializer_list<TokenKind> further, const char* expected) {
            return list([&] {
                const TokenKind found = token_.kind;
                const bool simplest =
                    found == TokenKind::all || found == TokenKind::alias || found == TokenKind::word;
                if (!simplest && std::find(further.begin(), further.end(), found) == further.end()) fail(expected);
                return simple(member_kind(found));
            });
        }
        std::vector<Member> user_list() {
            return list_of({TokenKind::group, TokenKind::netgroup}, "a user, a %group, a +netgroup or an alias");
        }
        std::vector<Member> group_list() { return list_of({}, "a group"); }
        std::vector<Member> host_list() {
            return list_of({TokenKind::address, TokenKind::netgroup}, "a host, an address, a +netgroup or an alias");
        }
        Member command() {
            std::vector<std::string> found;
            while (token_.kind == TokenKind::digest_type) {
                std::string digest = token_.text;
                advance();
                expect(TokenKind::colon, ":");
                if (token_.kind != TokenKind::digest) fail("a digest");
                found.push_back(digest + ":" + token_.text);
                advance();
                if (token_.kind != TokenKind::comma) break;
                // A comma goes on with digests; the command follows the last without one.
                advance();
                if (token_.kind != TokenKind::digest_type) fail("another digest");
            }
            const bool negated = take(TokenKind::negation);
            Member member;
            switch (token_.kind) {
                case TokenKind::all:
                case TokenKind::alias:
                    member = simple(member_kind(token_.kind));
                    break;
                case TokenKind::command:
                    member.kind = MemberKind::command;
                    member.text = token_.text;
                    member.arguments = token_.arguments;
                    member.has_arguments = token_.has_arguments;
                    advance();
                    break;
                default:
                    fail("a command with its full path, sudoedit, ALL or an alias");
            }
            if (!found.empty() && member.kind == MemberKind::alias) fail("a path name behind a digest");
            member.negated = negated;
            member.digests = std::move(found);
            return member;
        }
        std::vector<Member> command_list() {
            std::vector<Member> members;
            do members.push_back(command());
            while (take(TokenKind::comma));
            return members;
        }

        Parser& parser_;
        const File& file_;
        int depth_;
        Lexer lexer_;
        Token token_;
    };

    const Reader& reader_;
    std::size_t files_ = 0;
};

void expand(const Policy& policy, AliasKind kind, const std::vector<Member>& members, bool negated,
            std::set<std::string>& within, std::vector<Member>& result) {
    for (Member member : members) {
        member.negated = member.negated != negated;
        if (member.kind != MemberKind::alias) {
            result.push_back(std::move(member));
            continue;
        }
        const auto alias = policy.aliases.find({kind, member.text});
        if (alias == policy.aliases.end()) {
            // What no alias of that name holds may be a user or a host in capitals; a command cannot.
            if (kind != AliasKind::command) {
                member.kind = MemberKind::word;
                result.push_back(std::move(member));
            }
            continue;
        }
        if (!within.insert(member.text).second) continue;
        if (result.size() < 100000) expand(policy, kind, alias->second.members, member.negated, within, result);
        within.erase(member.text);
    }
}

}  // namespace

std::string to_text(const Member& member) {
    std::string text;
    for (const auto& digest : member.digests) text += (text.empty() ? "" : ", ") + digest;
    if (!text.empty()) text += ' ';
    if (member.negated) text += '!';
    text += member.text;
    if (member.has_arguments) text += ' ' + member.arguments;
    return text;
}

std::string to_text(const std::vector<Member>& members) {
    std::string text;
    for (const auto& member : members) text += (text.empty() ? "" : ", ") + to_text(member);
    return text;
}

std::optional<Policy> read_policy(const Reader& reader, std::string_view path) {
    Parser parser{reader};
    if (!parser.read(std::string{path}, 0)) return std::nullopt;
    return std::move(parser.policy);
}

std::vector<Member> expanded(const Policy& policy, AliasKind kind, const std::vector<Member>& members) {
    std::vector<Member> result;
    std::set<std::string> within;
    expand(policy, kind, members, false, within, result);
    return result;
}

}  // namespace annexa::collectors::sudoers
