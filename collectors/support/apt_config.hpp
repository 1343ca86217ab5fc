// APT's configuration as apt.conf(5) describes it and ReadConfigFile() of libapt-pkg reads it: nested scopes, lists
// (`Name::` appends), quoted values, three kinds of comment, #clear and #include. Names compare without regard to case.
//
// Reading is all that this does: what a file says of programs (Pre-Invoke, Dir::Bin) is data here like anything else.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annexa::collectors {

class Files;

class AptConfig {
  public:
    struct Setting {
        std::string name;    // the full name, without a trailing :: for members of a list
        std::string value;
        std::string source;  // /etc/apt/apt.conf.d/20auto-upgrades:1; empty for what was set by code
    };

    /// Texts of an #include, by path (a folder where it ends in /): pairs of path and text.
    using Include = std::function<std::vector<std::pair<std::string, std::string>>(std::string_view path)>;

    /// Applies one file. Throws format-worthy trouble as apt does: std::runtime_error-derived host_error(malformed_source)
    /// with "PATH:LINE: what". What stands before the fault has been applied.
    void apply(std::string_view path, std::string_view text, const Include& include = {});

    void set(std::string_view name, std::string_view value, std::string_view source = {});
    void clear(std::string_view name);

    [[nodiscard]] std::optional<Setting> find(std::string_view name) const;
    [[nodiscard]] std::string value(std::string_view name, std::string_view otherwise = {}) const;
    [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t otherwise) const;
    [[nodiscard]] bool boolean(std::string_view name, bool otherwise) const;

    /// The values of the children of a name: the members of a list.
    [[nodiscard]] std::vector<Setting> list(std::string_view name) const;

    /// A path as FindFile() makes it: a relative value is below the values of the scopes that hold it, up to an absolute one.
    /// `Dir::Etc::sourcelist` is /etc/apt/sources.list unless something says otherwise.
    [[nodiscard]] std::string path(std::string_view name) const;

    /// Whether there is any value at or below a name.
    [[nodiscard]] bool has(std::string_view name) const;

  private:
    struct Node {
        std::string tag, value, source;
        std::list<Node> children;
    };
    Node* lookup(std::string_view name, bool create);
    [[nodiscard]] const Node* lookup(std::string_view name) const;
    void apply(std::string_view path, std::string_view text, const Include& include, int depth);

    Node root_;
    std::size_t nodes_ = 0;
};

/// "yes", "true", "with", "on", "enable" and numbers other than 0, and their opposites; nothing for any other word.
std::optional<bool> apt_boolean(std::string_view text);

/// The places that apt has compiled in, as settings.
AptConfig apt_default_paths();

/// The host's configuration over the default places, in apt's order: the parts in Dir::Etc::parts (names without an extension or with .conf, of
/// letters, digits, - _ . alone, sorted), then Dir::Etc::main. Throws host_error for what apt too refuses to read.
AptConfig read_apt_config(Files& files);

/// The files that apt reads in a folder of parts with this extension (and, where it says so, none at all), sorted.
std::vector<std::string> apt_part_names(const std::vector<std::string>& names, std::string_view extension,
                                        bool without_extension);

}  // namespace annexa::collectors
