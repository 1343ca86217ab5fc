#include "collectors/support/luks_header.hpp"

#include "collectors/host.hpp"
#include "evidence/digest.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace annexa::collectors {
namespace {

using nlohmann::json;
using namespace std::string_view_literals;

constexpr std::string_view magic = "LUKS\xba\xbe"sv;
constexpr std::size_t luks1_bytes = 592;
constexpr std::size_t luks2_binary_bytes = 4096;
constexpr std::uint32_t slot_in_use = 0x00AC71F3;

[[noreturn]] void refuse(std::string_view name, const std::string& what) {
    throw host_error{evidence::Reason::malformed_source, std::string{name} + ": LUKS header: " + what};
}

std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

std::string c_string(std::string_view bytes, std::size_t at, std::size_t size) {
    const std::string_view field = bytes.substr(at, size);
    return std::string{field.substr(0, field.find('\0'))};
}

LuksHeader luks1(std::string_view name, std::string_view bytes) {
    if (bytes.size() < luks1_bytes) refuse(name, "version 1 has 592 bytes, there are " + std::to_string(bytes.size()));
    LuksHeader header;
    header.version = 1;
    header.cipher = c_string(bytes, 8, 32) + "-" + c_string(bytes, 40, 32);
    const std::string hash = c_string(bytes, 72, 32);
    const std::uint64_t key_bytes = big_endian(bytes, 108, 4);
    if (key_bytes == 0 || key_bytes > 1024) refuse(name, "a volume key of " + std::to_string(key_bytes) + " bytes");
    header.key_bits = static_cast<int>(key_bytes * 8);
    header.uuid = c_string(bytes, 168, 40);
    for (int i = 0; i < 8; ++i) {
        const std::size_t at = 208 + static_cast<std::size_t>(i) * 48;
        if (big_endian(bytes, at, 4) != slot_in_use) continue;
        header.slots.push_back({.number = i, .kdf = "pbkdf2", .hash = hash,
                                .iterations = static_cast<std::int64_t>(big_endian(bytes, at + 4, 4)), .memory_kib = 0,
                                .parallelism = 0, .key_bits = header.key_bits, .area_cipher = header.cipher});
    }
    return header;
}

std::string text(const json& object, const char* member) {
    const auto found = object.find(member);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::int64_t number(const json& object, const char* member) {
    const auto found = object.find(member);
    return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

json member(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_object() ? *found : json::object();
}

LuksKeySlot luks2_slot(std::string_view name, const std::string& key, const json& slot) {
    const json kdf = member(slot, "kdf");
    const std::int64_t key_bytes = number(slot, "key_size");
    if (key_bytes < 0 || key_bytes > 4096) refuse(name, "key slot " + key + " has a key of impossible size");
    LuksKeySlot result;
    result.number = key.size() <= 4 && std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
                            !key.empty()
                        ? std::stoi(key)
                        : -1;
    if (result.number < 0) refuse(name, "'" + key + "' is no number of a key slot");
    result.kdf = text(kdf, "type");
    result.hash = text(kdf, "hash");
    result.iterations = result.kdf == "pbkdf2" ? number(kdf, "iterations") : number(kdf, "time");
    result.memory_kib = number(kdf, "memory");
    result.parallelism = number(kdf, "cpus");
    result.key_bits = static_cast<int>(key_bytes) * 8;
    result.area_cipher = text(member(slot, "area"), "encryption");
    return result;
}

LuksHeader luks2(std::string_view name, std::string_view bytes) {
    if (bytes.size() < luks2_binary_bytes) refuse(name, "cut off before its JSON area");
    const std::uint64_t size = big_endian(bytes, 8, 8);
    if (size < 2 * luks2_binary_bytes || size > luks_header_bytes || bytes.size() < size)
        refuse(name, "says it has " + std::to_string(size) + " bytes");
    std::string checked{bytes.substr(0, size)};
    if (c_string(bytes, 72, 32) == "sha256") {
        std::fill(checked.begin() + 448, checked.begin() + 512, '\0');
        if (evidence::sha256(checked).view() != bytes.substr(448, 32)) refuse(name, "its checksum does not fit");
    }
    const std::string area = c_string(bytes, luks2_binary_bytes, size - luks2_binary_bytes);
    const json document = json::parse(area, nullptr, false);
    if (!document.is_object()) refuse(name, "its JSON area is none");

    LuksHeader header;
    header.version = 2;
    header.label = c_string(bytes, 24, 48);
    header.uuid = c_string(bytes, 168, 40);
    const json segments = member(document, "segments");
    for (const auto& [key, segment] : segments.items()) {
        if (!segment.is_object()) refuse(name, "segment " + key + " is no object");
        if (text(segment, "type") != "crypt") {
            header.encrypted = false;
        } else if (header.cipher.empty()) {
            header.cipher = text(segment, "encryption");
        }
    }
    if (segments.empty() || header.cipher.empty()) header.encrypted = false;
    const json slots = member(document, "keyslots");
    for (const auto& [key, slot] : slots.items()) {
        if (!slot.is_object()) refuse(name, "key slot " + key + " is no object");
        if (text(slot, "type") != "luks2") continue;  // reencryption keeps its state in one
        header.slots.push_back(luks2_slot(name, key, slot));
        header.key_bits = std::max(header.key_bits, header.slots.back().key_bits);
    }
    std::sort(header.slots.begin(), header.slots.end(),
              [](const LuksKeySlot& a, const LuksKeySlot& b) { return a.number < b.number; });
    return header;
}

}  // namespace

bool is_luks(std::string_view bytes) { return bytes.starts_with(magic); }

std::optional<LuksHeader> parse_luks_header(std::string_view name, std::string_view bytes) {
    if (!is_luks(bytes)) return std::nullopt;
    if (bytes.size() < 8) refuse(name, "cut off");
    const std::uint64_t version = big_endian(bytes, 6, 2);
    if (version == 1) return luks1(name, bytes);
    if (version == 2) return luks2(name, bytes);
    refuse(name, "version " + std::to_string(version) + " is unknown");
}

}  // namespace annexa::collectors
