#include "collectors/support/ssh_public_key.hpp"

#include "collectors/support/text.hpp"
#include "evidence/digest.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace annexa::collectors {
namespace {

struct Kind {
    std::string_view name;
    std::int64_t bits;  // 0: told by the key
};
constexpr std::array<Kind, 9> kinds{Kind{"ssh-ed25519", 256},
                                    Kind{"ssh-rsa", 0},
                                    Kind{"ssh-dss", 0},
                                    Kind{"ecdsa-sha2-nistp256", 256},
                                    Kind{"ecdsa-sha2-nistp384", 384},
                                    Kind{"ecdsa-sha2-nistp521", 521},
                                    Kind{"sk-ssh-ed25519@openssh.com", 256},
                                    Kind{"sk-ecdsa-sha2-nistp256@openssh.com", 256},
                                    Kind{"ssh-ed448", 448}};

const Kind* find_kind(std::string_view name) {
    const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) { return kind.name == name; });
    return found == kinds.end() ? nullptr : &*found;
}

// A string of RFC 4251: four bytes of length, big-endian, and that many bytes.
std::optional<std::string_view> take_string(std::string_view& blob) {
    if (blob.size() < 4) return std::nullopt;
    std::uint32_t length = 0;
    for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(blob[static_cast<std::size_t>(i)]);
    if (length > blob.size() - 4) return std::nullopt;
    const std::string_view text = blob.substr(4, length);
    blob.remove_prefix(4 + length);
    return text;
}

std::int64_t bits_of(std::string_view number) {
    while (!number.empty() && number[0] == '\0') number.remove_prefix(1);
    if (number.empty()) return 0;
    return static_cast<std::int64_t>(8 * (number.size() - 1)) +
           std::bit_width(static_cast<unsigned>(static_cast<unsigned char>(number[0])));
}

// The first word; blanks within double quotes belong to it.
std::string_view take_options(std::string_view& rest) {
    bool quoted = false;
    std::size_t i = 0;
    for (; i < rest.size() && (quoted || (rest[i] != ' ' && rest[i] != '\t')); ++i) {
        if (rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == '"')
            ++i;
        else if (rest[i] == '"')
            quoted = !quoted;
    }
    const std::string_view word = rest.substr(0, i);
    rest = text::trimmed(rest.substr(i));
    return word;
}

std::vector<std::string> split_options(std::string_view word) {
    std::vector<std::string> options(1);
    bool quoted = false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (word[i] == '\\' && i + 1 < word.size() && word[i + 1] == '"') {
            options.back() += word[i++];
        } else if (word[i] == '"') {
            quoted = !quoted;
        } else if (word[i] == ',' && !quoted) {
            options.emplace_back();
            continue;
        }
        options.back() += word[i];
    }
    return options;
}

}  // namespace

std::optional<SshPublicKey> parse_authorized_key(std::string_view line) {
    line = text::trimmed(line);
    if (line.empty() || line[0] == '#') return std::nullopt;
    SshPublicKey key;
    auto [first, rest] = text::split_at_blank(line);
    const Kind* kind = find_kind(first);
    if (kind == nullptr) {
        rest = line;
        key.options = split_options(take_options(rest));
        std::tie(first, rest) = text::split_at_blank(rest);
        kind = find_kind(first);
        if (kind == nullptr) return std::nullopt;
    }
    const auto [encoded, comment] = text::split_at_blank(rest);
    std::string bytes;
    try {
        bytes = evidence::from_any_base64(encoded);
    } catch (const evidence::error&) {
        return std::nullopt;
    }
    std::string_view blob = bytes;
    if (take_string(blob) != kind->name) return std::nullopt;
    key.bits = kind->bits;
    if (kind->bits == 0) {
        auto number = take_string(blob);  // ssh-rsa: e, n; ssh-dss: p
        if (kind->name == "ssh-rsa" && number) number = take_string(blob);
        if (!number) return std::nullopt;
        key.bits = bits_of(*number);
    } else if (!take_string(blob)) {
        return std::nullopt;
    }
    key.algorithm = kind->name;
    key.base64 = encoded;
    key.comment = comment;
    const evidence::Digest digest = evidence::sha256(bytes);
    key.fingerprint = evidence::to_base64(digest.view());
    while (key.fingerprint.ends_with('=')) key.fingerprint.pop_back();
    key.fingerprint.insert(0, "SHA256:");
    return key;
}

}  // namespace annexa::collectors
