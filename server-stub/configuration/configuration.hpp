// The server's configuration, /etc/annexa/server.yaml. Every key has a default; one that is not known is an error that
// names file, line and column and what was expected. One list of keys is what is read and what is documented.
#pragma once

#include "server-stub/http/listener.hpp"
#include "server-stub/journal.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace annexa::store {

struct Configuration {
    std::filesystem::path data = "/var/lib/annexa-server";
    std::optional<std::string> organization;  // else what init was told
    ListenAddress agents{.address = "::", .port = 8443};
    ListenAddress people{.address = "::", .port = 8444};
    std::optional<std::string> agents_url;  // what tokens say; else https://NAME:PORT with the first name given to init
    std::optional<std::string> people_url;
    struct TlsFiles {
        std::filesystem::path certificate;  // PEM, the chain
        std::filesystem::path key;
    };
    std::optional<TlsFiles> people_tls;  // else a certificate of the store's own authority
    Severity log_level = Severity::info;
};

constexpr std::string_view default_configuration_file = "/etc/annexa/server.yaml";

/// A key of the configuration as documentation shows it.
struct ConfigurationKey {
    std::string_view key;  // "listen.agents"
    std::string_view expected;
    std::string_view standard;  // the default, in words
    std::string_view description;
};
std::span<const ConfigurationKey> configuration_keys();

/// Throws evidence::error "FILE:LINE:COLUMN: …".
Configuration parse_configuration(std::string_view text, const std::string& file);

/// Reads and parses. Throws evidence::error also where the file cannot be read.
Configuration load_configuration(const std::filesystem::path& file);

}  // namespace annexa::store
