#include "collectors/support/openssl_config.hpp"

#include "collectors/support/named_certificates.hpp"
#include "collectors/support/text.hpp"

#include <cctype>

namespace annexa::collectors {
namespace {

class Reader {
  public:
    Reader(Files& files, OpensslConfig& config) : files_{files}, config_{config} {}

    void read(const std::string& path, int depth) {
        budget_.take(path, depth);
        const auto file = files_.read(path);
        if (!file) return;
        for (const text::JoinedLine& line : text::joined_lines(file->text, "\r"))
            apply(line.text, path, line.number, depth);
    }

  private:
    void apply(std::string_view line, const std::string& path, std::size_t number, int depth) {
        const std::string said = without_comment(line);
        const std::string_view rest = text::trimmed(said);
        if (rest.empty()) return;
        const std::string source = IncludeBudget::place(path, number);
        if (rest.starts_with('[')) {
            const std::size_t close = rest.find(']');
            if (close == std::string_view::npos)
                throw host_error(Reason::malformed_source, source + ": expected ] behind the name of a section");
            section_ = text::trimmed(rest.substr(1, close - 1));
            return;
        }
        if (rest.starts_with(".include") || rest.starts_with(".pragma")) {
            std::string_view value = text::trimmed(rest.substr(8 - (rest.starts_with(".pragma") ? 1 : 0)));
            if (value.starts_with('=')) value = text::trimmed(value.substr(1));
            if (rest.starts_with(".include")) include(expanded(value), source, depth);
            return;
        }
        const auto pair = text::split_at(rest, '=');
        if (!pair) throw host_error(Reason::malformed_source, source + ": expected a name, = and a value");
        std::string section = section_;
        std::string_view name = pair->first;
        if (const std::size_t colons = name.find("::"); colons != std::string_view::npos) {
            section = name.substr(0, colons);
            name.remove_prefix(colons + 2);
        }
        config_[section].insert_or_assign(std::string{name}, OpensslSetting{expanded(pair->second), source});
    }

    void include(const std::string& path, const std::string& source, int depth) {
        if (!path.starts_with('/'))
            throw host_error(Reason::malformed_source, source + ": expected an absolute path to include");
        const auto status = files_.status(path);
        if (!status || status->kind != FileKind::directory) return read(path, depth + 1);
        for (const std::string& name : files_.list(path).value_or(std::vector<std::string>{}))
            if (name.ends_with(".cnf") || name.ends_with(".conf")) read(path + "/" + name, depth + 1);
    }

    static std::string without_comment(std::string_view line) {
        std::string result;
        char quote = '\0';
        for (std::size_t at = 0; at < line.size(); ++at) {
            const char c = line[at];
            if (quote == '\0' && c == '#') break;
            if (quote != '\0' ? c == quote : c == '"' || c == '\'' || c == '`') {
                quote = quote != '\0' ? '\0' : c;
                continue;
            }
            if (c == '\\' && at + 1 < line.size()) ++at;
            result += line[at];
        }
        return result;
    }

    // $name, ${name}, $(name), $section::name; what is not known (ENV too) is empty
    [[nodiscard]] std::string expanded(std::string_view text) const {
        constexpr std::size_t most_bytes = std::size_t{64} << 10;
        std::string result;
        for (std::size_t at = 0; at < text.size();) {
            if (result.size() > most_bytes) break;
            if (text[at] != '$') {
                result += text[at++];
                continue;
            }
            std::size_t begin = at + 1;
            const char close = begin < text.size() && text[begin] == '{'   ? '}'
                               : begin < text.size() && text[begin] == '(' ? ')'
                                                                           : '\0';
            if (close != '\0') ++begin;
            std::size_t end = begin;
            while (end < text.size() &&
                   (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_' ||
                    text.substr(end, 2) == "::" || (end > begin && text.substr(end - 1, 2) == "::")))
                ++end;
            const std::string_view name = text.substr(begin, end - begin);
            at = close != '\0' && end < text.size() && text[end] == close ? end + 1 : end;
            const std::size_t colons = name.find("::");
            result += colons == std::string_view::npos ? value(section_, name)
                                                       : value(name.substr(0, colons), name.substr(colons + 2));
        }
        return result;
    }

    [[nodiscard]] std::string value(std::string_view section, std::string_view name) const {
        for (const std::string_view each : {section, std::string_view{"default"}})
            if (const auto found = config_.find(each); found != config_.end())
                if (const auto setting = found->second.find(name); setting != found->second.end())
                    return setting->second.value;
        return {};
    }

    Files& files_;
    OpensslConfig& config_;
    std::string section_ = "default";
    IncludeBudget budget_;
};

}  // namespace

OpensslConfig read_openssl_config(Files& files, std::string_view path) {
    OpensslConfig config;
    Reader{files, config}.read(std::string{path}, 0);
    return config;
}

std::map<std::string, OpensslSetting, std::less<>> openssl_system_default(const OpensslConfig& config) {
    std::string section = "default";
    for (const char* name : {"openssl_conf", "ssl_conf", "system_default"}) {
        const auto found = config.find(section);
        if (found == config.end()) return {};
        const auto setting = found->second.find(name);
        if (setting == found->second.end()) return {};
        section = setting->second.value;
    }
    const auto found = config.find(section);
    return found == config.end() ? std::map<std::string, OpensslSetting, std::less<>>{} : found->second;
}

}  // namespace annexa::collectors
