// Headers of LUKS volumes: cipher, key slots and what guards them against guessing. Only devices are opened of which the
// device mapper or udev says LUKS (Kernel::luks_header); the formats are in support/luks_header.hpp.
#include "collectors/collector.hpp"
#include "collectors/support/block_layers.hpp"
#include "collectors/support/luks_header.hpp"
#include "collectors/support/text.hpp"

#include <set>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"device", Type::text, "Device that holds the header: /dev/sda3"},
    {"uuid", Type::text, "UUID of the volume"},
    {"version", Type::integer, "Version of LUKS: 1 or 2"},
    {"cipher", Type::text, "Cipher of the data: aes-xts-plain64"},
    {"key_bits", Type::integer, "Size of the volume key in bits (XTS uses half of it for each of two keys)"},
    {"whole", Type::boolean, "Whether every segment of the volume is encrypted"},
    {"slot", Type::integer, "Number of a key slot in use; null where none is", Trait::nullable},
    {"kdf", Type::text, "What derives the slot's key from a passphrase: argon2id, argon2i, pbkdf2"},
    {"hash", Type::text, "Hash of pbkdf2; empty for argon2"},
    {"iterations", Type::integer, "Iterations of pbkdf2, time cost of argon2"},
    {"memory_kib", Type::integer, "Memory of argon2 in KiB; 0 for pbkdf2"},
    {"parallelism", Type::integer, "Threads of argon2; 0 for pbkdf2"},
    {"slot_cipher", Type::text, "Cipher that the slot itself is kept under"},
};
constexpr TableDefinition tables[] = {
    {"luks_devices", "LUKS volumes, one row a key slot in use", columns},
};

// Disks and partitions that hold a header: what udev calls crypto_LUKS, and what lies under an opened volume.
std::set<std::string> candidates(Host& host, Kernel& kernel, BlockLayers& layers) {
    std::set<std::string> names;
    for (const std::string& name : kernel.list("/sys/class/block").value_or(std::vector<std::string>{})) {
        const std::string number = layers.number_of(name);
        if (number.empty()) continue;
        auto udev = udev_properties(host.files, number);
        if (udev["ID_FS_TYPE"] == "crypto_LUKS") names.insert(name);
        if (crypt_method(layers.attribute(number, "dm/uuid")).starts_with("LUKS"))
            for (const std::string& below : kernel.list("/sys/dev/block/" + number + "/slaves").value_or(std::vector<std::string>{}))
                names.insert(below);
    }
    return names;
}

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    BlockLayers layers{host, kernel, {}};
    Table table = make_table(tables[0]);
    for (const std::string& name : candidates(host, kernel, layers)) {
        const std::string device = "/dev/" + name;
        const auto bytes = kernel.luks_header(device, luks_header_bytes);
        const auto header = bytes ? parse_luks_header(device, *bytes) : std::nullopt;
        if (!header) continue;  // a header kept elsewhere
        const auto row = [&](Value slot, const LuksKeySlot& details) {
            table.rows.push_back({device, header->uuid, std::int64_t{header->version}, header->cipher, std::int64_t{header->key_bits},
                                  header->encrypted, std::move(slot), details.kdf, details.hash, details.iterations,
                                  details.memory_kib, details.parallelism, details.area_cipher});
        };
        for (const LuksKeySlot& slot : header->slots) row(std::int64_t{slot.number}, slot);
        if (header->slots.empty()) row({}, {});
    }
    if (table.rows.empty()) throw not_applicable(Reason::not_present, "no block device holds a LUKS header");
    return {table};
}

}  // namespace

extern constexpr Collector luks_devices{.name = "luks_devices",
                                        .version = 1,
                                        .tables = tables,
                                        .needs = Capability::dac_read_search,
                                        .cost = Cost::fast,
                                        .reads_images = false,
                                        .runs_programs = false,
                                        .sources = "/sys/class/block, /run/udev/data, first bytes of LUKS volumes",
                                        .collect = collect};

}  // namespace annexa::collectors
