// A service's file that includes another, and every way through its stacks.
#include "collectors/support/pam_options.hpp"
#include "collectors/support/pam_walk.hpp"
#include "fuzz/fuzz.hpp"

using namespace annexa::collectors;
using annexa::fuzz::promise;
using annexa::fuzz::text_of;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    const std::string text{text_of(data, size)};
    const pam::Reader reader{.file = [&](std::string_view path) -> std::optional<File> {
                                 if (path == "/etc/pam.d/app") return File{std::string{path}, text};
                                 if (path == "/etc/pam.d/common")
                                     return File{std::string{path}, "auth sufficient pam_unix.so\nauth substack app\n"};
                                 return std::nullopt;
                             },
                             .folder = [](std::string_view path) -> std::optional<std::vector<std::string>> {
                                 if (path != "/etc/pam.d") return std::nullopt;
                                 return std::vector<std::string>{"app", "other"};
                             }};
    try {
        for (const auto& [name, service] : pam::read_services(reader))
            for (const auto& [type, stack] : service) {
                if (stack.size() > 60) continue;
                const auto ways =
                    pam::walk(stack, type, [](const pam::Rule&, pam::Answer, pam::Facts facts) { return facts; });
                promise(!ways.empty());
            }
    } catch (const host_error& refusal) {
        promise(refusal.reason() == annexa::evidence::Reason::malformed_source);
    }
    pam::Options options;
    pam::add_file(options, {"/etc/security/pwquality.conf", text});
    return 0;
}
