// Reads the members of a JSON object and names the one that is not as it should be. For the .cpp files of this folder.
#pragma once

#include "evidence/instant.hpp"
#include "evidence/key.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::evidence {

/// Throws coded_error: `too_large` beyond `most_bytes`, `bad_json` for what parse_json refuses.
nlohmann::json read_json(std::string_view bytes, std::size_t most_bytes);
/// The same, and `bad_json` for what is not canonical.
nlohmann::json read_canonical_json(std::string_view bytes, std::size_t most_bytes);

/// Throws coded_error `schema`: "predicate.host.id: expected a UUID".
[[noreturn]] void refuse_member(const std::string& path, const std::string& expected);

/// An object and where it stands. Keeps a reference to the value. Each reader throws coded_error `schema` where the
/// member is absent or something else.
class Members {
  public:
    Members(const nlohmann::json& object, std::string path);

    [[nodiscard]] bool has(std::string_view name) const;
    /// True where the member is there and null: for those that are always written.
    [[nodiscard]] bool is_null(std::string_view name);

    const nlohmann::json& value(std::string_view name);
    Members object(std::string_view name);
    const nlohmann::json& array(std::string_view name);

    /// Text of at most `most` bytes, empty where `least` is 0.
    std::string text(std::string_view name, std::size_t most, std::size_t least = 0);
    /// Text of 1 to 255 bytes without control characters: hosts, origins, accounts.
    std::string label(std::string_view name);
    /// [a-z][a-z0-9_]*, at most 128 bytes: collectors, tables, codes.
    std::string identifier(std::string_view name);
    std::string uuid(std::string_view name);
    std::uint64_t number(std::string_view name, std::uint64_t least = 0, std::uint64_t most = 9007199254740991);
    bool boolean(std::string_view name);
    Digest digest(std::string_view name);               // hex
    std::vector<Digest> hashes(std::string_view name);  // base64 of 32 bytes each; at most 64
    PublicKey key(std::string_view name);               // base64 of DER
    Instant instant(std::string_view name);             // exactly as to_string prints it
    std::string object_text(std::string_view name);     // canonical JSON

    /// Canonical JSON of the members that nothing asked for.
    [[nodiscard]] std::string rest() const;
    [[nodiscard]] std::string path_of(std::string_view name) const;

  private:
    const nlohmann::json& object_;
    std::string path_;
    std::set<std::string, std::less<>> known_;
};

bool is_identifier(std::string_view text);
bool is_label(std::string_view text);
bool is_uuid(std::string_view text);

/// For writers: base64 of each.
nlohmann::json hashes_json(const std::vector<Digest>& hashes);

}  // namespace annexa::evidence
