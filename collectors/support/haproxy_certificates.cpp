// HAProxy: `crt` of bind, server and load lines (a file, a folder of files, or a bundle NAME.rsa, NAME.ecdsa),
// `crt-list`, both below crt-base (configuration manual, 5.1 and 3.1).
#include "collectors/support/glob.hpp"
#include "collectors/support/named_certificates.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    std::string word;
    bool any = false;
    char quote = '\0';
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        if (c == '\\' && quote != '\'' && at + 1 < line.size()) {
            word += line[++at];
            any = true;
        } else if (quote != '\0' ? c == quote : c == '"' || c == '\'') {
            quote = quote != '\0' ? '\0' : c;
            any = true;
        } else if (quote == '\0' && c == '#') {
            break;
        } else if (quote == '\0' && text::is_blank(c)) {
            if (any) words.push_back(std::move(word));
            word.clear();
            any = false;
        } else {
            word += c;
            any = true;
        }
    }
    if (any) words.push_back(std::move(word));
    return words;
}

class Configuration {
  public:
    explicit Configuration(Files& files) : files_{files} {}

    void read(const File& file) {
        constexpr std::array<std::string_view, 6> lines{"bind", "server",   "default-server", "server-template",
                                                        "load", "ssl-f-use"};
        for (const text::Line& line : text::raw_lines(file.text)) {
            const auto words = words_of(line.text);
            if (words.size() < 2) continue;
            if (words[0] == "crt-base") base_ = words[1];
            if (std::find(lines.begin(), lines.end(), words[0]) == lines.end()) continue;
            const std::string source = IncludeBudget::place(file.path, line.number);
            for (std::size_t i = 1; i + 1 < words.size(); ++i) {
                if (words[i] == "crt") add(words[i + 1], source);
                if (words[i] == "crt-list") read_list(absolute_path(words[i + 1], "/etc/haproxy"), source);
            }
        }
    }

    std::vector<NamedCertificate> named;

  private:
    void read_list(const std::string& path, const std::string& source) {
        const auto file = files_.read(path);
        if (!file) return named.push_back({"haproxy", path, source});
        for (const text::Line& line : text::lines(file->text, text::whole_line_comments))
            add(std::string{text::words(line.text)[0]}, IncludeBudget::place(path, line.number));
    }

    void add(const std::string& written, const std::string& source) {
        if (written.find('$') != std::string::npos || written.starts_with('@'))
            return named.push_back({"haproxy", written, source, false});
        const std::string path = absolute_path(written, base_.empty() ? "/etc/haproxy" : base_);
        const auto status = files_.status(path);
        if (status && status->kind == FileKind::directory) {
            for (const std::string& name : files_.list(path).value_or(std::vector<std::string>{}))
                if (!name.starts_with('.') && !name.ends_with(".issuer") && !name.ends_with(".ocsp") &&
                    !name.ends_with(".sctl") && !name.ends_with(".key"))
                    named.push_back({"haproxy", path + "/" + name, source});
            return;
        }
        bool bundle = false;
        for (const char* kind : {".rsa", ".dsa", ".ecdsa"})
            if (!status && files_.status(path + kind)) {
                named.push_back({"haproxy", path + kind, source});
                bundle = true;
            }
        if (!bundle) named.push_back({"haproxy", path, source});
    }

    Files& files_;
    std::string base_;
};

}  // namespace

std::vector<NamedCertificate> haproxy_certificates(Files& files) {
    if (!any_installed(files, {"/usr/sbin/haproxy", "/usr/local/sbin/haproxy"})) return {};
    Configuration configuration{files};
    if (const auto file = files.read("/etc/haproxy/haproxy.cfg")) configuration.read(*file);
    for (const std::string& path : glob(files, "/etc/haproxy/conf.d/*.cfg"))
        if (const auto file = files.read(path)) configuration.read(*file);
    return configuration.named;
}

}  // namespace annexa::collectors
