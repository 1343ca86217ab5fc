#include "collectors/support/log_config.hpp"

#include "collectors/host.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

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
    std::vector<Token> plain;   // arguments that are no calls
    std::vector<Call> inside;

    [[nodiscard]] const Call* find(std::string_view wanted) const {
        const auto found = std::find_if(inside.begin(), inside.end(), [&](const Call& call) { return call.name == wanted; });
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

void tokens_of(std::string_view path, std::string_view text, const ReadIncluded& include, int depth, std::vector<Token>& tokens) {
    int line = 1;
    std::size_t at = 0;
    const auto here = [&] { return std::string{path} + ":" + std::to_string(line); };
    const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view{"_-./:*+@$"}.find(c) != std::string_view::npos; };
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
            if (open == std::string_view::npos || close <= open) refuse(here(), "expected a path in quotes after @include");
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
            if (std::isspace(static_cast<unsigned char>(c)) == 0) tokens.push_back({Token::Kind::sign, std::string{c}, here()});
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
        } else if (token.kind == Token::Kind::word && at + 2 < tokens.size() && tokens[at + 1].kind != Token::Kind::sign &&
                   is_sign(tokens, at + 2, '{')) {
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

void drivers(const Call& destination, std::vector<LogForward>& forwards) {
    for (const Call& driver : destination.inside) {
        LogForward forward{.protocol = driver.name, .target = driver.plain.empty() ? "" : driver.plain.front().value,
                           .port = driver.argument("port"), .tls = false, .authentication = authentication(driver), .source = driver.source};
        const std::string transport = lower(driver.argument("transport"));
        if (driver.name == "network" || driver.name == "syslog") {
            forward.tls = transport.find("tls") != std::string::npos;
            forward.protocol = transport.find("udp") != std::string::npos ? "udp" : "tcp";
        } else if (driver.name == "tcp" || driver.name == "tcp6") {
            forward.tls = driver.find("tls") != nullptr;
            forward.protocol = "tcp";
        } else if (driver.name == "udp" || driver.name == "udp6") {
            forward.protocol = "udp";
        } else if (driver.name == "http" || driver.name == "loki" || driver.name == "opentelemetry" || driver.name == "syslog_ng_otlp" || driver.name == "elasticsearch_http") {
            forward.target = driver.argument("url");
            forward.tls = forward.target.starts_with("https://") || driver.find("auth") != nullptr;
        } else {
            continue;  // files, pipes, programs, user terminals
        }
        forwards.push_back(std::move(forward));
    }
}

void used_destinations(const Call& call, std::set<std::string>& names, std::vector<LogForward>& forwards) {
    for (const Call& each : call.inside) {
        if (each.name == "destination") {
            for (const Token& name : each.plain) names.insert(name.value);
            drivers(each, forwards);
        } else {
            used_destinations(each, names, forwards);
        }
    }
}

}  // namespace

std::vector<LogForward> parse_syslog_ng(std::string_view path, std::string_view text, const ReadIncluded& include) {
    std::vector<Token> tokens;
    tokens_of(path, text, include, 0, tokens);
    Call whole{"", std::string{path} + ":1", {}, {}};
    std::size_t at = 0;
    parse_into(whole, tokens, at, '\0', 0);

    std::vector<LogForward> forwards;
    std::set<std::string> used;
    for (const Call& each : whole.inside)
        if (each.name == "log") used_destinations(each, used, forwards);
    for (const Call& each : whole.inside)
        if (each.name == "destination" && !each.plain.empty() && used.contains(each.plain.front().value)) drivers(each, forwards);
    return forwards;
}

}  // namespace annexa::collectors
