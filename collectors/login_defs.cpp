// Settings of login.defs: what useradd, passwd and login apply to accounts and passwords made from now on.
// They say nothing of the accounts that exist; for those see shadow.cpp.
//
// Grammar: login.defs(5) and def_load() of shadow-utils. The last line that names a setting wins; a name without
// a value is no line; a missing file means built-in defaults, hence an empty table and no error.
#include "collectors/collector.hpp"
#include "collectors/support/text.hpp"

#include <map>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"name", Type::text, "Setting, as written: PASS_MAX_DAYS"},
    {"value", Type::text, "Its value without surrounding quotes"},
    {"source", Type::text, "File and line that decided it: /etc/login.defs:165"},
};
constexpr TableDefinition tables[] = {
    {"login_defs", "Effective settings of login.defs, one row a setting", columns},
};

struct Setting {
    std::string value;
    std::string source;
};

std::vector<Table> collect(Host& host) {
    std::map<std::string, Setting, std::less<>> settings;
    for (const File& file : host.files.read_layers("login.defs")) {
        for (const text::Line& line : text::lines(file.text, text::whole_line_comments)) {
            const auto [name, value] = text::split_at_blank(line.text);
            if (value.empty()) continue;
            settings.insert_or_assign(std::string{name}, Setting{std::string{text::unquoted(value)},
                                                                 file.path + ":" + std::to_string(line.number)});
        }
    }
    Table table = make_table(tables[0]);
    for (const auto& [name, setting] : settings) table.rows.push_back({name, setting.value, setting.source});
    return {table};
}

}  // namespace

extern constexpr Collector login_defs{.name = "login_defs",
                                      .tables = tables,
                                      .sources = "/etc/login.defs; on SUSE also /usr/etc/login.defs and login.defs.d",
                                      .collect = collect};

}  // namespace annexa::collectors
