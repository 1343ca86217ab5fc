// The machine: name, processor, memory, and what its firmware says of it (DMI, below /sys/class/dmi/id).
//
// UUID and serial numbers are for root alone; where they may not be read they are null, where there is no DMI they are
// empty.
#include "collectors/collector.hpp"
#include "collectors/support/text.hpp"

#include <map>
#include <set>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"hostname", Type::text, "Name of the machine as the kernel knows it"},
    {"uuid", Type::text, "DMI product UUID", Trait::nullable},
    {"cpu_type", Type::text, "Machine as uname says it: x86_64"},
    {"cpu_subtype", Type::text, "Number of the processor's model"},
    {"cpu_brand", Type::text, "Name of the processor's model"},
    {"cpu_physical_cores", Type::integer, "Cores"},
    {"cpu_logical_cores", Type::integer, "Threads, as many as the kernel runs on"},
    {"cpu_sockets", Type::integer, "Processors"},
    {"cpu_microcode", Type::text, "Version of the microcode"},
    {"physical_memory", Type::integer, "Memory that the kernel may use, in bytes"},
    {"hardware_vendor", Type::text, "DMI system vendor"},
    {"hardware_model", Type::text, "DMI product name"},
    {"hardware_version", Type::text, "DMI product version"},
    {"hardware_serial", Type::text, "DMI product serial number", Trait::nullable},
    {"board_vendor", Type::text, "DMI board vendor"},
    {"board_model", Type::text, "DMI board name"},
    {"board_version", Type::text, "DMI board version"},
    {"board_serial", Type::text, "DMI board serial number", Trait::nullable},
    {"computer_name", Type::text, "The host name once more"},
    {"local_hostname", Type::text, "The host name once more"},
};
constexpr TableDefinition tables[] = {
    {"system_info", "Name, processor, memory and hardware of the machine, one row", columns},
};

struct Processor {
    std::string model, brand, microcode;
    std::int64_t threads = 0;
    std::set<std::string> sockets, cores;
};

Processor processor_of(std::string_view cpuinfo) {
    Processor found;
    std::string socket;
    for (const text::Line& line : text::lines(cpuinfo)) {
        const auto pair = text::split_at(line.text, ':');
        if (!pair) continue;
        const std::string value{pair->second};
        if (pair->first == "processor") {
            ++found.threads;
            socket.clear();
        } else if (pair->first == "model") {
            found.model = value;
        } else if (pair->first == "model name") {
            found.brand = value;
        } else if (pair->first == "microcode") {
            found.microcode = value;
        } else if (pair->first == "physical id") {
            socket = value;
            found.sockets.insert(value);
        } else if (pair->first == "core id") {
            found.cores.insert(socket + "/" + value);
        }
    }
    return found;
}

std::int64_t memory_of(std::string_view meminfo) {
    for (const text::Line& line : text::lines(meminfo)) {
        const std::vector<std::string_view> words = text::words(line.text);
        if (words.size() < 2 || words[0] != "MemTotal:") continue;
        const auto kibibytes = text::unsigned_integer(words[1]);
        if (kibibytes && *kibibytes < (std::uint64_t{1} << 50)) return static_cast<std::int64_t>(*kibibytes * 1024);
    }
    throw host_error(Reason::malformed_source, "/proc/meminfo: expected MemTotal in kB");
}

/// Null where it may not be read, empty where it is not there.
Value dmi(Kernel& kernel, const std::string& name) {
    try {
        return std::string{text::trimmed(kernel.read("/sys/class/dmi/id/" + name, 4096).value_or(""))};
    } catch (const host_error& failure) {
        if (failure.reason() != Reason::permission_denied) throw;
        return std::monostate{};
    }
}

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    const KernelName name = kernel.name();
    const Processor cpu = processor_of(kernel.read("/proc/cpuinfo").value_or(""));
    const std::int64_t memory = memory_of(kernel.read("/proc/meminfo").value_or(""));
    Row row{name.node, dmi(kernel, "product_uuid"), name.machine, cpu.model, cpu.brand};
    // Machines without that topology (many virtual ones) count a thread as a core of one processor.
    row.emplace_back(cpu.cores.empty() ? cpu.threads : static_cast<std::int64_t>(cpu.cores.size()));
    row.emplace_back(cpu.threads);
    row.emplace_back(cpu.sockets.empty() ? std::int64_t{1} : static_cast<std::int64_t>(cpu.sockets.size()));
    row.emplace_back(cpu.microcode);
    row.emplace_back(memory);
    for (const char* file : {"sys_vendor", "product_name", "product_version", "product_serial", "board_vendor",
                             "board_name", "board_version", "board_serial"})
        row.push_back(dmi(kernel, file));
    row.emplace_back(name.node);
    row.emplace_back(name.node);
    Table table = make_table(tables[0]);
    table.rows.push_back(std::move(row));
    return {table};
}

}  // namespace

extern constexpr Collector system_info{.name = "system_info",
                                       .tables = tables,
                                       .needs = Capability::dac_read_search,
                                       .reads_images = false,
                                       .sources = "uname(2), /proc/cpuinfo, /proc/meminfo, /sys/class/dmi/id",
                                       .collect = collect};

}  // namespace annexa::collectors
