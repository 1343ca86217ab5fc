// PostgreSQL: ssl_cert_file of each cluster where ssl is on; the last assignment wins, postgresql.auto.conf in the data
// folder over all (runtime-config, 20.1). Relative paths are below the data folder, server.crt there is the default.
#include "collectors/support/glob.hpp"
#include "collectors/support/named_certificates.hpp"
#include "collectors/support/text.hpp"

#include <map>

namespace annexa::collectors {
namespace {

struct Setting {
    std::string value, source;
};

class Cluster {
  public:
    Cluster(Files& files, std::string main) : files_{files}, main_{std::move(main)} {}

    std::optional<NamedCertificate> certificate() {
        read(main_, 0);
        const std::string data = value("data_directory", std::string{text::folder(main_)});
        read(data + "/postgresql.auto.conf", 0);
        const std::string on = text::lower(value("ssl", "off"));
        // as parse_bool() of guc.c: beginnings of on, true, yes, and 1
        const bool uses_tls =
            on == "on" || on == "1" ||
            (!on.empty() && (std::string_view{"true"}.starts_with(on) || std::string_view{"yes"}.starts_with(on)));
        if (!uses_tls) return std::nullopt;
        const auto named = settings_.find("ssl_cert_file");
        return NamedCertificate{"postgresql", absolute_path(value("ssl_cert_file", "server.crt"), data),
                                named == settings_.end() ? settings_.at("ssl").source : named->second.source};
    }

  private:
    [[nodiscard]] std::string value(std::string_view name, std::string otherwise) const {
        const auto found = settings_.find(name);
        return found == settings_.end() ? otherwise : found->second.value;
    }

    void read(const std::string& path, int depth) {
        budget_.take(path, depth);
        const auto file = files_.read(path);
        if (!file) return;
        for (const text::Line& line : text::lines(file->text, text::whole_line_comments)) {
            const std::size_t end = line.text.find_first_of("= \t");
            if (end == std::string_view::npos) continue;
            const std::string name = text::lower(line.text.substr(0, end));
            std::string_view rest = text::trimmed(line.text.substr(end));
            if (rest.starts_with('=')) rest = text::trimmed(rest.substr(1));
            const std::string value = unquoted(rest);
            const std::string source = IncludeBudget::place(path, line.number);
            const std::string place = absolute_path(value, text::folder(path));
            if (name == "include" || name == "include_if_exists") {
                if (name == "include" && !files_.status(place))
                    throw host_error(Reason::malformed_source, source + ": includes a file that is not there");
                read(place, depth + 1);
            } else if (name == "include_dir") {
                for (const std::string& each : glob(files_, place + "/*.conf")) read(each, depth + 1);
            } else {
                settings_[name] = {value, source};
            }
        }
    }

    // 'it''s' and what a backslash escapes; without quotes up to a blank or a comment
    static std::string unquoted(std::string_view text) {
        if (!text.starts_with('\'')) return std::string{text.substr(0, text.find_first_of(" \t#"))};
        std::string result;
        for (std::size_t at = 1; at < text.size(); ++at) {
            if (text[at] == '\'' && (at + 1 >= text.size() || text[at + 1] != '\'')) break;
            if ((text[at] == '\'' || text[at] == '\\') && at + 1 < text.size()) ++at;
            result += text[at];
        }
        return result;
    }

    Files& files_;
    std::string main_;
    std::map<std::string, Setting, std::less<>> settings_;
    IncludeBudget budget_;
};

}  // namespace

std::vector<NamedCertificate> postgresql_certificates(Files& files) {
    if (!any_installed(files, {"/usr/lib/postgresql/*/bin/postgres", "/usr/lib/postgresql*/bin/postgres",
                               "/usr/bin/postgres", "/usr/pgsql-*/bin/postgres"}))
        return {};
    std::vector<NamedCertificate> named;
    for (const char* pattern : {"/etc/postgresql/*/*/postgresql.conf", "/var/lib/pgsql/data/postgresql.conf",
                                "/var/lib/pgsql/*/data/postgresql.conf"})
        for (const std::string& main : glob(files, pattern))
            if (auto certificate = Cluster{files, main}.certificate()) named.push_back(*std::move(certificate));
    return named;
}

}  // namespace annexa::collectors
