// Arrays of disks and whether they are whole: Linux md (/proc/mdstat) and pools of ZFS
// (/proc/spl/kstat/zfs/POOL/state).
//
// mdstat: "md0 : active raid1 sdb1[1] sda1[0](F)", then "… [2/1] [U_]": how many belong to it and how many work. What a
// controller, LVM or btrfs mirrors is not seen here.
#include "collectors/collector.hpp"
#include "collectors/support/text.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"name", Type::text, "Array or pool: md0, tank"},
    {"kind", Type::text, "md, zfs"},
    {"level", Type::text, "raid1, raid5, …; empty for a pool of ZFS"},
    {"state", Type::text, "md: active, inactive; zfs: ONLINE, DEGRADED, FAULTED, …"},
    {"disks", Type::integer, "Disks that belong to it; null where it does not say", Trait::nullable},
    {"working", Type::integer, "Those of them that work; null where it does not say", Trait::nullable},
    {"failed", Type::integer, "Disks that are marked as failed"},
};
constexpr TableDefinition tables[] = {
    {"raid_arrays", "Arrays of disks, one row an array or pool", columns},
};

struct Array {
    std::string name, state, level;
    Value disks, working;
    std::int64_t failed = 0;
};

Array array_of(std::string_view line) {
    const std::size_t colon = line.find(" : ");
    Array array;
    array.name = line.substr(0, colon);
    for (const std::string_view word : text::words(line.substr(colon + 3))) {
        if (array.state.empty())
            array.state = word;
        else if (word.starts_with('('))
            continue;  // (read-only), (auto-read-only)
        else if (array.level.empty() && word.find('[') == std::string_view::npos)
            array.level = word;
        else if (word.find("(F)") != std::string_view::npos)
            ++array.failed;
    }
    return array;
}

void count(Array& array, std::string_view line) {
    for (const std::string_view word : text::words(line)) {
        if (!word.starts_with('[') || !word.ends_with(']')) continue;
        const auto pair = text::split_at(word.substr(1, word.size() - 2), '/');
        if (!pair) continue;
        const auto disks = text::integer(pair->first);
        const auto working = text::integer(pair->second);
        if (!disks || !working) continue;
        array.disks = *disks;
        array.working = *working;
    }
}

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    std::vector<Array> arrays;
    const std::string mdstat = kernel.read("/proc/mdstat").value_or("");
    for (const text::Line& line : text::lines(mdstat)) {
        if (line.text.starts_with("md") && line.text.find(" : ") != std::string_view::npos)
            arrays.push_back(array_of(line.text));
        else if (!arrays.empty() && line.text.find(" blocks") != std::string_view::npos)
            count(arrays.back(), line.text);
    }
    Table table = make_table(tables[0]);
    for (const Array& array : arrays)
        table.rows.push_back(
            {array.name, std::string{"md"}, array.level, array.state, array.disks, array.working, array.failed});
    for (const std::string& pool : kernel.list("/proc/spl/kstat/zfs").value_or(std::vector<std::string>{}))
        if (const auto state = kernel.read("/proc/spl/kstat/zfs/" + pool + "/state"))
            table.rows.push_back({pool, std::string{"zfs"}, std::string{}, std::string{text::trimmed(*state)}, Value{},
                                  Value{}, std::int64_t{0}});
    if (table.rows.empty())
        throw not_applicable(Reason::not_present, "there is neither an array of md nor a pool of ZFS");
    return {table};
}

}  // namespace

extern constexpr Collector raid_arrays{.name = "raid_arrays",
                                       .tables = tables,
                                       .reads_images = false,
                                       .sources = "/proc/mdstat, /proc/spl/kstat/zfs",
                                       .collect = collect};

}  // namespace annexa::collectors
