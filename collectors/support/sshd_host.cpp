#include "collectors/support/sshd_host.hpp"

#include "collectors/support/glob.hpp"

namespace annexa::collectors::sshd {

// The release that decides grammar and defaults: the package's where dpkg knows it, else what the program says of
// itself.
Release installed_release(Host& host) {
    if (const auto status = host.files.read("/var/lib/dpkg/status", std::size_t{64} << 20)) {
        const std::string& text = status->text;
        constexpr std::string_view head = "Package: openssh-server\n";
        auto at = text.compare(0, head.size(), head) == 0 ? 0 : text.find("\n" + std::string{head});
        if (at != std::string::npos) {
            const std::string stanza = text.substr(at, text.find("\n\n", at + 1) - at);
            const auto version = stanza.find("\nVersion: ");
            if (stanza.find("\nStatus: install ok installed") != std::string::npos && version != std::string::npos)
                if (const auto release = parse_release(std::string_view{stanza}.substr(version + 10, 40)))
                    return *release;
        }
    }
    if (const auto bytes = host.files.read_head(program, std::size_t{8} << 20))
        for (auto at = bytes->find("OpenSSH_"); at != std::string::npos; at = bytes->find("OpenSSH_", at + 1))
            if (const auto release = parse_release(std::string_view{*bytes}.substr(at, 40))) return *release;
    throw host_error(
        Reason::unsupported_format,
        std::string{program} + ": which release of OpenSSH this is cannot be told, so neither can its defaults");
}

Config configuration_of(Host& host, const CommandLine& line, Release release) {
    const Reader reader{.file = [&](std::string_view path) { return host.files.read(path); },
                        .glob = [&](std::string_view pattern) { return glob(host.files, pattern); }};
    const auto nothing = [](std::string_view) { return File{}; };
    if (line.configuration == "none")
        return *read_config({.file = nothing, .glob = reader.glob}, "none", release, line.options);
    auto config = read_config(reader, line.configuration, release, line.options);
    if (!config && line.configuration == default_configuration)
        config = read_config(reader, "/usr/etc/ssh/sshd_config", release, line.options);  // SUSE
    if (!config) throw host_error(Reason::unreadable_source, line.configuration + ": No such file or directory");
    return *std::move(config);
}

void demand_installed(Host& host) {
    const auto installed = host.files.status(program);
    if (installed && installed->kind == FileKind::regular) return;
    refuse_other_programs(host);
    throw not_applicable(Reason::not_installed, "sshd is not installed");
}

std::vector<Circumstance> circumstances(Host& host) {
    const Release release = installed_release(host);
    std::vector<Circumstance> all;
    for (const CommandLine& line : command_lines(host)) {
        const Config config = configuration_of(host, line, release);
        const std::string way = all.empty() ? std::string{} : line.started_by;
        all.push_back({way, effective(config, release)});
        for (std::size_t block = 1; block < config.blocks.size(); ++block)
            all.push_back({(way.empty() ? way : way + ": ") + config.blocks[block].criteria,
                           effective(config, release, {block})});
    }
    return all;
}

}  // namespace annexa::collectors::sshd
