// nginx: words, quotes and escapes as ngx_conf_file.c reads them; includes and relative paths are below the folder of
// nginx.conf. A block of Lua is passed over.
#include "collectors/support/glob.hpp"
#include "collectors/support/named_certificates.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

struct Statement {
    std::vector<std::string> words;
    std::size_t line = 0;
};

class Reader {
  public:
    explicit Reader(std::string_view text) : text_{text} {}

    std::vector<Statement> statements() {
        std::vector<Statement> all;
        Statement statement;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (text::is_blank(c)) {
                step();
            } else if (c == '#') {
                while (at_ < text_.size() && text_[at_] != '\n') step();
            } else if (c == ';' || c == '{' || c == '}') {
                step();
                const bool lua = c == '{' && !statement.words.empty() && statement.words[0].ends_with("_by_lua_block");
                if (!statement.words.empty()) all.push_back(std::move(statement));
                statement = {};
                if (lua) skip_block();
            } else {
                if (statement.words.empty()) statement.line = line_;
                statement.words.push_back(word());
            }
        }
        return all;
    }

  private:
    void step() {
        if (text_[at_] == '\n') ++line_;
        ++at_;
    }
    std::string word() {
        std::string result;
        const char quote = text_[at_] == '"' || text_[at_] == '\'' ? text_[at_] : '\0';
        if (quote != '\0') step();
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\\' && at_ + 1 < text_.size()) {
                step();
                const char escaped = text_[at_];
                if (escaped != '"' && escaped != '\'' && escaped != '\\') result += c;
                result += escaped;
                step();
                continue;
            }
            if (quote != '\0' ? c == quote : text::is_blank(c) || c == ';' || c == '{') {
                // ${name} is a variable, no block
                if (quote == '\0' && c == '{' && result.ends_with('$')) {
                    result += c;
                    step();
                    continue;
                }
                if (quote != '\0') step();
                break;
            }
            result += c;
            step();
        }
        return result;
    }
    void skip_block() {
        for (int depth = 1; at_ < text_.size() && depth > 0; step()) {
            if (text_[at_] == '{') ++depth;
            if (text_[at_] == '}') --depth;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0, line_ = 1;
};

class Configuration {
  public:
    Configuration(Files& files, std::string folder) : files_{files}, folder_{std::move(folder)} {}

    void read(const std::string& path, int depth) {
        budget_.take(path, depth);
        const auto file = files_.read(path);
        if (!file) return;
        for (const Statement& statement : Reader{file->text}.statements()) {
            if (statement.words.size() < 2) continue;
            const std::string& name = statement.words[0];
            const std::string& value = statement.words[1];
            const std::string source = IncludeBudget::place(path, statement.line);
            if (name == "include") {
                const std::string pattern = absolute_path(value, folder_);
                const auto found = glob(files_, pattern);
                if (found.empty() && pattern.find_first_of("*?[") == std::string::npos)
                    throw host_error(Reason::malformed_source, source + ": includes a file that is not there");
                for (const std::string& each : found) read(each, depth + 1);
            } else if (name == "ssl_certificate" || name.ends_with("_ssl_certificate")) {
                // data: is a value that a variable holds, not a file
                const bool known = value.find('$') == std::string::npos && !value.starts_with("data:") &&
                                   !value.starts_with("engine:") && !value.starts_with("store:");
                if (!value.empty())
                    named.push_back({"nginx", known ? absolute_path(value, folder_) : value, source, known});
            }
        }
    }

    std::vector<NamedCertificate> named;

  private:
    Files& files_;
    std::string folder_;
    IncludeBudget budget_;
};

}  // namespace

std::vector<NamedCertificate> nginx_certificates(Files& files) {
    std::vector<NamedCertificate> named;
    for (const auto& [program, folder] :
         {std::pair{"/usr/sbin/nginx", "/etc/nginx"}, {"/usr/local/nginx/sbin/nginx", "/usr/local/nginx/conf"}}) {
        if (!any_installed(files, {program})) continue;
        Configuration configuration{files, folder};
        configuration.read(std::string{folder} + "/nginx.conf", 0);
        named.insert(named.end(), configuration.named.begin(), configuration.named.end());
    }
    return named;
}

}  // namespace annexa::collectors
