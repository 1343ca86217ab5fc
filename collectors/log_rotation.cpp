// How long logrotate keeps logs: logrotate.conf(5) and what it includes.
//
// What stands before the first block is the default of the blocks behind it; a later word wins. Kept are `rotate` old
// files, each of one period, unless maxage ends them before. Where size alone decides when to rotate, or maxsize may, a
// time cannot be told.
#include "collectors/collector.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"path", Type::text, "Log, or the pattern of several, as written"},
    {"period", Type::text, "hourly, daily, weekly, monthly, yearly; size where size alone decides"},
    {"rotate", Type::integer, "Old files that are kept; -1 where all are"},
    {"days", Type::integer, "Days that the oldest line is kept at least; null where it cannot be told",
     Trait::nullable},
    {"source", Type::text, "File and line of the block"},
};
constexpr TableDefinition tables[] = {
    {"log_rotation", "Logs that logrotate rotates and how long it keeps them, one row a log or pattern", columns},
};

constexpr std::int64_t for_ever = 36500;
constexpr int most_files = 2000;

struct Settings {
    std::string period = "weekly";
    std::int64_t rotate = 0;
    std::int64_t max_age = 0;  // days; 0: none
    bool by_size = false, max_size = false;
};

std::int64_t days_of(const std::string& period) {
    return period == "hourly" ? 0 : period == "daily" ? 1 : period == "weekly" ? 7 : period == "monthly" ? 28 : 365;
}

void apply(Settings& settings, std::string_view line) {
    const auto [name, rest] = text::split_at_blank(line);
    const auto value = text::trimmed(rest.starts_with('=') ? rest.substr(1) : rest);
    if (name == "hourly" || name == "daily" || name == "weekly" || name == "monthly" || name == "yearly") {
        settings.period = name;
        settings.by_size = false;
    } else if (name == "size") {
        settings.by_size = true;
    } else if (name == "maxsize") {
        settings.max_size = true;
    } else if (name == "rotate") {
        settings.rotate = text::integer(value).value_or(settings.rotate);
    } else if (name == "maxage") {
        settings.max_age = text::integer(value).value_or(settings.max_age);
    }
}

std::vector<std::string> patterns(std::string_view line) {
    std::vector<std::string> result;
    std::string word;
    char quote = '\0';
    for (const char c : std::string{line} + " ") {
        if (quote != '\0') {
            if (c == quote)
                quote = '\0';
            else
                word += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (text::is_blank(c)) {
            if (!word.empty()) result.push_back(word);
            word.clear();
        } else {
            word += c;
        }
    }
    return result;
}

class Reader {
  public:
    explicit Reader(Host& host) : host_{host}, table_{make_table(tables[0])} {}

    void read(std::string_view path, int depth) {
        if (depth > 4 || ++read_ > most_files)
            throw host_error(Reason::malformed_source, std::string{path} + ": expected fewer nested includes");
        const auto file = host_.files.read(path);
        if (!file) return;
        Settings defaults = defaults_;
        std::vector<std::string> logs;
        std::string began;
        Settings block;
        bool in_block = false, in_script = false;
        for (const text::Line& line : text::lines(file->text, text::whole_line_comments)) {
            std::string_view rest = line.text;
            if (in_script) {
                in_script = rest != "endscript";
                continue;
            }
            const auto word = text::split_at_blank(rest).first;
            if (word == "postrotate" || word == "prerotate" || word == "firstaction" || word == "lastaction" ||
                word == "preremove") {
                in_script = true;
            } else if (in_block && rest.starts_with('}')) {
                add(logs, block, began);
                logs.clear();
                in_block = false;
            } else if (in_block) {
                apply(block, rest);
            } else if (rest.starts_with('/') || rest.starts_with('"') || rest.starts_with('\'') ||
                       rest.starts_with('{')) {
                if (logs.empty()) began = file->path + ":" + std::to_string(line.number);
                const bool opens = rest.ends_with('{');
                if (opens) rest.remove_suffix(1);
                for (std::string& log : patterns(rest)) logs.push_back(std::move(log));
                if (!opens) continue;
                in_block = true;
                block = defaults;
            } else if (word == "include") {
                defaults_ = defaults;
                include(text::split_at_blank(rest).second, depth);
            } else {
                apply(defaults, rest);
            }
        }
        if (in_block || in_script) throw host_error(Reason::malformed_source, file->path + ": a block without its end");
        if (depth == 0) defaults_ = defaults;
    }

    Table table() { return std::move(table_); }

  private:
    void include(std::string_view path, int depth) {
        const auto status = host_.files.status(path);
        if (!status) return;
        if (status->kind != FileKind::directory) return read(path, depth + 1);
        for (const std::string& name : host_.files.list(path).value_or(std::vector<std::string>{})) {
            // tabooext: what dpkg, rpm and editors leave
            const bool taboo = name.find(".dpkg-") != std::string::npos || name.find(".rpm") != std::string::npos ||
                               name.ends_with("~") || name.starts_with('.') || name.ends_with(".disabled") ||
                               name.ends_with(".bak") || name.ends_with(".swp") || name.ends_with(",v");
            if (!taboo) read(std::string{path} + "/" + name, depth + 1);
        }
    }

    void add(const std::vector<std::string>& logs, const Settings& settings, const std::string& source) {
        Value days;
        if (!settings.by_size && !settings.max_size) {
            std::int64_t kept =
                settings.rotate < 0
                    ? for_ever
                    : std::min(for_ever, std::min<std::int64_t>(settings.rotate, for_ever) * days_of(settings.period));
            if (settings.max_age > 0) kept = std::min(kept, settings.max_age);
            days = kept;
        }
        for (const std::string& log : logs)
            table_.rows.push_back(
                {log, settings.by_size ? std::string{"size"} : settings.period, settings.rotate, days, source});
    }

    Host& host_;
    Table table_;
    Settings defaults_;
    int read_ = 0;
};

std::vector<Table> collect(Host& host) {
    if (!host.files.status("/usr/sbin/logrotate") && !host.files.status("/usr/bin/logrotate"))
        throw not_applicable(Reason::not_installed, "logrotate is not installed");
    Reader reader{host};
    reader.read("/etc/logrotate.conf", 0);
    return {reader.table()};
}

}  // namespace

extern constexpr Collector log_rotation{.name = "log_rotation",
                                        .tables = tables,
                                        .needs = Capability::dac_read_search,
                                        .sources = "/etc/logrotate.conf and what it includes",
                                        .collect = collect};

}  // namespace annexa::collectors
