#include "collectors/support/log_config.hpp"

#include "collectors/host.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <tuple>

namespace annexa::collectors {
namespace {

constexpr int most_includes = 16;

std::string lower(std::string_view text) {
    std::string result{text};
    for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; }

using Parameters = std::map<std::string, std::string>;  // names in lower case

std::string value(const Parameters& parameters, std::string_view name, std::string_view otherwise = {}) {
    const auto found = parameters.find(std::string{name});
    return found == parameters.end() ? std::string{otherwise} : found->second;
}

bool is_tls_driver(std::string_view driver) { return driver == "gtls" || driver == "ossl" || driver == "mbedtls"; }

// The whole configuration, include by include: directives of the old syntax hold from where they stand on.
class Reader {
  public:
    explicit Reader(const ReadIncluded& include) : include_{include} {}

    void read(std::string_view path, std::string_view text, int depth) {
        path_ = path;
        text_ = text;
        at_ = 0;
        line_ = 1;
        bool line_start = true;  // nothing but blanks since the line began
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\n') {
                advance();
                line_start = true;
            } else if (is_space(c)) {
                advance();
            } else if (c == '#') {
                skip_line();
            } else if (c == '/' && peek(1) == '*') {
                skip_comment();
            } else if (c == '$' && line_start) {
                directive(depth);
            } else if (c == '"' || c == '\'') {
                quoted(c);
                line_start = false;
            } else if (c == '@' && (at_ == 0 || is_space(text_[at_ - 1]))) {
                legacy_forward();
            } else if (c == ':' && text_.substr(at_).starts_with(":omrelp:")) {
                legacy_relp();
            } else if (is_name(c)) {
                word(depth);
                line_start = false;
            } else {
                advance();
                line_start = false;
            }
        }
    }

    std::vector<LogForward> finish() {
        for (auto& [forward, parameters] : omfwd_) {
            const std::string mode = value(parameters, "streamdrivermode", value(parameters, "streamdriver.mode", "0"));
            const std::string driver =
                lower(value(parameters, "streamdriver", value(parameters, "streamdriver.name", default_driver_)));
            forward.tls = forward.protocol == "tcp" && mode == "1" && is_tls_driver(driver);
            if (forward.tls)
                forward.authentication =
                    value(parameters, "streamdriverauthmode", value(parameters, "streamdriver.authmode", "anon"));
            forwards_.push_back(std::move(forward));
        }
        std::stable_sort(forwards_.begin(), forwards_.end(),
                         [](const LogForward& a, const LogForward& b) { return a.source < b.source; });
        return std::move(forwards_);
    }

  private:
    [[nodiscard]] char peek(std::size_t ahead) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    void advance() {
        if (text_[at_] == '\n') ++line_;
        ++at_;
    }
    void skip_line() {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    }
    void skip_comment() {
        const int began = line_;
        for (at_ += 2; at_ < text_.size(); advance())
            if (text_[at_] == '*' && peek(1) == '/') {
                at_ += 2;
                return;
            }
        refuse(began, "a comment without its end");
    }
    [[noreturn]] void refuse(int line, const std::string& what) const {
        throw host_error{evidence::Reason::malformed_source, std::string{path_} + ":" + std::to_string(line) + ": " + what};
    }
    [[nodiscard]] std::string here() const { return std::string{path_} + ":" + std::to_string(line_); }

    std::string quoted(char quote) {
        const int began = line_;
        std::string text;
        for (advance(); at_ < text_.size(); advance()) {
            if (text_[at_] == quote) {
                advance();
                return text;
            }
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) advance();
            text += text_[at_];
        }
        refuse(began, "a text without its closing quote");
    }

    std::string rest_of_line() {
        const std::size_t begin = at_;
        skip_line();
        while (at_ < text_.size() && at_ > begin && text_[at_ - 1] == '\\') {  // a template may go on
            advance();
            skip_line();
        }
        std::string_view rest = text_.substr(begin, at_ - begin);
        while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
        while (!rest.empty() && is_space(rest.back())) rest.remove_suffix(1);
        return std::string{rest};
    }

    void directive(int depth) {
        ++at_;
        std::string name;
        while (at_ < text_.size() && is_name(text_[at_])) name += text_[at_++];
        name = lower(name);
        const std::string argument = rest_of_line();
        if (name == "includeconfig") {
            included(argument, depth);
        } else if (name == "defaultnetstreamdriver") {
            default_driver_ = lower(argument);
        } else if (name == "actionsendstreamdriver") {
            legacy_["streamdriver"] = argument;
        } else if (name == "actionsendstreamdrivermode") {
            legacy_["streamdrivermode"] = argument;
        } else if (name == "actionsendstreamdriverauthmode") {
            legacy_["streamdriverauthmode"] = argument;
        } else if (name == "resetconfigvariables") {
            legacy_.clear();
        }
    }

    // @host:port, @@(o,z9)[::1]:6514;template
    void legacy_forward() {
        LogForward forward{.protocol = "udp", .target = {}, .port = "514", .tls = false, .authentication = {}, .source = here()};
        ++at_;
        if (peek(0) == '@') {
            forward.protocol = "tcp";
            ++at_;
        }
        if (peek(0) == '(') {
            while (at_ < text_.size() && text_[at_] != ')' && text_[at_] != '\n') ++at_;
            if (peek(0) == ')') ++at_;
        }
        if (peek(0) == '[') {
            for (++at_; at_ < text_.size() && text_[at_] != ']' && text_[at_] != '\n'; ++at_) forward.target += text_[at_];
            if (peek(0) == ']') ++at_;
        } else {
            while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != ':' && text_[at_] != ';' && text_[at_] != '#')
                forward.target += text_[at_++];
        }
        if (peek(0) == ':') {
            forward.port.clear();
            for (++at_; std::isdigit(static_cast<unsigned char>(peek(0))) != 0; ++at_) forward.port += text_[at_];
        }
        if (forward.target.empty()) refuse(line_, "expected a host after @");
        omfwd_.emplace_back(std::move(forward), legacy_);
    }

    // :omrelp:host:port
    void legacy_relp() {
        LogForward forward{.protocol = "relp", .target = {}, .port = "514", .tls = false, .authentication = {}, .source = here()};
        at_ += std::string_view{":omrelp:"}.size();
        while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != ':' && text_[at_] != ';') forward.target += text_[at_++];
        if (peek(0) == ':') {
            forward.port.clear();
            for (++at_; std::isdigit(static_cast<unsigned char>(peek(0))) != 0; ++at_) forward.port += text_[at_];
        }
        forwards_.push_back(std::move(forward));
    }

    void word(int depth) {
        const std::string source = here();
        std::string name;
        while (at_ < text_.size() && is_name(text_[at_])) name += text_[at_++];
        name = lower(name);
        std::size_t next = at_;
        while (next < text_.size() && (text_[next] == ' ' || text_[next] == '\t')) ++next;
        if (next >= text_.size() || text_[next] != '(') return;
        if (name != "action" && name != "global" && name != "include") return;
        at_ = next;
        const Parameters parameters = object();
        if (name == "global") {
            const std::string driver = value(parameters, "defaultnetstreamdriver");
            if (!driver.empty()) default_driver_ = lower(driver);
        } else if (name == "include") {
            const std::string file = value(parameters, "file");
            if (!file.empty()) included(file, depth);
        } else {
            action(parameters, source);
        }
    }

    // (name="value" name="value"), over several lines, with comments
    Parameters object() {
        const int began = line_;
        Parameters parameters;
        advance();
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == ')') {
                advance();
                return parameters;
            }
            if (c == '#') {
                skip_line();
            } else if (c == '/' && peek(1) == '*') {
                skip_comment();
            } else if (is_name(c)) {
                std::string name;
                while (at_ < text_.size() && is_name(text_[at_])) name += text_[at_++];
                while (at_ < text_.size() && is_space(text_[at_])) advance();
                if (peek(0) != '=') continue;
                advance();
                while (at_ < text_.size() && is_space(text_[at_])) advance();
                std::string text;
                if (peek(0) == '"' || peek(0) == '\'') {
                    text = quoted(peek(0));
                } else if (peek(0) == '[') {
                    while (at_ < text_.size() && text_[at_] != ']') {
                        if (text_[at_] == '"') text += (text.empty() ? "" : ",") + quoted('"');
                        else advance();
                    }
                } else {
                    while (at_ < text_.size() && is_name(text_[at_])) text += text_[at_++];
                }
                parameters[lower(name)] = text;
            } else if (c == '"' || c == '\'') {
                quoted(c);
            } else {
                advance();
            }
        }
        refuse(began, "an object without its closing )");
    }

    void action(const Parameters& parameters, const std::string& source) {
        const std::string type = lower(value(parameters, "type"));
        LogForward forward{.protocol = type, .target = value(parameters, "target"), .port = value(parameters, "port"),
                           .tls = false, .authentication = {}, .source = source};
        if (type == "omfwd") {
            forward.protocol = lower(value(parameters, "protocol", "udp"));
            if (forward.port.empty()) forward.port = "514";
            omfwd_.emplace_back(std::move(forward), parameters);
        } else if (type == "omrelp") {
            forward.protocol = "relp";
            forward.tls = lower(value(parameters, "tls", "off")) == "on";
            if (forward.tls) forward.authentication = value(parameters, "tls.authmode");
            forwards_.push_back(std::move(forward));
        } else if (type == "omhttp" || type == "omelasticsearch" || type == "omclickhouse") {
            forward.target = value(parameters, "server");
            forward.port = value(parameters, "serverport");
            forward.tls = lower(value(parameters, "usehttps", type == "omelasticsearch" ? "off" : "on")) == "on" ||
                          forward.target.starts_with("https://");
            forwards_.push_back(std::move(forward));
        } else if (type == "omkafka") {
            forward.target = value(parameters, "broker");
            forward.tls = value(parameters, "confparam").find("security.protocol=ssl") != std::string::npos ||
                          value(parameters, "confparam").find("security.protocol=sasl_ssl") != std::string::npos;
            forwards_.push_back(std::move(forward));
        }
    }

    void included(const std::string& pattern, int depth) {
        if (!include_) return;
        if (depth >= most_includes) refuse(line_, "too many nested includes");
        const auto saved = std::tuple{path_, text_, at_, line_};
        for (const auto& [path, text] : include_(pattern)) read(path, text, depth + 1);
        std::tie(path_, text_, at_, line_) = saved;
    }

    const ReadIncluded& include_;
    std::string_view path_, text_;
    std::size_t at_ = 0;
    int line_ = 1;
    std::string default_driver_;
    Parameters legacy_;
    std::vector<LogForward> forwards_;
    std::vector<std::pair<LogForward, Parameters>> omfwd_;
};

}  // namespace

std::vector<LogForward> parse_rsyslog(std::string_view path, std::string_view text, const ReadIncluded& include) {
    Reader reader{include};
    reader.read(path, text, 0);
    return reader.finish();
}

}  // namespace annexa::collectors
