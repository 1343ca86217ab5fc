// The running kernel and how it was started: uname(2) and /proc/cmdline.
//
// The command line can carry credentials (systemd.set_credential=, an installer's password): their values are left out.
#include "collectors/collector.hpp"
#include "collectors/support/secret_words.hpp"
#include "collectors/support/text.hpp"

#include <utility>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"version", Type::text, "Release of the running kernel: 6.1.0-30-amd64"},
    {"arguments", Type::text,
     "Its arguments without BOOT_IMAGE and root; values of credentials and passwords are replaced by <hidden>"},
    {"path", Type::text, "BOOT_IMAGE, the kernel's file as the boot loader names it; empty where it does not"},
    {"device", Type::text, "root, the device of the root file system; empty where it is not named"},
};
constexpr TableDefinition tables[] = {
    {"kernel_info", "The running kernel and its command line, one row", columns},
};

/// Blanks within double quotes do not end an argument (Documentation/admin-guide/kernel-parameters).
std::vector<std::string> arguments_of(std::string_view line) {
    std::vector<std::string> arguments;
    std::string word;
    bool quoted = false;
    for (const char c : line) {
        if (c == '"') quoted = !quoted;
        if (text::is_blank(c) && !quoted) {
            if (!word.empty()) arguments.push_back(std::exchange(word, {}));
        } else {
            word += c;
        }
    }
    if (!word.empty()) arguments.push_back(word);
    return arguments;
}

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    std::string path;
    std::string device;
    std::string rest;
    for (const std::string& argument : arguments_of(kernel.read("/proc/cmdline").value_or(""))) {
        if (argument.starts_with("BOOT_IMAGE=")) {
            path = argument.substr(11);
        } else if (argument.starts_with("root=")) {
            device = argument.substr(5);
        } else {
            rest += (rest.empty() ? "" : " ") + without_secret(argument);
        }
    }
    Table table = make_table(tables[0]);
    table.rows.push_back({kernel.name().release, rest, path, device});
    return {table};
}

}  // namespace

extern constexpr Collector kernel_info{.name = "kernel_info",
                                       .tables = tables,
                                       .reads_images = false,
                                       .sources = "uname(2), /proc/cmdline",
                                       .collect = collect};

}  // namespace annexa::collectors
