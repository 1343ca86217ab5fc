// Dovecot: `ssl_cert = </file` and, since 2.4, `ssl_server_cert_file = /file`, wherever they stand (local_name,
// protocol blocks too), with !include and !include_try. Where `ssl = no` is said for all, none is shown to anybody.
#include "collectors/support/glob.hpp"
#include "collectors/support/named_certificates.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

class Configuration {
  public:
    explicit Configuration(Files& files) : files_{files} {}

    void read(const std::string& path, int depth) {
        budget_.take(path, depth);
        const auto file = files_.read(path);
        if (!file) return;
        for (const text::Line& line : text::lines(file->text, text::whole_line_comments)) {
            std::string_view said = line.text;
            if (const std::size_t comment = said.find(" #"); comment != std::string_view::npos)
                said = text::trimmed(said.substr(0, comment));
            const std::string source = IncludeBudget::place(path, line.number);
            if (const auto [word, pattern] = text::split_at_blank(said); word == "!include" || word == "!include_try") {
                include(path, pattern, word == "!include", source, depth);
                continue;
            }
            const auto pair = text::split_at(said, '=');
            if (pair) setting(pair->first, pair->second, source);
            // depth_ counts blocks: `local_name x {`
            if (said.ends_with('{')) ++blocks_;
            if (said == "}" && blocks_ > 0) --blocks_;
        }
    }

    [[nodiscard]] bool uses_tls() const { return tls_; }
    std::vector<NamedCertificate> named;

  private:
    void include(const std::string& from, std::string_view pattern, bool needed, const std::string& source, int depth) {
        const std::string absolute = absolute_path(pattern, text::folder(from));
        const auto found = glob(files_, absolute);
        if (found.empty() && needed && absolute.find_first_of("*?[") == std::string::npos)
            throw host_error(Reason::malformed_source, source + ": includes a file that is not there");
        for (const std::string& each : found)
            if (const auto status = files_.status(each); status && status->kind == FileKind::regular)
                read(each, depth + 1);
    }

    void setting(std::string_view name, std::string_view value, const std::string& source) {
        constexpr std::array<std::string_view, 3> inlined{"ssl_cert", "ssl_alt_cert", "ssl_client_cert"};
        constexpr std::array<std::string_view, 3> files{"ssl_server_cert_file", "ssl_server_alt_cert_file",
                                                        "ssl_client_cert_file"};
        if (name == "ssl" && blocks_ == 0) tls_ = value != "no";
        const auto is = [&](const auto& names) { return std::find(names.begin(), names.end(), name) != names.end(); };
        if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
            value = value.substr(1, value.size() - 2);
        if (is(inlined)) {
            while (value.starts_with('<')) value.remove_prefix(1);
            value = text::trimmed(value);
        } else if (!is(files)) {
            return;
        }
        if (value.empty()) return;
        const bool known = value.find_first_of("$%") == std::string_view::npos;
        named.push_back({"dovecot", known ? absolute_path(value, "/etc/dovecot") : std::string{value}, source, known});
    }

    Files& files_;
    IncludeBudget budget_;
    int blocks_ = 0;
    bool tls_ = true;
};

}  // namespace

std::vector<NamedCertificate> dovecot_certificates(Files& files) {
    if (!any_installed(files, {"/usr/sbin/dovecot"})) return {};
    Configuration configuration{files};
    configuration.read("/etc/dovecot/dovecot.conf", 0);
    return configuration.uses_tls() ? configuration.named : std::vector<NamedCertificate>{};
}

}  // namespace annexa::collectors
