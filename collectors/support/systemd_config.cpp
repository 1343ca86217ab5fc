#include "collectors/support/systemd_config.hpp"

#include "collectors/host.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace annexa::collectors {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::string lower(std::string_view text) {
    std::string result{text};
    for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

// A number and the word behind it; false where there is no number.
bool number_and_unit(std::string_view& rest, double& number, std::string& unit) {
    rest = trimmed(rest);
    std::size_t end = 0;
    while (end < rest.size() && (std::isdigit(static_cast<unsigned char>(rest[end])) != 0 || rest[end] == '.')) ++end;
    if (end == 0) return false;
    const std::string digits{rest.substr(0, end)};
    if (std::count(digits.begin(), digits.end(), '.') > 1 || digits == ".") return false;
    number = std::strtod(digits.c_str(), nullptr);
    rest = trimmed(rest.substr(end));
    std::size_t letters = 0;
    while (letters < rest.size() && std::isalpha(static_cast<unsigned char>(rest[letters])) != 0) ++letters;
    unit = rest.substr(0, letters);
    rest = trimmed(rest.substr(letters));
    return true;
}

}  // namespace

std::vector<SystemdSetting> parse_systemd_config(std::string_view path, std::string_view text) {
    std::vector<SystemdSetting> settings;
    std::string section;
    std::string joined;
    bool continues = false;
    int number = 0;
    int first_line = 0;
    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        std::string_view line = text.substr(0, newline);
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
        ++number;
        const std::string_view bare = trimmed(line);
        if (!bare.empty() && (bare.front() == '#' || bare.front() == ';')) continue;
        if (!continues) {
            joined.clear();
            first_line = number;
        }
        if (line.ends_with('\r')) line.remove_suffix(1);
        continues = line.ends_with('\\');
        if (continues) line.remove_suffix(1);
        joined += line;
        if (continues) joined += ' ';
        if (continues && !text.empty()) continue;
        continues = false;
        const std::string_view whole = trimmed(joined);
        if (whole.starts_with('[') && whole.ends_with(']')) {
            section = whole.substr(1, whole.size() - 2);
        } else if (const std::size_t equals = whole.find('='); equals != std::string_view::npos && equals != 0) {
            settings.push_back({section, std::string{trimmed(whole.substr(0, equals))},
                                std::string{trimmed(whole.substr(equals + 1))},
                                std::string{path} + ":" + std::to_string(first_line)});
        }
    }
    return settings;
}

std::vector<SystemdSetting> parse_systemd_config(const std::vector<File>& layers) {
    std::vector<SystemdSetting> all;
    for (const File& layer : layers)
        for (SystemdSetting& setting : parse_systemd_config(layer.path, layer.text)) all.push_back(std::move(setting));
    return all;
}

std::optional<SystemdSetting> last_setting(const std::vector<SystemdSetting>& settings, std::string_view section,
                                           std::string_view key) {
    for (auto each = settings.rbegin(); each != settings.rend(); ++each)
        if (each->section == section && each->key == key) {
            if (each->value.empty()) return std::nullopt;
            return *each;
        }
    return std::nullopt;
}

std::vector<SystemdSetting> list_setting(const std::vector<SystemdSetting>& settings, std::string_view section,
                                         std::string_view key) {
    std::vector<SystemdSetting> words;
    for (const SystemdSetting& setting : settings) {
        if (setting.section != section || setting.key != key) continue;
        if (setting.value.empty()) words.clear();
        std::string_view rest = setting.value;
        while (!(rest = trimmed(rest)).empty()) {
            const std::size_t end = rest.find_first_of(" \t");
            words.push_back({setting.section, setting.key, std::string{rest.substr(0, end)}, setting.source});
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
        }
    }
    return words;
}

std::optional<bool> systemd_boolean(std::string_view text) {
    const std::string word = lower(trimmed(text));
    if (word == "1" || word == "yes" || word == "y" || word == "true" || word == "t" || word == "on") return true;
    if (word == "0" || word == "no" || word == "n" || word == "false" || word == "f" || word == "off") return false;
    return std::nullopt;
}

std::optional<std::int64_t> systemd_size_bytes(std::string_view text) {
    constexpr std::string_view letters = "BKMGTPE";
    double total = 0;
    std::string_view rest = trimmed(text);
    if (rest.empty()) return std::nullopt;
    while (!rest.empty()) {
        double number = 0;
        std::string unit;
        if (!number_and_unit(rest, number, unit) || unit.size() > 1) return std::nullopt;
        const std::size_t power = unit.empty() ? 0 : letters.find(unit[0]);
        if (power == std::string_view::npos) return std::nullopt;
        total += number * std::pow(1024.0, static_cast<double>(power));
    }
    if (!(total < 9.2e18)) return std::nullopt;
    return static_cast<std::int64_t>(total);
}

std::optional<std::int64_t> systemd_seconds(std::string_view text) {
    struct Unit {
        std::string_view names;  // between blanks
        double seconds;
    };
    static constexpr std::array units{Unit{" usec us µs ", 1e-6},
                                      Unit{" msec ms ", 1e-3},
                                      Unit{"  seconds second sec s ", 1},
                                      Unit{" minutes minute min m ", 60},
                                      Unit{" hours hour hr h ", 3600},
                                      Unit{" days day d ", 86400},
                                      Unit{" weeks week w ", 604800},
                                      Unit{" months month M ", 2629800},
                                      Unit{" years year y ", 31557600}};
    double total = 0;
    std::string_view rest = trimmed(text);
    if (rest.empty()) return std::nullopt;
    while (!rest.empty()) {
        double number = 0;
        std::string unit;
        if (!number_and_unit(rest, number, unit)) return std::nullopt;
        const auto found = std::find_if(units.begin(), units.end(), [&](const Unit& each) {
            return each.names.find(" " + unit + " ") != std::string_view::npos;
        });
        if (found == units.end()) return std::nullopt;
        total += number * found->seconds;
    }
    if (!(total < 9.2e18)) return std::nullopt;
    return static_cast<std::int64_t>(total);
}

}  // namespace annexa::collectors
