#include "collectors/machine_identity.hpp"

#include "collectors/support/text.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/digest.hpp"
#include "evidence/encoding.hpp"

#include <sys/capability.h>
#include <unistd.h>

#include <memory>

namespace annexa::collectors {
namespace {

// Drawn once at random; another one would make every machine look like a copy.
constexpr std::string_view application = "3f6c1e0b9f284c0c8d7a52b7e1c94a66";

std::optional<std::string> quietly(auto read) {
    try {
        return read();
    } catch (const host_error&) {
        return std::nullopt;  // what cannot be read is unknown, and the answer says null
    }
}

std::optional<std::string> fingerprint(Host host, const std::string& origin) {
    const std::optional<std::string> id = quietly([&]() -> std::optional<std::string> {
        std::optional<File> file = host.files.read("/etc/machine-id", 4096);
        return file ? std::optional{std::move(file->text)} : std::nullopt;
    });
    if (!id) return std::nullopt;
    try {
        // Absent without DMI; where it is there and may not be read, a fingerprint without it would be another one.
        const std::optional<std::string> uuid = host.kernel->read("/sys/class/dmi/id/product_uuid", 4096);
        return machine_fingerprint(*id, uuid.value_or(""), origin);
    } catch (const host_error&) {
        return std::nullopt;
    }
}

bool may_read_every_file() {
    if (::geteuid() == 0) return true;
    const std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)> current{::cap_get_proc(), &::cap_free};
    cap_flag_value_t effective = CAP_CLEAR;
    return current && ::cap_get_flag(current.get(), CAP_DAC_READ_SEARCH, CAP_EFFECTIVE, &effective) == 0 &&
           effective == CAP_SET;
}

std::string json_or_null(const std::optional<std::string>& text) {
    if (!text) return "null";
    std::string out;
    evidence::append_json_string(out, *text);
    return out;
}

}  // namespace

std::optional<std::string> application_machine_id(std::string_view machine_id) {
    machine_id = text::trimmed(machine_id);
    if (machine_id.size() != 32) return std::nullopt;
    try {
        const std::string key = evidence::from_hex(machine_id);
        evidence::Digest digest = evidence::hmac_sha256(key, evidence::from_hex(application));
        digest.bytes[6] = static_cast<std::uint8_t>((digest.bytes[6] & 0x0FU) | 0x40U);  // made a UUID of version 4
        digest.bytes[8] = static_cast<std::uint8_t>((digest.bytes[8] & 0x3FU) | 0x80U);
        return digest.hex().substr(0, 32);
    } catch (const evidence::format_error&) {
        return std::nullopt;
    }
}

std::optional<std::string> machine_fingerprint(std::string_view machine_id, std::string_view product_uuid,
                                               std::string_view origin) {
    const std::optional<std::string> id = application_machine_id(machine_id);
    if (!id) return std::nullopt;
    return evidence::sha256(*id + "\n" + text::lower(text::trimmed(product_uuid)) + "\n" + std::string{origin} + "\n")
        .hex();
}

MachineFacts machine_facts(Host host, const std::optional<std::string>& origin) {
    MachineFacts facts;
    facts.privileged = may_read_every_file();
    if (host.kernel == nullptr) {
        const auto name = quietly([&]() -> std::optional<std::string> {
            std::optional<File> file = host.files.read("/etc/hostname", 4096);
            return file ? std::optional{file->text} : std::nullopt;
        });
        facts.host_name = text::printable(text::trimmed(name.value_or("")), 255);
        return facts;
    }
    const auto name = quietly([&] { return std::optional{host.kernel->name().node}; });
    facts.host_name = text::printable(name.value_or(""), 255);
    const auto boot = quietly([&] { return host.kernel->read("/proc/sys/kernel/random/boot_id", 4096); });
    if (boot) facts.boot_id = std::string{text::trimmed(*boot)};
    const auto clock =
        quietly([&] { return std::optional{std::string{host.kernel->clock().synchronized ? "yes" : "no"}}; });
    if (clock) facts.clock_synchronized = *clock == "yes";
    if (origin) facts.machine = fingerprint(host, *origin);
    return facts;
}

std::string to_json(const MachineFacts& facts) {
    const std::string clock = !facts.clock_synchronized ? "null" : *facts.clock_synchronized ? "true" : "false";
    return "{\"boot_id\":" + json_or_null(facts.boot_id) + ",\"clock_synchronized\":" + clock +
           ",\"end\":true,\"host_name\":" + json_or_null(facts.host_name) +
           ",\"machine\":" + json_or_null(facts.machine) + ",\"privileged\":" + (facts.privileged ? "true" : "false") +
           "}";
}

}  // namespace annexa::collectors
