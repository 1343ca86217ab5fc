#include "collectors/support/log_config.hpp"

#include "collectors/host.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

namespace annexa::collectors {
namespace {

constexpr int most_includes = 16;
constexpr int most_depth = 64;

struct Token {
    enum class Kind { word, text, sign } kind = Kind::word;
    std::string value;
    std::string source;
};

// A call or a block of the grammar: name(arguments) or name { … }.
struct Call {
    std::string name, source;
    std::vector<Token> plain;  // arguments that are no calls
    std::vector<Call> inside;

    [[nodiscard]] const Call* find(std::string_view wanted) const {
        const auto found =
            std::find_if(inside.begin(), inside.end(), [&](const Call& call) { return call.name == wanted; });
        return found == inside.end() ? nullptr : &*found;
    }
    [[nodiscard]] std::string argument(std::string_view wanted) const {
        const Call* call = find(wanted);
        return call == nullptr || call->plain.empty() ? std::string{} : call->plain.front().value;
    }
};

std::string lower(std::string_view text) {
    std::string result{text};
    // syslog-ng takes - and _ for the same in names of options
    for (char& c : result) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

[[noreturn]] void refuse(const std::string& source, const std::string& what) {
    throw host_error{evidence::Reason::malformed_source, source + ": " + what};
}

void tokens_of(std::string_view path, std::string_view text, const ReadIncluded& include, int depth,
               std::vector<Token>& tokens) {
    int line = 1;
    std::size_t at = 0;
    const auto here = [&] { return std::string{path} + ":" + std::to_string(line); };
    const auto is_word = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view{"_-./:*+@$"}.find(c) != std::string_view::npos;
    };
    while (at < text.size()) {
        const char c = text[at];
        if (c == '\n') {
            ++line;
            ++at;
        } else if (c == '#') {
            while (at < text.size() && text[at] != '\n') ++at;
        } else if (c == '"' || c == '\'') {
            const std::string source = here();
            std::string value;
            for (++at; at < text.size() && text[at] != c; ++at) {
                if (c == '"' && text[at] == '\\' && at + 1 < text.size()) ++at;
                if (text[at] == '\n') ++line;
                value += text[at];
            }
            if (at >= text.size()) refuse(source, "a text without its closing quote");
            ++at;
            tokens.push_back({Token::Kind::text, value, source});
        } else if (c == '@' && (at == 0 || text[at - 1] == '\n')) {
            std::size_t end = std::min(text.find('\n', at), text.size());
            std::string_view directive = text.substr(at, end - at);
            at = end;
            if (!directive.starts_with("@include")) continue;
            const std::size_t open = directive.find('"');
            const std::size_t close = directive.rfind('"');
            if (open == std::string_view::npos || close <= open)
                refuse(here(), "expected a path in quotes after @include");
            if (depth >= most_includes) refuse(here(), "too many nested includes");
            if (include)
                for (const auto& [file, content] : include(directive.substr(open + 1, close - open - 1)))
                    tokens_of(file, content, include, depth + 1, tokens);
        } else if (is_word(c)) {
            const std::string source = here();
            std::string value;
            while (at < text.size() && is_word(text[at])) value += text[at++];
            tokens.push_back({Token::Kind::word, value, source});
        } else {
            if (std::isspace(static_cast<unsigned char>(c)) == 0)
                tokens.push_back({Token::Kind::sign, std::string{c}, here()});
            ++at;
        }
    }
}

bool is_sign(const std::vector<Token>& tokens, std::size_t at, char sign) {
    return at < tokens.size() && tokens[at].kind == Token::Kind::sign && tokens[at].value[0] == sign;
}

// From tokens[at] up to the closing sign; `closing` is 0 for the whole.
void parse_into(Call& parent, const std::vector<Token>& tokens, std::size_t& at, char closing, int depth) {
    if (depth > most_depth) refuse(parent.source, "nests too deeply");
    while (at < tokens.size()) {
        if (closing != '\0' && is_sign(tokens, at, closing)) {
            ++at;
            return;
        }
        const Token& token = tokens[at];
        if (token.kind == Token::Kind::word && (is_sign(tokens, at + 1, '(') || is_sign(tokens, at + 1, '{'))) {
            Call call{lower(token.value), token.source, {}, {}};
            const char end = is_sign(tokens, at + 1, '(') ? ')' : '}';
            at += 2;
            parse_into(call, tokens, at, end, depth + 1);
            parent.inside.push_back(std::move(call));
        } else if (token.kind == Token::Kind::word && at + 2 < tokens.size() &&
                   tokens[at + 1].kind != Token::Kind::sign && is_sign(tokens, at + 2, '{')) {
            Call call{lower(token.value), token.source, {tokens[at + 1]}, {}};
            at += 3;
            parse_into(call, tokens, at, '}', depth + 1);
            parent.inside.push_back(std::move(call));
        } else if (is_sign(tokens, at, '(') || is_sign(tokens, at, '{')) {
            Call call{"", token.source, {}, {}};
            const char end = is_sign(tokens, at, '(') ? ')' : '}';
            ++at;
            parse_into(call, tokens, at, end, depth + 1);
            parent.inside.push_back(std::move(call));
        } else {
            if (token.kind != Token::Kind::sign) parent.plain.push_back(token);
            ++at;
        }
    }
    if (closing != '\0') refuse(parent.source, std::string{"no closing "} + closing);
}

std::string authentication(const Call& driver) {
    const Call* tls = driver.find("tls");
    return tls == nullptr ? std::string{} : tls->argument("peer_verify");
}

void drivers(const Call& destination, const LogSelection& takes, const std::string& condition,
             std::vector<LogForward>& forwards) {
    for (const Call& driver : destination.inside) {
        LogForward forward{.protocol = driver.name,
                           .target = driver.plain.empty() ? "" : driver.plain.front().value,
                           .port = driver.argument("port"),
                           .tls = false,
                           .authentication = authentication(driver),
                           .source = driver.source,
                           .takes = takes,
                           .condition = condition};
        const std::string transport = lower(driver.argument("transport"));
        if (driver.name == "network" || driver.name == "syslog") {
            forward.tls = transport.find("tls") != std::string::npos;
            forward.protocol = transport.find("udp") != std::string::npos ? "udp" : "tcp";
        } else if (driver.name == "tcp" || driver.name == "tcp6") {
            forward.tls = driver.find("tls") != nullptr;
            forward.protocol = "tcp";
        } else if (driver.name == "udp" || driver.name == "udp6") {
            forward.protocol = "udp";
        } else if (driver.name == "http" || driver.name == "loki" || driver.name == "opentelemetry" ||
                   driver.name == "syslog_ng_otlp" || driver.name == "elasticsearch_http") {
            forward.target = driver.argument("url");
            forward.tls = forward.target.starts_with("https://") || driver.find("auth") != nullptr;
        } else {
            continue;  // files, pipes, programs, user terminals
        }
        forwards.push_back(std::move(forward));
    }
}

LogSelection unknown() { return LogSelection::all(Known::unknown); }

// facility(auth, authpriv), level(info..emerg): alone, or all joined by and, or all by or. Whatever else stands in it
// cannot be told.
LogSelection filtered(const Call& filter) {
    const std::string joined = filter.plain.empty() ? "and" : filter.plain.front().value;
    if (joined != "and" && joined != "or") return unknown();
    if (std::any_of(filter.plain.begin(), filter.plain.end(),
                    [&](const Token& token) { return token.value != joined; }))
        return unknown();
    LogSelection result = LogSelection::all(joined == "and" ? Known::yes : Known::no);
    for (const Call& each : filter.inside) {
        LogSelection selected;
        if (!each.inside.empty() || each.plain.empty()) return unknown();
        for (const Token& token : each.plain) {
            if (each.name == "facility") {
                const auto number = syslog_facility(token.value);
                if (number == 4) selected = selected | LogSelection::of_facility(Known::yes, Known::no);
                if (number == 10) selected = selected | LogSelection::of_facility(Known::no, Known::yes);
                if (!number) return unknown();
            } else if (each.name == "level" || each.name == "priority") {
                const std::size_t range = token.value.find("..");
                const auto first = syslog_severity(token.value.substr(0, range));
                const auto last = range == std::string::npos ? first : syslog_severity(token.value.substr(range + 2));
                if (!first || !last) return unknown();
                selected = selected | LogSelection::of_severities(std::min(*first, *last), std::max(*first, *last));
            } else {
                return unknown();
            }
        }
        result = joined == "and" ? result & selected : result | selected;
    }
    return result;
}

bool reads_this_host(const Call& source) {
    for (const Call& driver : source.inside)
        if (driver.name == "system" || driver.name == "systemd_journal" || driver.name == "systemd_syslog" ||
            driver.name == "unix_dgram" || driver.name == "unix_stream" || driver.name == "sun_streams")
            return true;
    return false;
}

struct Use {
    LogSelection takes;
    std::string condition;
};

// One way of messages after the other: a path that is final keeps what it took from those behind it.
class Paths {
  public:
    explicit Paths(const Call& whole) : whole_{whole} {}

    std::vector<LogForward> follow() {
        LogSelection left = LogSelection::all(Known::yes);
        for (const Call& each : whole_.inside)
            if (each.name == "log") left = left & ~path(each, left, std::nullopt, "");
        for (const Call& each : whole_.inside) {
            if (each.name != "destination" || each.plain.empty()) continue;
            if (const auto use = used_.find(each.plain.front().value); use != used_.end())
                drivers(each, use->second.takes, use->second.condition, forwards_);
        }
        return std::move(forwards_);
    }

  private:
    // What comes through sources, if there are any here; else what came to the path around it.
    LogSelection path(const Call& log, const LogSelection& left, const std::optional<LogSelection>& outer,
                      std::string condition) {
        const bool fallback = has_flag(log, "fallback");
        LogSelection takes = outer.value_or(LogSelection{});
        if (has_flag(log, "catchall")) takes = LogSelection::all(Known::yes);
        for (const Call& each : log.inside)
            if (each.name == "source" && from(each) > takes.at(false, 0)) takes = LogSelection::all(from(each));
        if (takes.nothing()) condition = "messages of others than this host";
        takes = takes & left;
        if (fallback) takes = takes.doubted();
        for (const Call& each : log.inside) {
            if (each.name == "filter") {
                takes = takes & filter(each);
                condition = (condition.empty() ? "" : condition + " and ") + "a filter at " + each.source;
            } else if (each.name == "destination") {
                for (const Token& name : each.plain) use(name.value, takes, condition);
                drivers(each, takes, condition, forwards_);
            } else if (each.name == "log" || each.name == "junction" || each.name == "channel") {
                const LogSelection kept = path(each, LogSelection::all(Known::yes), takes, condition);
                takes = takes & ~kept;
            } else if (each.name == "parser" || each.name == "if" || each.name == "elif" || each.name == "else" ||
                       each.name.empty()) {
                // a parser drops what it cannot read; a condition is not read
                const std::string inner = "a condition at " + each.source;
                path(each, LogSelection::all(Known::yes), takes.doubted(), inner);
                if (each.name == "parser") takes = takes.doubted();
            }
        }
        return has_flag(log, "final") ? takes : LogSelection{};
    }

    static bool has_flag(const Call& log, std::string_view flag) {
        for (const Call& each : log.inside)
            if (each.name == "flags" && std::any_of(each.plain.begin(), each.plain.end(),
                                                    [&](const Token& token) { return lower(token.value) == flag; }))
                return true;
        return false;
    }

    [[nodiscard]] const Call* defined(std::string_view kind, std::string_view name) const {
        for (const Call& each : whole_.inside)
            if (each.name == kind && !each.plain.empty() && each.plain.front().value == name) return &each;
        return nullptr;
    }

    [[nodiscard]] Known from(const Call& source) const {
        if (reads_this_host(source)) return Known::yes;
        Known result = Known::no;
        for (const Token& name : source.plain) {
            const Call* definition = defined("source", name.value);
            result = std::max(result, definition == nullptr          ? Known::unknown
                                      : reads_this_host(*definition) ? Known::yes
                                                                     : Known::no);
        }
        return result;
    }

    [[nodiscard]] LogSelection filter(const Call& named) const {
        if (named.plain.size() != 1 || !named.inside.empty()) return named.inside.empty() ? unknown() : filtered(named);
        const Call* definition = defined("filter", named.plain.front().value);
        if (definition == nullptr) return unknown();
        Call body = *definition;
        body.plain.erase(body.plain.begin());
        return filtered(body);
    }

    void use(const std::string& name, const LogSelection& takes, const std::string& condition) {
        const auto [place, first] = used_.try_emplace(name, Use{takes, condition});
        if (!first) place->second.takes = place->second.takes | takes;
    }

    const Call& whole_;
    std::map<std::string, Use> used_;
    std::vector<LogForward> forwards_;
};

}  // namespace

std::vector<LogForward> parse_syslog_ng(std::string_view path, std::string_view text, const ReadIncluded& include) {
    std::vector<Token> tokens;
    tokens_of(path, text, include, 0, tokens);
    Call whole{"", std::string{path} + ":1", {}, {}};
    std::size_t at = 0;
    parse_into(whole, tokens, at, '\0', 0);
    return Paths{whole}.follow();
}

}  // namespace annexa::collectors
