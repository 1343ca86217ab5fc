// Apache: directives without regard to case, lines that a backslash continues, Define and the variables of Debian's
// envvars; Include and relative paths are below ServerRoot (mod_ssl, mod_gnutls, mod_md).
#include "collectors/support/glob.hpp"
#include "collectors/support/named_certificates.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace annexa::collectors {
namespace {

// As ap_getword_conf: a word in quotes of either kind, or up to the next blank.
std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < line.size();) {
        if (text::is_blank(line[at])) {
            ++at;
            continue;
        }
        const char quote = line[at] == '"' || line[at] == '\'' ? line[at] : '\0';
        if (quote != '\0') ++at;
        std::string word;
        for (; at < line.size() && (quote != '\0' ? line[at] != quote : !text::is_blank(line[at])); ++at) {
            if (quote != '\0' && line[at] == '\\' && at + 1 < line.size() &&
                (line[at + 1] == quote || line[at + 1] == '\\'))
                ++at;
            word += line[at];
        }
        if (quote != '\0') ++at;
        words.push_back(std::move(word));
    }
    return words;
}

class Configuration {
  public:
    Configuration(Files& files, std::string root) : files_{files}, root_{std::move(root)} {}

    void read_variables(const char* path) {
        const auto file = files_.read(path);
        if (!file) return;
        for (const text::Line& line : text::lines(file->text, text::whole_line_comments)) {
            std::string_view rest = line.text;
            if (rest.starts_with("export ")) rest = text::trimmed(rest.substr(7));
            if (const auto pair = text::split_at(rest, '='); pair && pair->second.find('$') == std::string_view::npos)
                variables_[std::string{pair->first}] = std::string{text::unquoted(pair->second)};
        }
    }

    void read(const std::string& path, int depth) {
        budget_.take(path, depth);
        const auto file = files_.read(path);
        if (!file) return;
        for (const text::JoinedLine& line : text::joined_lines(file->text, "\r"))
            if (!text::trimmed(line.text).starts_with('#'))
                directive(words_of(line.text), IncludeBudget::place(path, line.number), depth);
    }

    std::vector<NamedCertificate> named;

  private:
    void directive(const std::vector<std::string>& words, const std::string& source, int depth) {
        if (words.size() < 2) return;
        const std::string name = text::lower(words[0]);
        const std::string value = expanded(words[1]);
        if (name == "serverroot") {
            root_ = value;
        } else if (name == "define") {
            variables_[words[1]] = words.size() > 2 ? expanded(words[2]) : "";
        } else if (name == "include" || name == "includeoptional") {
            include(value, name == "includeoptional", source, depth);
        } else if (std::find(naming.begin(), naming.end(), name) != naming.end()) {
            for (std::size_t i = 1; i < words.size(); ++i) {
                const std::string path = expanded(words[i]);
                // % and @ are what mod_macro and mod_vhost_alias put in
                const bool known = path.find_first_of("$%@") == std::string::npos && !path.starts_with("pkcs11:");
                named.push_back({"apache", known ? absolute_path(path, root_) : path, source, known});
            }
        }
    }

    void include(const std::string& value, bool optional, const std::string& source, int depth) {
        if (value.find("${") != std::string::npos)
            throw host_error(Reason::malformed_source, source + ": includes by a variable that is defined nowhere");
        const std::string pattern = absolute_path(value, root_);
        const auto found = glob(files_, pattern);
        if (found.empty() && !optional && pattern.find_first_of("*?[") == std::string::npos)
            throw host_error(Reason::malformed_source, source + ": includes a file that is not there");
        for (const std::string& each : found) read_all(each, depth + 1);
    }

    // A folder that is included is read with all that is below it.
    void read_all(const std::string& path, int depth) {
        const auto status = files_.status(path);
        if (!status || status->kind != FileKind::directory) return read(path, depth);
        budget_.take(path, depth);
        for (const std::string& each : files_.list(path).value_or(std::vector<std::string>{}))
            read_all(path + "/" + each, depth + 1);
    }

    [[nodiscard]] std::string expanded(std::string_view text) const {
        std::string result;
        while (true) {
            const std::size_t open = text.find("${");
            const std::size_t close = text.find('}', open == std::string_view::npos ? text.size() : open);
            if (close == std::string_view::npos) return result + std::string{text};
            const auto known = variables_.find(text.substr(open + 2, close - open - 2));
            result += text.substr(0, open);
            result += known == variables_.end() ? std::string{text.substr(open, close + 1 - open)} : known->second;
            text.remove_prefix(close + 1);
        }
    }

    static constexpr std::array<std::string_view, 5> naming{"sslcertificatefile", "sslcertificatechainfile",
                                                            "sslproxymachinecertificatefile", "gnutlscertificatefile",
                                                            "mdcertificatefile"};
    Files& files_;
    std::string root_;
    std::map<std::string, std::string, std::less<>> variables_;
    IncludeBudget budget_;
};

}  // namespace

std::vector<NamedCertificate> apache_certificates(Files& files) {
    struct Layout {
        std::vector<std::string_view> programs;
        const char *main, *root, *variables;
    };
    const std::array layouts{
        Layout{{"/usr/sbin/apache2"}, "/etc/apache2/apache2.conf", "/etc/apache2", "/etc/apache2/envvars"},
        Layout{{"/usr/sbin/httpd"}, "/etc/httpd/conf/httpd.conf", "/etc/httpd", "/etc/sysconfig/httpd"},
        Layout{{"/usr/sbin/httpd", "/usr/sbin/httpd-prefork", "/usr/sbin/httpd-worker", "/usr/sbin/httpd-event"},
               "/etc/apache2/httpd.conf",
               "/srv/www",
               "/etc/sysconfig/apache2"}};
    std::vector<NamedCertificate> named;
    for (const Layout& layout : layouts) {
        if (!any_installed(files, layout.programs)) continue;
        Configuration configuration{files, layout.root};
        configuration.read_variables(layout.variables);
        configuration.read(layout.main, 0);
        named.insert(named.end(), configuration.named.begin(), configuration.named.end());
    }
    return named;
}

}  // namespace annexa::collectors
