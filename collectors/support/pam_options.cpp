#include "collectors/support/pam_options.hpp"

#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors::pam {

void add_file(Options& options, const File& file) {
    for (const auto& line : text::lines(file.text, text::whole_line_comments)) {
        const std::string_view setting = text::trimmed(line.text.substr(0, line.text.find('#')));
        if (setting.empty()) continue;
        const std::string source = file.path + ":" + std::to_string(line.number);
        const auto end = std::min(setting.find_first_of("= \t"), setting.size());
        std::string_view value = text::trimmed(setting.substr(end));
        if (!value.empty() && value[0] == '=') value = text::trimmed(value.substr(1));
        options.insert_or_assign(std::string{setting.substr(0, end)}, Option{std::string{value}, source});
    }
}

void add_arguments(Options& options, const Rule& rule) {
    for (const auto& word : rule.arguments) {
        const auto equals = word.find('=');
        options.insert_or_assign(word.substr(0, equals),
                                 Option{equals == std::string::npos ? "" : word.substr(equals + 1), rule.source});
    }
}

std::optional<std::int64_t> number(const Options& options, std::string_view name) {
    const auto found = options.find(name);
    if (found == options.end()) return std::nullopt;
    const auto value = text::integer(found->second.value);
    if (!value)
        throw host_error(evidence::Reason::malformed_source,
                         found->second.source + ": expected a number as " + std::string{name});
    return value;
}

bool flag(const Options& options, std::string_view name) { return options.contains(name); }

Options pwquality_options(Files& files, const Rule& rule) {
    Options options;
    std::string path = "/etc/security/pwquality.conf";
    if (const auto names = files.list(path + ".d"))
        for (const auto& name : *names)
            if (name.size() > 5 && name.compare(name.size() - 5, 5, ".conf") == 0)
                if (const auto file = files.read(path + ".d/" + name)) add_file(options, *file);
    auto file = files.read(path);
    if (!file) file = files.read("/usr" + path);  // the vendor's, where there is no other
    if (file) add_file(options, *file);
    add_arguments(options, rule);
    return options;
}

namespace {

// pam_passwdqc: min=N0,N1,N2,N3,N4 for one class, two, a passphrase, three and four classes.
std::optional<std::int64_t> shortest_of_passwdqc(const Rule& rule, const Options& options) {
    const auto min = options.find("min");
    const std::string lengths = min == options.end() ? "disabled,24,11,8,7" : min->second.value;
    std::optional<std::int64_t> shortest;
    std::int64_t before = -1;  // a length larger than the one before it counts as that one
    for (const std::string_view part : text::split(lengths, ',')) {
        if (part == "disabled") continue;
        auto length = text::integer(part);
        if (!length) throw host_error(evidence::Reason::malformed_source, rule.source + ": expected lengths as min");
        if (before >= 0) length = std::min(*length, before);
        before = *length;
        shortest = shortest ? std::min(*shortest, *length) : *length;
    }
    return shortest;
}

}  // namespace

std::optional<std::int64_t> shortest_password(const Rule& rule, const Options& options) {
    if (rule.module == "pam_passwdqc.so") return shortest_of_passwdqc(rule, options);
    const bool cracklib = rule.module == "pam_cracklib.so";
    // A positive credit lets that many characters of its class count twice; pam_cracklib gives one each unless told.
    std::int64_t length = number(options, "minlen").value_or(cracklib ? 9 : 8);
    for (const std::string_view credit : {"dcredit", "ucredit", "lcredit", "ocredit"})
        length -= std::max<std::int64_t>(0, number(options, credit).value_or(cracklib ? 1 : 0));
    return std::max<std::int64_t>(length, 6);
}

}  // namespace annexa::collectors::pam
