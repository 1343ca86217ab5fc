#include "collectors/support/rpm_header.hpp"

#include "evidence/errors.hpp"

namespace annexa::collectors {
namespace {

constexpr std::size_t entry_bytes = 16, preamble_bytes = 8;
constexpr std::uint32_t type_int8 = 2, type_int16 = 3, type_int32 = 4, type_int64 = 5, type_string = 6,
                        type_string_array = 8, type_translated = 9;

[[noreturn]] void refuse(std::size_t offset, const char* expected) {
    throw evidence::format_error(offset, std::string{expected} + " in a package's header");
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

std::size_t width_of(std::uint32_t type) {
    switch (type) {
        case 1:  // a character
        case type_int8:
            return 1;
        case type_int16:
            return 2;
        case type_int32:
            return 4;
        case type_int64:
            return 8;
        default:
            return 0;
    }
}

}  // namespace

RpmHeader::RpmHeader(std::string_view bytes) {
    if (bytes.size() < preamble_bytes) refuse(0, "two numbers");
    const std::uint64_t count = big_endian(bytes.substr(0, 4)), size = big_endian(bytes.substr(4, 4));
    if (count > (bytes.size() - preamble_bytes) / entry_bytes) refuse(0, "fewer entries");
    const std::size_t begin = preamble_bytes + count * entry_bytes;
    if (size > bytes.size() - begin) refuse(begin, "its data");
    data_ = bytes.substr(begin, size);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view at = bytes.substr(preamble_bytes + i * entry_bytes, entry_bytes);
        const auto field = [&](std::size_t n) { return static_cast<std::uint32_t>(big_endian(at.substr(n * 4, 4))); };
        // what was added at installation stands behind the rest and overrides it
        entries_.insert_or_assign(field(0), Entry{field(1), field(2), field(3)});
    }
}

const RpmHeader::Entry* RpmHeader::entry(RpmTag tag) const {
    const auto found = entries_.find(static_cast<std::uint32_t>(tag));
    return found == entries_.end() ? nullptr : &found->second;
}

std::vector<std::string> RpmHeader::texts(RpmTag tag) const {
    const Entry* found = entry(tag);
    if (found == nullptr) return {};
    if (found->type != type_string && found->type != type_string_array && found->type != type_translated)
        refuse(found->offset, "a text");
    std::vector<std::string> all;
    std::size_t at = found->offset;
    for (std::uint32_t i = 0; i < found->count; ++i) {
        const std::size_t end = at > data_.size() ? std::string_view::npos : data_.find('\0', at);
        if (end == std::string_view::npos) refuse(at, "a text with an end");
        all.emplace_back(data_.substr(at, end - at));
        at = end + 1;
    }
    return all;
}

std::optional<std::string> RpmHeader::text(RpmTag tag) const {
    auto all = texts(tag);
    if (all.empty()) return std::nullopt;
    return std::move(all.front());
}

std::vector<std::uint64_t> RpmHeader::numbers(RpmTag tag) const {
    const Entry* found = entry(tag);
    if (found == nullptr) return {};
    const std::size_t width = width_of(found->type);
    if (width == 0) refuse(found->offset, "numbers");
    if (found->offset > data_.size() || found->count > (data_.size() - found->offset) / width)
        refuse(found->offset, "numbers within it");
    std::vector<std::uint64_t> all;
    all.reserve(found->count);
    for (std::uint32_t i = 0; i < found->count; ++i)
        all.push_back(big_endian(data_.substr(found->offset + i * width, width)));
    return all;
}

std::optional<std::uint64_t> RpmHeader::number(RpmTag tag) const {
    const auto all = numbers(tag);
    if (all.empty()) return std::nullopt;
    return all.front();
}

}  // namespace annexa::collectors
