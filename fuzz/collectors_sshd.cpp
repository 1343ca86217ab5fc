// sshd_config, first a byte that picks the release: read or refused with file and line, and each block has its
// settings.
#include "collectors/support/sshd_config.hpp"
#include "fuzz/fuzz.hpp"

using namespace annexa::collectors;
using annexa::fuzz::promise;
using annexa::fuzz::text_of;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    constexpr sshd::Release releases[] = {{8, 0}, {8, 4}, {8, 7}, {9, 2}, {10, 0}, {11, 1}};
    const sshd::Release release = releases[data[0] % std::size(releases)];
    const std::string text{text_of(data + 1, size - 1)};
    const sshd::Reader reader{
        .file = [&](std::string_view path) -> std::optional<File> {
            if (path == "/etc/ssh/sshd_config") return File{std::string{path}, text};
            return File{std::string{path}, "Match User included\nPermitRootLogin yes\n"};
        },
        .glob = [](std::string_view pattern) { return std::vector<std::string>{std::string{pattern}}; }};
    try {
        const auto config = sshd::read_config(reader, "/etc/ssh/sshd_config", release);
        promise(config.has_value());
        for (std::size_t block = 0; block < config->blocks.size() && block < 20; ++block) {
            bool root = false;
            for (const auto& row :
                 sshd::effective(*config, release, block == 0 ? std::vector<std::size_t>{} : std::vector{block}))
                root = root || (row.name == "permitrootlogin" && !row.value.empty());
            promise(root);
        }
    } catch (const host_error& refusal) {
        promise(refusal.reason() == annexa::evidence::Reason::malformed_source);
        promise(std::string_view{refusal.what()}.starts_with("/etc/ssh/"));
    }
    sshd::parse_dump(text);
    sshd::parse_release(text);
    return 0;
}
