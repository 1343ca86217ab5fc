// Sockets that listen or are bound, with the programs that hold them: sock_diag joined with /proc/*/fd.
//
// A socket that several processes of one program hold (the workers of a web server) is one row, so that a restart changes
// no evidence. Numbers of processes, descriptors and sockets are volatile. Of UNIX sockets those with a name are here.
#include "collectors/collector.hpp"
#include "collectors/support/processes.hpp"
#include "collectors/support/text.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <map>
#include <set>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"pid", Type::integer, "Process that holds it; null where that may not be seen", Trait::nullable_changing},
    {"port", Type::integer, "Port; 0 for UNIX"},
    {"protocol", Type::integer, "Protocol: 6 TCP, 17 UDP, 0 UNIX"},
    {"family", Type::integer, "Family: 2 IPv4, 10 IPv6, 1 UNIX"},
    {"address", Type::text, "Address; empty for UNIX"},
    {"fd", Type::integer, "Descriptor in that process", Trait::nullable_changing},
    {"socket", Type::integer, "Inode of the socket", Trait::changing},
    {"path", Type::text, "Path of a UNIX socket"},
    {"net_namespace", Type::text, "Inode of the network namespace", Trait::changing},
    {"process", Type::text, "Name of the program that holds it; null where that may not be seen", Trait::nullable},
    {"program", Type::text, "Its file; null where that may not be seen", Trait::nullable},
    {"user", Type::text, "Account that made the socket, or its number"},
    {"exposed", Type::boolean, "Whether others than this host can reach the address: no loopback, no UNIX"},
};
constexpr TableDefinition tables[] = {
    {"listening_ports", "Sockets that listen or are bound, one row a socket and program", columns},
};

struct Owner {
    std::int64_t pid = 0;
    std::int64_t fd = 0;
    std::string process, program;
};

// inode → owners, each program once
std::map<std::uint64_t, std::vector<Owner>> owners(Kernel& kernel, const std::set<std::uint64_t>& wanted) {
    std::map<std::uint64_t, std::vector<Owner>> found;
    for (const std::string& number : process_numbers(kernel)) {
        try {
            const std::string folder = "/proc/" + number;
            const auto descriptors = kernel.list(folder + "/fd");
            if (!descriptors) continue;
            std::optional<Owner> owner;
            for (const std::string& descriptor : *descriptors) {
                const auto target = kernel.read_link(folder + "/fd/" + descriptor);
                if (!target || !target->starts_with("socket:[")) continue;
                const auto inode = text::unsigned_integer(std::string_view{*target}.substr(8, target->size() - 9));
                if (!inode || !wanted.contains(*inode)) continue;
                if (!owner) {
                    owner = Owner{text::integer(number).value_or(0), 0, {}, kernel.read_link(folder + "/exe").value_or("")};
                    if (const auto name = kernel.read(folder + "/comm")) owner->process = text::trimmed(*name);
                    if (owner->program.ends_with(" (deleted)")) owner->program.resize(owner->program.size() - 10);
                }
                owner->fd = text::integer(descriptor).value_or(0);
                auto& known = found[*inode];
                bool there = false;
                for (const Owner& each : known) there = there || (each.process == owner->process && each.program == owner->program);
                if (!there) known.push_back(*owner);
            }
        } catch (const host_error&) {
            continue;  // another user's, or it ended meanwhile: the socket's row then says null
        }
    }
    return found;
}

bool is_exposed(const KernelSocket& socket) {
    if (socket.family == AF_UNIX) return false;
    const std::string& address = socket.address;
    return !(address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127."));
}

std::map<std::uint32_t, std::string> account_names(Files& files) {
    std::map<std::uint32_t, std::string> names;
    if (const auto file = files.read("/etc/passwd"))
        for (const text::Line& line : text::lines(file->text)) {
            const auto fields = text::split(line.text, ':');
            const auto uid = fields.size() > 2 ? text::unsigned_integer(fields[2]) : std::nullopt;
            if (uid) names.emplace(static_cast<std::uint32_t>(*uid), fields[0]);
        }
    return names;
}

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    std::set<std::uint64_t> inodes;
    std::vector<KernelSocket> sockets;
    for (KernelSocket& socket : kernel.sockets()) {
        if (socket.family == AF_UNIX && socket.path.empty()) continue;
        inodes.insert(socket.inode);
        sockets.push_back(std::move(socket));
    }
    const auto held_by = owners(kernel, inodes);
    const auto names = account_names(host.files);
    const std::string name_space = kernel.read_link("/proc/self/ns/net").value_or("");
    const std::string space_inode = name_space.starts_with("net:[") ? name_space.substr(5, name_space.size() - 6) : name_space;

    Table table = make_table(tables[0]);
    for (const KernelSocket& socket : sockets) {
        const auto name = names.find(socket.uid);
        const std::string user = name == names.end() ? std::to_string(socket.uid) : name->second;
        const auto row = [&](const Owner* owner) {
            table.rows.push_back({owner != nullptr ? Value{owner->pid} : Value{}, std::int64_t{socket.port}, std::int64_t{socket.protocol},
                                  std::int64_t{socket.family}, socket.address, owner != nullptr ? Value{owner->fd} : Value{},
                                  static_cast<std::int64_t>(socket.inode), socket.path, space_inode,
                                  owner != nullptr ? Value{owner->process} : Value{}, owner != nullptr ? Value{owner->program} : Value{},
                                  user, is_exposed(socket)});
        };
        const auto holders = held_by.find(socket.inode);
        if (holders == held_by.end()) row(nullptr);
        else
            for (const Owner& owner : holders->second) row(&owner);
    }
    return {table};
}

}  // namespace

extern constexpr Collector listening_ports{.name = "listening_ports",
                                           .version = 1,
                                           .tables = tables,
                                           .needs = Capability::dac_read_search | Capability::sys_ptrace,
                                           .cost = Cost::fast,
                                           .reads_images = false,
                                           .runs_programs = false,
                                           .sources = "sock_diag(7), /proc/*/fd, /etc/passwd",
                                           .collect = collect};

}  // namespace annexa::collectors
