#include "agent/configuration.hpp"

#include "policies/waiver.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>
#include <system_error>

namespace annexa::agent {
namespace {

/// One file while it is read: where it is, what it changes, and how to complain about a place in it.
struct Reader {
    Configuration& into;
    const std::string& file;
    const KnownNames& known;

    [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& problem) const {
        throw configuration_error(file, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1, problem);
    }
    [[noreturn]] void refuse(const YAML::Node& node, const std::string& problem) const { refuse(node.Mark(), problem); }

    [[nodiscard]] std::string text(const YAML::Node& node, const std::string& what) const {
        if (!node.IsScalar() || node.Scalar().empty()) refuse(node, "expected " + what);
        return node.Scalar();
    }
    [[nodiscard]] std::chrono::seconds duration(const YAML::Node& node, std::chrono::seconds least) const {
        const auto value = node.IsScalar() ? parse_duration(node.Scalar()) : std::nullopt;
        if (!value) refuse(node, "expected a duration such as 90s, 15m, 1h or 7d");
        if (*value < least || *value > std::chrono::hours{24 * 366})
            refuse(node, "expected a duration between " + std::to_string(least.count()) + "s and 366d");
        return *value;
    }
    [[nodiscard]] std::int64_t size(const YAML::Node& node, std::int64_t least) const {
        const auto value = node.IsScalar() ? parse_size(node.Scalar()) : std::nullopt;
        if (!value) refuse(node, "expected a size such as 512KiB, 256MiB or 1GiB");
        if (*value < least) refuse(node, "expected at least " + std::to_string(least) + " bytes");
        return *value;
    }
    [[nodiscard]] std::filesystem::path path(const YAML::Node& node) const {
        std::filesystem::path value = text(node, "an absolute path");
        if (!value.is_absolute()) refuse(node, "expected an absolute path");
        return value;
    }
    [[nodiscard]] std::string name(const YAML::Node& node, const std::set<std::string>& names,
                                   const std::string& kind) const {
        std::string value = text(node, "the name of a " + kind);
        if (!names.empty() && !names.contains(value))
            refuse(node, "expected the name of a " + kind + ", found \"" + value + "\"");
        return value;
    }

    using Member = std::function<void(const YAML::Node& value, const YAML::Node& key)>;

    /// Each member of a mapping by its handler. The handler "*" takes every name.
    void mapping(const YAML::Node& node, const std::string& what, const std::map<std::string, Member>& members) const {
        if (node.IsNull()) return;
        if (!node.IsMap()) refuse(node, "expected " + what + ", a mapping");
        std::set<std::string> seen;
        for (const auto& member : node) {
            const std::string key = text(member.first, "a key");
            if (!seen.insert(key).second) refuse(member.first, "the key \"" + key + "\" stands here twice");
            auto found = members.find(key);
            if (found == members.end()) found = members.find("*");
            if (found == members.end())
                refuse(member.first, "unknown key \"" + key + "\"; expected " + list_of(members));
            found->second(member.second, member.first);
        }
    }

    static std::string list_of(const std::map<std::string, Member>& members) {
        std::string out;
        for (const auto& [name, unused] : members) out += (out.empty() ? "" : ", ") + name;
        return members.size() == 1 ? out : "one of " + out;
    }

    void sequence(const YAML::Node& node, const std::string& what,
                  const std::function<void(const YAML::Node&)>& each) const {
        if (node.IsNull()) return;
        if (!node.IsSequence()) refuse(node, "expected " + what + ", a list");
        for (const auto& item : node) each(item);
    }

    void cadence(const YAML::Node& node, Cadence& onto) const {
        mapping(
            node, "every and splay",
            {{"every", [&](const auto& value, const auto&) { onto.every = duration(value, std::chrono::seconds{1}); }},
             {"splay",
              [&](const auto& value, const auto&) { onto.splay = duration(value, std::chrono::seconds{0}); }}});
    }

    void waiver(const YAML::Node& node) const {
        ConfiguredWaiver waiver;
        bool dated = false;
        mapping(node, "a waiver",
                {{"check", [&](const auto& value, const auto&) { waiver.check = name(value, known.checks, "check"); }},
                 {"reason",
                  [&](const auto& value, const auto&) { waiver.reason = text(value, "why the finding is accepted"); }},
                 {"key", [&](const auto& value, const auto&) { waiver.key = text(value, "the key of the finding"); }},
                 {"until", [&](const auto& value, const auto&) {
                      try {
                          waiver.until = policies::parse_until(text(value, "a day"));
                      } catch (const evidence::format_error&) {
                          refuse(value, "expected a day such as 2027-03-31");
                      }
                      dated = true;
                  }}});
        if (waiver.check.empty() || waiver.reason.empty() || !dated)
            refuse(node, "a waiver needs check, reason and until");
        into.waivers.push_back(std::move(waiver));
    }

    void level(const YAML::Node& node) const {
        const std::string value = text(node, "a level");
        constexpr std::string_view names[] = {"error", "warning", "info", "debug"};
        const auto found = std::find(std::begin(names), std::end(names), value);
        if (found == std::end(names)) refuse(node, "expected error, warning, info or debug");
        into.log_level = static_cast<LogLevel>(found - std::begin(names));
    }

    void schedule(const YAML::Node& node) const {
        mapping(node, "default and collectors",
                {{"default", [&](const auto& value, const auto&) { cadence(value, into.schedule); }},
                 {"collectors", [&](const auto& value, const auto&) {
                      mapping(value, "collectors",
                              {{"*", [&](const auto& of_one, const auto& key) {
                                    cadence(of_one, into.collector_schedule[name(key, known.collectors, "collector")]);
                                }}});
                  }}});
    }

    void all(const YAML::Node& root) const {
        mapping(
            root, "the agent's configuration",
            {
                {"host",
                 [&](const auto& node, const auto&) {
                     mapping(node, "tags", {{"tags", [&](const auto& tags, const auto&) {
                                                 mapping(tags, "tags", {{"*", [&](const auto& value, const auto& key) {
                                                                             into.tags[key.Scalar()] =
                                                                                 text(value, "a text");
                                                                         }}});
                                             }}});
                 }},
                {"schedule", [&](const auto& node, const auto&) { schedule(node); }},
                {"spool",
                 [&](const auto& node, const auto&) {
                     mapping(node, "max_bytes", {{"max_bytes", [&](const auto& value, const auto&) {
                                                      into.spool_bytes = size(value, std::int64_t{1} << 20);
                                                  }}});
                 }},
                {"limits",
                 [&](const auto& node, const auto&) {
                     mapping(
                         node, "timeout and memory",
                         {{"timeout", [&](const auto& value,
                                          const auto&) { into.timeout = duration(value, std::chrono::seconds{1}); }},
                          {"memory", [&](const auto& value, const auto&) {
                               into.memory_bytes = size(value, std::int64_t{16} << 20);
                           }}});
                 }},
                {"collectors",
                 [&](const auto& node, const auto&) {
                     mapping(node, "disable", {{"disable", [&](const auto& names, const auto&) {
                                                    sequence(names, "names of collectors", [&](const YAML::Node& item) {
                                                        into.disabled.insert(name(item, known.collectors, "collector"));
                                                    });
                                                }}});
                 }},
                {"waivers",
                 [&](const auto& node, const auto&) {
                     sequence(node, "waivers", [&](const YAML::Node& item) { waiver(item); });
                 }},
                {"state", [&](const auto& node, const auto&) { into.state = path(node); }},
                {"socket", [&](const auto& node, const auto&) { into.socket = path(node); }},
                {"collector_socket", [&](const auto& node, const auto&) { into.collector_socket = path(node); }},
                {"log",
                 [&](const auto& node, const auto&) {
                     mapping(node, "level", {{"level", [&](const auto& value, const auto&) { level(value); }}});
                 }},
            });
    }
};

std::optional<std::string> read_file(const std::filesystem::path& path) {
    errno = 0;
    std::ifstream in{path, std::ios::binary};
    if (!in) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        throw evidence::error("cannot read the configuration " + path.string() + ": " + std::strerror(errno));
    }
    if (!std::filesystem::is_regular_file(path))
        throw evidence::error("cannot read the configuration " + path.string() + ": it is no file");
    std::ostringstream text;
    text << in.rdbuf();
    if (in.bad()) throw evidence::error("cannot read the configuration " + path.string());
    return std::move(text).str();
}

template <typename Units>
std::optional<std::int64_t> number_with_unit(std::string_view text, const Units& units) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || text.front() == '-') return std::nullopt;
    const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
    for (const auto& [name, factor] : units) {
        if (unit != name) continue;
        if (number > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
        return number * factor;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    constexpr std::pair<std::string_view, std::int64_t> units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    const auto value = text.empty() ? std::nullopt : number_with_unit(text, units);
    return value ? std::optional{std::chrono::seconds{*value}} : std::nullopt;
}

std::optional<std::int64_t> parse_size(std::string_view text) {
    constexpr std::pair<std::string_view, std::int64_t> units[] = {
        {"", 1}, {"KiB", std::int64_t{1} << 10}, {"MiB", std::int64_t{1} << 20}, {"GiB", std::int64_t{1} << 30}};
    return text.empty() ? std::nullopt : number_with_unit(text, units);
}

void apply_configuration(Configuration& onto, const std::string& name, const std::string& text,
                         const KnownNames& known) {
    const Reader reader{onto, name, known};
    YAML::Node root{YAML::NodeType::Null};
    try {
        const std::vector<YAML::Node> documents = YAML::LoadAll(text);
        if (documents.size() > 1) reader.refuse(documents[1], "expected one YAML document");
        if (!documents.empty()) root = documents[0];
    } catch (const YAML::ParserException& problem) {
        reader.refuse(problem.mark, "expected YAML: " + problem.msg);
    }
    if (root.IsNull()) return;
    reader.all(root);
}

Configuration load_configuration(const std::optional<std::filesystem::path>& file, const KnownNames& known) {
    const std::filesystem::path main = file.value_or(std::filesystem::path{default_configuration_file});
    Configuration configuration;
    if (const auto text = read_file(main))
        apply_configuration(configuration, main.string(), *text, known);
    else if (file)
        throw evidence::error("no configuration file " + main.string());

    std::filesystem::path folder = main;
    folder.replace_extension(".d");
    std::vector<std::filesystem::path> drop_ins;
    std::error_code problem;
    for (std::filesystem::directory_iterator at{folder, problem}, end; !problem && at != end; at.increment(problem))
        if (at->path().extension() == ".yaml") drop_ins.push_back(at->path());
    if (problem && problem != std::errc::no_such_file_or_directory && problem != std::errc::not_a_directory)
        throw evidence::error("cannot read the folder " + folder.string() + ": " + problem.message());
    std::sort(drop_ins.begin(), drop_ins.end());
    for (const auto& path : drop_ins)
        if (const auto text = read_file(path)) apply_configuration(configuration, path.string(), *text, known);
    return configuration;
}

}  // namespace annexa::agent
