// Postfix: main.cf with its $parameters, what master.cf says otherwise with -o, and the sources of the tables of
// tls_server_sni_maps (postconf(5), master(5)).
#include "collectors/support/named_certificates.hpp"
#include "collectors/support/text.hpp"

#include <array>
#include <cctype>
#include <map>

namespace annexa::collectors {
namespace {

struct Setting {
    std::string value, source;
};
using Settings = std::map<std::string, Setting, std::less<>>;

constexpr std::array<std::string_view, 4> suffixes{"_tls_cert_file", "_tls_eccert_file", "_tls_dcert_file",
                                                   "_tls_chain_files"};

bool names_certificates(std::string_view parameter) {
    for (const std::string_view suffix : suffixes)
        if (parameter.ends_with(suffix)) return true;
    return false;
}

// A line that begins with a blank goes on with the one before; comments may stand between (postconf(5)).
struct Logical {
    std::string text;
    std::size_t line;
};
std::vector<Logical> logical_lines(std::string_view text) {
    std::vector<Logical> all;
    for (const text::Line& line : text::raw_lines(text)) {
        const std::string_view said = text::trimmed(line.text);
        if (said.empty() || said.starts_with('#')) continue;
        if (text::is_blank(line.text[0]) && !all.empty())
            all.back().text += " " + std::string{said};
        else
            all.push_back({std::string{said}, line.number});
    }
    return all;
}

class Instance {
  public:
    Instance(Files& files, std::string folder) : files_{files}, folder_{std::move(folder)} {}

    void read() {
        if (const auto file = files_.read(folder_ + "/main.cf"))
            for (const Logical& line : logical_lines(file->text))
                if (const auto pair = text::split_at(line.text, '='))
                    settings_[std::string{pair->first}] = {std::string{pair->second},
                                                           IncludeBudget::place(file->path, line.line)};
        for (const auto& [name, setting] : settings_)
            if (names_certificates(name)) add(setting.value, setting.source);
        if (const auto maps = settings_.find("tls_server_sni_maps"); maps != settings_.end()) add_maps(maps->second);
        if (const auto file = files_.read(folder_ + "/master.cf"))
            for (const Logical& line : logical_lines(file->text))
                read_service(line, IncludeBudget::place(file->path, line.line));
    }

    [[nodiscard]] std::vector<std::string> further_folders() const {
        std::vector<std::string> folders;
        if (const auto found = settings_.find("multi_instance_directories"); found != settings_.end())
            for (const std::string_view folder : list(found->second.value)) folders.emplace_back(folder);
        return folders;
    }

    std::vector<NamedCertificate> named;

  private:
    static std::vector<std::string_view> list(std::string_view text) {
        std::vector<std::string_view> all;
        for (const std::string_view part : text::split(text, ','))
            for (const std::string_view word : text::words(part)) all.push_back(word);
        return all;
    }

    void add(const std::string& value, const std::string& source) {
        const std::string known = expanded(value, 0);
        for (const std::string_view path : list(known)) {
            if (path == "none") continue;
            const bool resolved = path.find('$') == std::string_view::npos;
            named.push_back({"postfix", resolved ? absolute_path(path, folder_) : std::string{path}, source, resolved});
        }
    }

    void add_maps(const Setting& maps) {
        const std::string known = expanded(maps.value, 0);
        for (const std::string_view map : list(known)) read_map(map, maps.source);
    }

    // KEY FILE[, FILE]…: what postmap -F made the table of
    void read_map(std::string_view map, const std::string& source) {
        const auto parts = text::split_at(map, ':');
        const std::string path{parts ? parts->second : map};
        const auto file = path.starts_with('/') ? files_.read(path) : std::nullopt;
        if (!file) return named.push_back({"postfix", std::string{map}, source, false});
        for (const Logical& line : logical_lines(file->text))
            add(std::string{text::split_at_blank(line.text).second}, IncludeBudget::place(path, line.line));
    }

    // smtps inet n - y - - smtpd -o smtpd_tls_cert_file=/x -o { smtpd_tls_chain_files = /a, /b }
    void read_service(const Logical& line, const std::string& source) {
        for (std::size_t at = line.text.find(" -o"); at != std::string::npos; at = line.text.find(" -o", at + 3)) {
            std::string_view rest = text::trimmed(std::string_view{line.text}.substr(at + 3));
            if (rest.starts_with('{'))
                rest = text::trimmed(rest.substr(1, rest.find('}') == std::string_view::npos ? 0 : rest.find('}') - 1));
            else
                rest = text::split_at_blank(rest).first;
            const auto pair = text::split_at(rest, '=');
            if (pair && names_certificates(pair->first)) add(std::string{pair->second}, source);
        }
    }

    // $name, ${name} and $(name); what is conditional stays as it is
    [[nodiscard]] std::string expanded(const std::string& value, int depth) const {
        constexpr int most_depth = 8, most_expansions = 100000;
        if (++expansions_ > most_expansions)
            throw host_error(Reason::malformed_source, folder_ + "/main.cf: parameters name each other without end");
        std::string result;
        for (std::size_t at = 0; at < value.size();) {
            if (value[at] != '$' || depth >= most_depth) {
                result += value[at++];
                continue;
            }
            std::size_t begin = at + 1, end = begin;
            const bool braces = begin < value.size() && (value[begin] == '{' || value[begin] == '(');
            if (braces) ++begin;
            end = begin;
            while (end < value.size() &&
                   (std::isalnum(static_cast<unsigned char>(value[end])) != 0 || value[end] == '_'))
                ++end;
            const std::size_t after =
                braces && end < value.size() && (value[end] == '}' || value[end] == ')') ? end + 1 : end;
            const std::string name = value.substr(begin, end - begin);
            const auto found = settings_.find(name);
            if (braces && after == end) {  // ${name?value}
                result += value[at++];
                continue;
            }
            if (found != settings_.end())
                result += expanded(found->second.value, depth + 1);
            else if (name == "config_directory")
                result += folder_;
            else if (!names_certificates(name))  // by default empty
                result += value.substr(at, after - at);
            at = after;
        }
        return result;
    }

    Files& files_;
    std::string folder_;
    Settings settings_;
    mutable int expansions_ = 0;
};

}  // namespace

std::vector<NamedCertificate> postfix_certificates(Files& files) {
    if (!any_installed(files, {"/usr/sbin/postfix"})) return {};
    constexpr std::size_t most_instances = 100;
    std::vector<NamedCertificate> named;
    std::vector<std::string> folders{"/etc/postfix"};
    for (std::size_t i = 0; i < folders.size() && i < most_instances; ++i) {
        Instance instance{files, folders[i]};
        instance.read();
        named.insert(named.end(), instance.named.begin(), instance.named.end());
        if (i == 0)
            for (const std::string& folder : instance.further_folders())
                if (folder.starts_with('/')) folders.push_back(folder);
    }
    return named;
}

}  // namespace annexa::collectors
