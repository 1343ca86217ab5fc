// rsyslog's configuration as a way that messages take: statements are read first, then the host's own messages are sent
// through them, from the ruleset that its inputs feed. grammar/lexer.l and grammar.y of rsyslog 8; rsyslog.conf(5).
#include "collectors/support/rsyslog_text.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <set>

namespace annexa::collectors {
namespace {

constexpr int most_blocks = 64;
constexpr int most_calls = 16;
constexpr int most_steps = 200000;

using Parameters = RsyslogParameters;

std::string value(const Parameters& parameters, std::string_view name, std::string_view otherwise = {}) {
    const auto found = parameters.find(std::string{name});
    return found == parameters.end() ? std::string{otherwise} : found->second;
}

bool is_tls_driver(std::string_view driver) { return driver == "gtls" || driver == "ossl" || driver == "mbedtls"; }
bool is_on(std::string_view text) {
    return text::equal_without_case(text, "on") || text == "1" || text::equal_without_case(text, "yes");
}
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Statement {
    enum class Kind { forward, stop, filter, call } kind = Kind::stop;
    std::size_t forward = 0;
    bool perhaps = false;      // only sometimes, or it cannot be told when
    std::string name{};        // of the ruleset that is called
    LogSelection selection{};  // of a filter
    std::string condition{};
    std::vector<Statement> then{}, otherwise{};
};
using Statements = std::vector<Statement>;

class Reader {
  public:
    Reader(std::string_view path, std::string_view text, const ReadIncluded& include) : text_{path, text, include} {}

    void read() {
        while (true) {
            text_.skip_blanks();
            if (text_.at_end()) break;
            if (text_.peek() == '}') text_.refuse(text_.here(), "} without its {");
            Statements& ruleset = rulesets_[current_];
            statement(ruleset, 0);
            joined(ruleset, 0);
        }
    }

    std::vector<LogForward> finish(bool journal_forwards) {
        for (auto& [index, parameters] : omfwd_) {
            LogForward& forward = forwards_[index];
            const std::string mode = value(parameters, "streamdrivermode", value(parameters, "streamdriver.mode", "0"));
            const std::string driver =
                text::lower(value(parameters, "streamdriver", value(parameters, "streamdriver.name", default_driver_)));
            forward.tls = forward.protocol == "tcp" && mode == "1" && is_tls_driver(driver);
            if (forward.tls)
                forward.authentication =
                    value(parameters, "streamdriverauthmode", value(parameters, "streamdriver.authmode", "anon"));
        }
        const bool local = imjournal_ || (imuxsock_ && journal_forwards);
        walk(rulesets_[entry_], LogSelection::all(local ? Known::yes : Known::no), "", 0);
        if (!local)
            for (LogForward& forward : forwards_)
                forward.condition =
                    imuxsock_ ? "what arrives, and journald forwards nothing to it (ForwardToSyslog)"
                              : "what arrives, and no input of local messages (imuxsock, imjournal) is loaded";
        for (const auto& [name, statements] : rulesets_)
            if (!walked_.contains(name) && name != entry_)
                walk(statements, {}, "ruleset " + name + ", which no local message reaches", 0);
        std::stable_sort(forwards_.begin(), forwards_.end(),
                         [](const LogForward& a, const LogForward& b) { return a.source < b.source; });
        return std::move(forwards_);
    }

  private:
    // One statement, or a list of actions joined by &.
    void statement(Statements& into, int depth) {
        if (depth > most_blocks) text_.refuse(text_.here(), "blocks that nest too deeply");
        const char c = text_.peek();
        if (c == '$' && is_letter(text_.peek(1))) return directive();
        if ((c == '!' || c == '+' || (c == '-' && is_letter(text_.peek(1)))) && text_.line_starts())
            return block_of_old(into);
        if (c == ':' && is_property_filter()) {
            const std::string source = text_.here();
            const LogSelection selection = read_rsyslog_property_filter(text_);
            return filtered(into, selection, "a condition at " + source, depth);
        }
        if (c == '*' || is_letter(c) || (c >= '0' && c <= '9')) {
            const std::string selector = selector_here();
            if (!selector.empty()) {
                text_.advance(selector.size());
                const auto selection = parse_selector(text::lower(selector));
                return filtered(into, selection.value_or(LogSelection::all(Known::unknown)), selector, depth);
            }
            if (is_letter(c)) return word(into, depth);
        }
        action_of_old(into);
    }

    // selector action, or selector { … }; further actions behind & are under the same filter
    void filtered(Statements& into, const LogSelection& selection, const std::string& condition, int depth) {
        Statement filter{.kind = Statement::Kind::filter, .selection = selection, .condition = condition};
        block(filter.then, depth + 1);
        into.push_back(std::move(filter));
    }

    void block(Statements& into, int depth) {
        const std::string source = text_.here();
        text_.skip_blanks();
        if (text_.at_end()) text_.refuse(source, "expected an action");
        if (text_.peek() != '{') {
            statement(into, depth);
            return joined(into, depth);
        }
        text_.advance();
        while (true) {
            text_.skip_blanks();
            if (text_.at_end()) text_.refuse(source, "a block without its closing }");
            if (text_.peek() == '}') {
                text_.advance();
                return;
            }
            statement(into, depth);
            joined(into, depth);
        }
    }

    void joined(Statements& into, int depth) {
        for (text_.skip_blanks(); text_.peek() == '&'; text_.skip_blanks()) {
            text_.advance();
            text_.skip_blanks();
            if (text_.at_end()) return;
            statement(into, depth + 1);
        }
    }

    [[nodiscard]] std::string selector_here() const {
        std::size_t length = 0;
        bool dot = false;
        while (true) {
            const char c = text_.peek(length);
            if (c == '.') dot = true;
            if (!is_letter(c) && !(c >= '0' && c <= '9') &&
                std::string_view{"*.,;!="}.find(c) == std::string_view::npos)
                break;
            if (c == '\0') break;
            ++length;
        }
        const char next = text_.peek(length);
        if (!dot || !(text::is_blank(next) || next == '@' || next == '{' || next == '-' || next == ':' || next == '|' ||
                      next == '/' || next == '~'))
            return {};
        return std::string{text_.rest().substr(0, length)};
    }

    [[nodiscard]] bool is_property_filter() const {
        const std::string_view rest = text_.rest().substr(0, text_.rest().find('\n'));
        const std::size_t comma = rest.find(',');
        return comma != std::string_view::npos && rest.substr(1, comma).find_first_of(":\"") == std::string_view::npos;
    }

    // !program, +host: rules for some messages alone; rsyslog 7 and later ignores them, with what that means to a
    // reader unclear.
    void block_of_old(Statements& into) {
        text_.rest_of_line();
        into.push_back({.kind = Statement::Kind::stop, .perhaps = true});
    }

    void directive() {
        text_.advance();
        const std::string name = text::lower(text_.word());
        const std::string argument = text_.rest_of_line();
        if (name == "includeconfig")
            text_.include(argument);
        else if (name == "defaultnetstreamdriver")
            default_driver_ = text::lower(argument);
        else if (name == "actionsendstreamdriver")
            legacy_["streamdriver"] = argument;
        else if (name == "actionsendstreamdrivermode")
            legacy_["streamdrivermode"] = argument;
        else if (name == "actionsendstreamdriverauthmode")
            legacy_["streamdriverauthmode"] = argument;
        else if (name == "actionexeconlywhenpreviousissuspended")
            sometimes_ = is_on(argument);
        else if (name == "actionexeconlyeverynthtime" || name == "actionexeconlyonceeveryinterval")
            sometimes_ = argument != "0";
        else if (name == "resetconfigvariables") {
            legacy_.clear();
            sometimes_ = false;
        } else if (name == "ruleset")
            current_ = argument;
        else if (name == "defaultruleset")
            entry_ = argument;
        else if (name == "modload")
            load(argument, {});
        else if (name == "omitlocallogging" && is_on(argument))
            omit_local_ = true;
        if (omit_local_) imuxsock_ = false;
    }

    void load(std::string_view module, const Parameters& parameters) {
        if (module.ends_with(".so")) module.remove_suffix(3);
        if (const std::size_t slash = module.rfind('/'); slash != std::string_view::npos)
            module.remove_prefix(slash + 1);
        if (module == "imjournal") imjournal_ = true;
        if (module == "imuxsock")
            imuxsock_ =
                !omit_local_ && (!parameters.contains("syssock.use") || is_on(value(parameters, "syssock.use")));
    }

    // To the end of the line: @host:port, @@(o,z9)[::1]:6514;template, :omrelp:host:port, ~, files, users.
    void action_of_old(Statements& into) {
        const std::string source = text_.here();
        const std::string line = text_.rest_of_line();
        std::string_view rest = line;
        if (rest.starts_with('~')) {
            into.push_back({.kind = Statement::Kind::stop});
            return;
        }
        LogForward forward{.protocol = "udp", .port = "514", .source = source};
        if (rest.starts_with(":omrelp:")) {
            forward.protocol = "relp";
            rest.remove_prefix(8);
        } else if (rest.starts_with('@')) {
            rest.remove_prefix(1);
            if (rest.starts_with('@')) {
                forward.protocol = "tcp";
                rest.remove_prefix(1);
            }
            if (rest.starts_with('(') && rest.find(')') != std::string_view::npos)
                rest.remove_prefix(rest.find(')') + 1);
        } else {
            return;
        }
        if (rest.starts_with('[')) {
            const std::size_t end = std::min(rest.find(']'), rest.size());
            forward.target = rest.substr(1, end - 1);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        } else {
            const std::size_t end = std::min(rest.find_first_of(" \t\r:;#"), rest.size());
            forward.target = rest.substr(0, end);
            rest.remove_prefix(end);
        }
        if (rest.starts_with(':'))
            forward.port = rest.substr(1, std::min(rest.find_first_not_of("0123456789", 1), rest.size()) - 1);
        if (forward.target.empty()) text_.refuse(source, "expected a host after @");
        if (forward.protocol != "relp") omfwd_.emplace_back(forwards_.size(), legacy_);
        add(into, std::move(forward), sometimes_);
    }

    void add(Statements& into, LogForward forward, bool sometimes) {
        into.push_back({.kind = Statement::Kind::forward, .forward = forwards_.size(), .perhaps = sometimes});
        forwards_.push_back(std::move(forward));
    }

    void word(Statements& into, int depth) {
        const std::string source = text_.here();
        const std::string_view before = text_.rest();
        const std::string name = text::lower(text_.word());
        if (name == "if") {
            Statement filter{.kind = Statement::Kind::filter,
                             .selection = read_rsyslog_condition(text_),
                             .condition = "a condition at " + source};
            block(filter.then, depth + 1);
            text_.skip_blanks();
            if (text::lower(text_.rest().substr(0, 4)) == "else" && !is_letter(text_.peek(4))) {
                text_.advance(4);
                block(filter.otherwise, depth + 1);
            }
            into.push_back(std::move(filter));
        } else if (name == "stop") {
            into.push_back({.kind = Statement::Kind::stop});
        } else if (name == "call") {
            text_.skip_blanks();
            into.push_back({.kind = Statement::Kind::call, .name = text_.word()});
        } else if (name == "foreach") {
            while (!text_.rest().empty() && text_.peek() != '{' && text_.peek() != '\n') text_.advance();
            filtered(into, LogSelection::all(Known::unknown), "a condition at " + source, depth);
        } else if (name == "set" || name == "reset" || name == "unset" || name == "call_indirect") {
            while (!text_.at_end() && text_.peek() != ';') {
                if (text_.peek() == '"' || text_.peek() == '\'')
                    text_.quoted();
                else
                    text_.advance();
                text_.skip_blanks();
            }
            if (!text_.at_end()) text_.advance();
            if (name == "call_indirect") into.push_back({.kind = Statement::Kind::stop, .perhaps = true});
        } else if (name != "continue") {
            while (text_.peek() == ' ' || text_.peek() == '\t') text_.advance();
            if (text_.peek() == '(')
                object(into, name, source, depth);
            else if (!before.empty())
                text_.rest_of_line();  // names of users who are logged in
        }
    }

    void object(Statements& into, const std::string& name, const std::string& source, int depth) {
        const Parameters parameters = text_.object();
        if (name == "global") {
            if (const std::string driver = value(parameters, "defaultnetstreamdriver"); !driver.empty())
                default_driver_ = text::lower(driver);
        } else if (name == "module") {
            load(value(parameters, "load"), parameters);
        } else if (name == "include") {
            if (const std::string file = value(parameters, "file"); !file.empty()) text_.include(file);
        } else if (name == "ruleset") {
            block(rulesets_[value(parameters, "name")], depth + 1);
        } else if (name == "template") {
            text_.skip_blanks();
            if (text_.peek() == '{') {
                Statements list;
                block(list, depth + 1);
            }
        } else if (name == "action") {
            action(into, parameters, source);
        }
    }

    void action(Statements& into, const Parameters& parameters, const std::string& source) {
        const std::string type = text::lower(value(parameters, "type"));
        const bool sometimes = is_on(value(parameters, "action.execonlywhenpreviousissuspended")) ||
                               value(parameters, "action.execonlyeverynthtime", "0") != "0" ||
                               value(parameters, "action.execonlyonceeveryinterval", "0") != "0";
        LogForward forward{.protocol = type,
                           .target = value(parameters, "target"),
                           .port = value(parameters, "port"),
                           .source = source};
        if (type == "omfwd") {
            forward.protocol = text::lower(value(parameters, "protocol", "udp"));
            if (forward.port.empty()) forward.port = "514";
            omfwd_.emplace_back(forwards_.size(), parameters);
        } else if (type == "omrelp") {
            forward.protocol = "relp";
            forward.tls = text::lower(value(parameters, "tls", "off")) == "on";
            if (forward.tls) forward.authentication = value(parameters, "tls.authmode");
        } else if (type == "omhttp" || type == "omelasticsearch" || type == "omclickhouse") {
            forward.target = value(parameters, "server");
            forward.port = value(parameters, "serverport");
            forward.tls =
                text::lower(value(parameters, "usehttps", type == "omelasticsearch" ? "off" : "on")) == "on" ||
                forward.target.starts_with("https://");
        } else if (type == "omkafka") {
            forward.target = value(parameters, "broker");
            forward.tls = value(parameters, "confparam").find("security.protocol=ssl") != std::string::npos ||
                          value(parameters, "confparam").find("security.protocol=sasl_ssl") != std::string::npos;
        } else {
            return;
        }
        add(into, std::move(forward), sometimes);
    }

    // What the statements stop of what comes in; each forward gains what reaches it.
    LogSelection walk(const Statements& statements, const LogSelection& comes, const std::string& condition,
                      int calls) {
        LogSelection in = comes, stopped;
        const auto stop = [&](const LogSelection& what) {
            stopped = stopped | what;
            in = in & ~what;
        };
        for (const Statement& each : statements) {
            if (++steps_ > most_steps) text_.refuse(text_.here(), "rulesets that call each other too often");
            switch (each.kind) {
                case Statement::Kind::forward: {
                    LogForward& forward = forwards_[each.forward];
                    forward.takes = forward.takes | (each.perhaps ? in.doubted() : in);
                    if (forward.condition.empty()) forward.condition = condition;
                    break;
                }
                case Statement::Kind::stop:
                    stop(each.perhaps ? in.doubted() : in);
                    break;
                case Statement::Kind::call: {
                    const auto called = rulesets_.find(each.name);
                    if (called == rulesets_.end()) break;
                    walked_.insert(each.name);
                    if (calls >= most_calls) text_.refuse(text_.here(), "rulesets that call each other too deeply");
                    // with a queue of its own a called ruleset stops nothing here
                    stop(walk(called->second, in, condition, calls + 1).doubted());
                    break;
                }
                case Statement::Kind::filter: {
                    const std::string inner =
                        text::printable(condition.empty() ? each.condition : condition + " and " + each.condition, 200);
                    stop(walk(each.then, in & each.selection, inner, calls) |
                         walk(each.otherwise, in & ~each.selection, "not " + inner, calls));
                    break;
                }
            }
        }
        return stopped;
    }

    RsyslogText text_;
    std::map<std::string, Statements, std::less<>> rulesets_;
    std::string current_ = "RSYSLOG_DefaultRuleset", entry_ = current_;
    std::set<std::string, std::less<>> walked_;
    std::string default_driver_;
    Parameters legacy_;
    bool sometimes_ = false, imuxsock_ = false, imjournal_ = false, omit_local_ = false;
    int steps_ = 0;
    std::vector<LogForward> forwards_;
    std::vector<std::pair<std::size_t, Parameters>> omfwd_;
};

}  // namespace

std::vector<LogForward> parse_rsyslog(std::string_view path, std::string_view text, const ReadIncluded& include,
                                      bool journal_forwards) {
    Reader reader{path, text, include};
    reader.read();
    return reader.finish(journal_forwards);
}

}  // namespace annexa::collectors
