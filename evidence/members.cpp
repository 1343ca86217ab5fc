#include "evidence/members.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::evidence {

using nlohmann::json;

json read_json(std::string_view bytes, std::size_t most_bytes) {
    if (bytes.size() > most_bytes)
        throw coded_error("too_large", "larger than " + std::to_string(most_bytes) + " bytes");
    try {
        return parse_json(bytes, {.bytes = most_bytes});
    } catch (const format_error& problem) {
        throw coded_error("bad_json", problem.what());
    }
}

json read_canonical_json(std::string_view bytes, std::size_t most_bytes) {
    json value = read_json(bytes, most_bytes);
    const std::string again = canonical_json(value);
    if (again != bytes) {
        const auto difference = std::mismatch(again.begin(), again.end(), bytes.begin(), bytes.end());
        throw coded_error("bad_json", format_error(static_cast<std::size_t>(difference.second - bytes.begin()),
                                                   "canonical JSON (RFC 8785)")
                                          .what());
    }
    return value;
}

void refuse_member(const std::string& path, const std::string& expected) {
    throw coded_error("schema", path + ": expected " + expected);
}

bool is_identifier(std::string_view text) {
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    return !text.empty() && text.size() <= 128 && lower(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_label(std::string_view text) {
    return !text.empty() && text.size() <= 255 && is_plain_text(text) &&
           std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    }
    return true;
}

json hashes_json(const std::vector<Digest>& hashes) {
    json array = json::array();
    for (const Digest& hash : hashes) array.push_back(to_base64(hash.view()));
    return array;
}

Members::Members(const json& object, std::string path) : object_{object}, path_{std::move(path)} {
    if (!object.is_object()) refuse_member(path_.empty() ? "the whole" : path_, "an object");
}

std::string Members::path_of(std::string_view name) const {
    return path_.empty() ? std::string{name} : path_ + "." + std::string{name};
}

bool Members::has(std::string_view name) const { return object_.contains(name); }

bool Members::is_null(std::string_view name) { return value(name).is_null(); }

const json& Members::value(std::string_view name) {
    known_.emplace(name);
    const auto found = object_.find(name);
    if (found == object_.end()) refuse_member(path_of(name), "a value, the member is absent");
    return *found;
}

Members Members::object(std::string_view name) { return {value(name), path_of(name)}; }

const json& Members::array(std::string_view name) {
    const json& found = value(name);
    if (!found.is_array()) refuse_member(path_of(name), "an array");
    return found;
}

std::string Members::text(std::string_view name, std::size_t most, std::size_t least) {
    const json& found = value(name);
    if (!found.is_string()) refuse_member(path_of(name), "text");
    const auto& text = found.get_ref<const std::string&>();
    if (text.size() > most || text.size() < least)
        refuse_member(path_of(name), "text of " + std::to_string(least) + " to " + std::to_string(most) + " bytes");
    return text;
}

std::string Members::label(std::string_view name) {
    std::string found = text(name, 255, 1);
    if (!is_label(found)) refuse_member(path_of(name), "text without control characters");
    return found;
}

std::string Members::identifier(std::string_view name) {
    std::string found = text(name, 128, 1);
    if (!is_identifier(found)) refuse_member(path_of(name), "lower-case letters, digits and underscores");
    return found;
}

std::string Members::uuid(std::string_view name) {
    std::string found = text(name, 64);
    if (!is_uuid(found)) refuse_member(path_of(name), "a UUID in lower case");
    return found;
}

std::uint64_t Members::number(std::string_view name, std::uint64_t least, std::uint64_t most) {
    const json& found = value(name);
    if (!found.is_number_unsigned() || found.get<std::uint64_t>() < least || found.get<std::uint64_t>() > most)
        refuse_member(path_of(name), "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return found.get<std::uint64_t>();
}

bool Members::boolean(std::string_view name) {
    const json& found = value(name);
    if (!found.is_boolean()) refuse_member(path_of(name), "true or false");
    return found.get<bool>();
}

Digest Members::digest(std::string_view name) {
    try {
        return Digest::from_hex(text(name, 64));
    } catch (const format_error&) {
        refuse_member(path_of(name), "a SHA-256 digest in 64 lower-case hexadecimal digits");
    }
}

std::vector<Digest> Members::hashes(std::string_view name) {
    const json& found = array(name);
    if (found.size() > 64) refuse_member(path_of(name), "at most 64 hashes");
    std::vector<Digest> hashes;
    for (const json& element : found) {
        try {
            if (!element.is_string()) throw format_error(0, "text");
            hashes.push_back(Digest::from_bytes(from_base64(element.get_ref<const std::string&>())));
        } catch (const format_error&) {
            refuse_member(path_of(name) + "[" + std::to_string(hashes.size()) + "]", "base64 of 32 bytes");
        }
    }
    return hashes;
}

PublicKey Members::key(std::string_view name) {
    try {
        return PublicKey::from_base64(text(name, 64));
    } catch (const format_error&) {
        refuse_member(path_of(name), "base64 of an Ed25519 SubjectPublicKeyInfo");
    }
}

Instant Members::instant(std::string_view name) {
    const std::string found = text(name, 64);
    try {
        const Instant instant = parse_instant(found);
        if (to_string(instant) == found) return instant;
    } catch (const format_error&) {
        // refused below, in the words that fit either case
    }
    refuse_member(path_of(name), "a time such as 2026-11-24T09:30:00.000Z");
}

std::string Members::object_text(std::string_view name) {
    const json& found = value(name);
    if (!found.is_object()) refuse_member(path_of(name), "an object");
    return canonical_json(found);
}

std::string Members::rest() const {
    json rest = json::object();
    for (const auto& [name, member] : object_.items())
        if (!known_.contains(name)) rest[name] = member;
    return canonical_json(rest);
}

}  // namespace annexa::evidence
