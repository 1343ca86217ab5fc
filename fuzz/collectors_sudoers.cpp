// sudoers: whatever stands there, it is read or refused with file and line, and what is read can be resolved.
#include "collectors/support/sudoers_grammar.hpp"
#include "fuzz/fuzz.hpp"

using namespace annexa::collectors;
using namespace annexa::collectors::sudoers;
using annexa::fuzz::promise;
using annexa::fuzz::text_of;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{text_of(data, size)};
    const Reader reader{.file = [&](std::string_view path) -> std::optional<File> {
                            // One file for any name would include itself for ever: sudo stops at its depth, a fuzzer
                            // has better to do.
                            if (path == "/etc/sudoers") return File{std::string{path}, text};
                            return File{std::string{path}, "included ALL=ALL\n"};
                        },
                        .folder =
                            [](std::string_view) {
                                return std::vector<std::string>{"a", "b.c", "d~"};
                            },
                        .host_name = [] { return std::string{"host"}; }};
    try {
        const auto policy = read_policy(reader, "/etc/sudoers");
        promise(policy.has_value());
        for (const auto& spec : policy->users)
            for (const auto& member : expanded(*policy, AliasKind::user, spec.users))
                promise(member.kind != MemberKind::alias);
    } catch (const host_error& refusal) {
        promise(refusal.reason() == annexa::evidence::Reason::malformed_source);
        promise(std::string_view{refusal.what()}.starts_with("/etc/sudoers:"));
    }
    return 0;
}
