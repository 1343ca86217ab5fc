// Block devices as sysfs lists them, with what udev found on them. A device without a medium (an unused loop device) is
// left out.
#include "collectors/collector.hpp"
#include "collectors/support/block_layers.hpp"
#include "collectors/support/text.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"name", Type::text, "Device: /dev/sda1"},
    {"parent", Type::text, "The disk of a partition, or the device below where it is one alone; else empty"},
    {"vendor", Type::text, "Vendor of the disk"},
    {"model", Type::text, "Model of the disk"},
    {"serial", Type::text, "World-wide name or serial number"},
    {"size", Type::integer, "Size in sectors of 512 bytes"},
    {"block_size", Type::integer, "Logical block size in bytes; null where the kernel does not say", Trait::nullable},
    {"uuid", Type::text, "UUID of what is on it, as udev found it"},
    {"type", Type::text, "What is on it: ext4, crypto_LUKS, LVM2_member; empty where udev does not say"},
    {"label", Type::text, "Label of what is on it"},
    {"dm_name", Type::text, "Name of a device of the device mapper; else empty"},
    {"dm_uuid", Type::text, "Its uuid, whose first word says who made it: CRYPT-LUKS2-…, LVM-…"},
};
constexpr TableDefinition tables[] = {
    {"block_devices", "Block devices, one row a device", columns},
};

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    BlockLayers layers{host, kernel, {}};
    Table table = make_table(tables[0]);
    const auto names = kernel.list("/sys/class/block");
    if (!names) throw not_applicable(Reason::not_present, "/sys/class/block is not there");
    for (const std::string& name : *names) {
        const std::string number = layers.number_of(name);
        const auto size = text::integer(layers.attribute(number, "size"));
        if (number.empty() || !size || *size == 0) continue;
        const auto udev = udev_properties(host.files, number);
        const auto property = [&](const char* key) {
            const auto found = udev.find(key);
            return found == udev.end() ? std::string{} : found->second;
        };
        std::string parent;
        std::string disk = number;
        if (const std::string whole = layers.disk_of(number); !whole.empty()) {
            disk = layers.number_of(whole);
            parent = "/dev/" + whole;
        } else if (const auto slaves = kernel.list("/sys/dev/block/" + number + "/slaves"); slaves && slaves->size() == 1) {
            parent = "/dev/" + slaves->front();
        }
        std::string serial = layers.attribute(disk, "device/wwid");
        if (serial.empty()) serial = layers.attribute(disk, "wwid");
        if (serial.empty()) serial = property("ID_SERIAL");
        std::string model = property("ID_MODEL_FROM_DATABASE");
        if (model.empty()) model = property("ID_MODEL");
        if (model.empty()) model = layers.attribute(disk, "device/model");
        const auto block_size = text::integer(layers.attribute(disk, "queue/logical_block_size"));
        table.rows.push_back({"/dev/" + name, parent, layers.attribute(disk, "device/vendor"), model, serial, *size,
                              block_size ? Value{*block_size} : Value{}, property("ID_FS_UUID"), property("ID_FS_TYPE"),
                              property("ID_FS_LABEL"), layers.attribute(number, "dm/name"), layers.attribute(number, "dm/uuid")});
    }
    return {table};
}

}  // namespace

extern constexpr Collector block_devices{.name = "block_devices",
                                         .version = 1,
                                         .tables = tables,
                                         .needs = Capability::none,
                                         .cost = Cost::fast,
                                         .reads_images = false,
                                         .runs_programs = false,
                                         .sources = "/sys/class/block, /sys/dev/block, /run/udev/data",
                                         .collect = collect};

}  // namespace annexa::collectors
