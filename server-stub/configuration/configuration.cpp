#include "server-stub/configuration/configuration.hpp"

#include "evidence/errors.hpp"
#include "policies/yaml.hpp"
#include "server-stub/files.hpp"

#include <array>

namespace annexa::store {
namespace {

using policies::YamlNode;

struct Place {
    const std::string& file;
    const YamlNode& node;
    std::string_view expected;

    [[noreturn]] void refuse() const { refuse("expected " + std::string{expected} + ", found " + found()); }
    [[noreturn]] void refuse(const std::string& what) const {
        throw evidence::error(file + ":" + std::to_string(node.place.line) + ":" + std::to_string(node.place.column) + ": " + what);
    }
    [[nodiscard]] std::string found() const { return node.is_scalar() && !node.text.empty() ? "'" + node.text + "'" : std::string{node.kind_name()}; }
    [[nodiscard]] std::string text() const {
        if (node.kind != YamlNode::Kind::text || node.text.empty()) refuse();
        return node.text;
    }
    [[nodiscard]] std::filesystem::path path() const {
        std::filesystem::path value = text();
        if (!value.is_absolute()) refuse();
        return value;
    }
};

void set_data(Configuration& c, const Place& at) { c.data = at.path(); }
void set_organization(Configuration& c, const Place& at) { c.organization = at.text(); }

void set_address(ListenAddress& address, const Place& at) {
    try {
        address = parse_listen_address(at.text());
    } catch (const evidence::error&) {
        at.refuse();
    }
}
void set_agents(Configuration& c, const Place& at) { set_address(c.agents, at); }
void set_people(Configuration& c, const Place& at) { set_address(c.people, at); }

std::string url(const Place& at) {
    std::string value = at.text();
    constexpr std::string_view scheme = "https://";
    const bool has_host = value.size() > scheme.size() && value.starts_with(scheme) && value[scheme.size()] != ':';
    if (!has_host || value.find_first_of("/?#@ ", scheme.size()) != std::string::npos) at.refuse();
    return value;
}
void set_agents_url(Configuration& c, const Place& at) { c.agents_url = url(at); }
void set_people_url(Configuration& c, const Place& at) { c.people_url = url(at); }

Configuration::TlsFiles& people_tls(Configuration& c) { return c.people_tls ? *c.people_tls : c.people_tls.emplace(); }
void set_certificate(Configuration& c, const Place& at) { people_tls(c).certificate = at.path(); }
void set_key(Configuration& c, const Place& at) { people_tls(c).key = at.path(); }

void set_log_level(Configuration& c, const Place& at) {
    const auto level = parse_severity(at.text());
    if (!level) at.refuse();
    c.log_level = *level;
}

struct Key {
    ConfigurationKey shown;
    void (*set)(Configuration&, const Place&);
};

constexpr std::array keys{
    Key{{"data", "an absolute path", "/var/lib/annexa-server", "The store's folder, made by annexa-server init."}, set_data},
    Key{{"organization", "a name", "what init was told", "The organization, as status and reports show it."}, set_organization},
    Key{{"listen.agents", "ADDRESS:PORT", "every address, port 8443", "Where agents connect. Port 0 takes a free one."}, set_agents},
    Key{{"listen.people", "ADDRESS:PORT", "every address, port 8444", "Where people and annexa connect. Port 0 takes a free one."}, set_people},
    Key{{"agents_url", "https://HOST:PORT without a path", "https:// with the first name given to init and the port",
         "How agents reach the server; stands in their tokens."},
        set_agents_url},
    Key{{"people_url", "https://HOST:PORT without a path", "https:// with the first name given to init and the port",
         "How people reach the server; stands in their tokens."},
        set_people_url},
    Key{{"tls.people.certificate", "an absolute path", "one of the store's own authority",
         "PEM file with the certificate and its chain that people's listener shows. Needs tls.people.key."},
        set_certificate},
    Key{{"tls.people.key", "an absolute path", "one of the store's own authority", "PEM file with the key of that certificate."}, set_key},
    Key{{"log.level", "error, warning, info or debug", "info", "The least severity that is written to standard error."}, set_log_level},
};

std::string names_below(std::string_view prefix) {
    std::string names;
    std::string_view last;
    for (const Key& key : keys) {
        if (!key.shown.key.starts_with(prefix)) continue;
        std::string_view name = key.shown.key.substr(prefix.size());
        name = name.substr(0, name.find('.'));
        if (name == last) continue;
        last = name;
        names += (names.empty() ? "" : ", ") + std::string{name};
    }
    return names;
}

void read(Configuration& into, const std::string& file, const YamlNode& node, const std::string& prefix) {
    if (node.kind == YamlNode::Kind::null) return;
    if (node.kind != YamlNode::Kind::mapping)
        Place{file, node, ""}.refuse("expected a mapping with " + names_below(prefix) + ", found " + std::string{node.kind_name()});
    for (const policies::YamlMember& member : node.members) {
        const std::string name = prefix + member.key;
        const Key* exact = nullptr;
        bool inner = false;
        for (const Key& key : keys) {
            if (key.shown.key == name) exact = &key;
            inner = inner || key.shown.key.starts_with(name + ".");
        }
        if (exact != nullptr) {
            exact->set(into, Place{file, member.value, exact->shown.expected});
        } else if (inner) {
            read(into, file, member.value, name + ".");
        } else {
            throw evidence::error(file + ":" + std::to_string(member.place.line) + ":" + std::to_string(member.place.column) +
                                  ": unknown key '" + name + "'; expected one of " + names_below(prefix));
        }
    }
}

}  // namespace

std::span<const ConfigurationKey> configuration_keys() {
    static constexpr auto shown = [] {
        std::array<ConfigurationKey, keys.size()> list{};
        for (std::size_t i = 0; i < keys.size(); ++i) list[i] = keys[i].shown;
        return list;
    }();
    return shown;
}

Configuration parse_configuration(std::string_view text, const std::string& file) {
    Configuration configuration;
    try {
        const YamlNode root = policies::parse_yaml(text);
        read(configuration, file, root, "");
        if (configuration.people_tls && (configuration.people_tls->certificate.empty() || configuration.people_tls->key.empty()))
            Place{file, *root.find("tls"), ""}.refuse("expected both tls.people.certificate and tls.people.key");
    } catch (const policies::yaml_error& error) {
        throw evidence::error(file + ":" + error.what());
    }
    return configuration;
}

Configuration load_configuration(const std::filesystem::path& file) { return parse_configuration(read_file(file, std::size_t{1} << 20), file.string()); }

}  // namespace annexa::store
