// Reads the members of a YAML mapping, collecting all that is wrong with them: for packs and cases.
#pragma once

#include "policies/pack.hpp"
#include "policies/yaml.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::policies {

/// What was wrong so far, in one file.
class Problems {
  public:
    Problems(std::vector<PackError>& into, std::string file) : into_{into}, file_{std::move(file)} {}
    void add(Place place, std::string what) { into_.push_back({file_, place.line, place.column, std::move(what)}); }
    [[nodiscard]] const std::string& file() const { return file_; }

  private:
    std::vector<PackError>& into_;
    std::string file_;
};

/// One mapping. Each member is asked for once; finish() names those that nobody asked for. What is missing or of the
/// wrong kind is reported, and the answer is then empty, so that the reading goes on to the next error.
class FieldReader {
  public:
    /// `what` names the mapping in messages: "a check".
    FieldReader(const YamlNode& node, Problems& problems, std::string what);

    /// Nothing where it is not there; where it is required, that is reported.
    const YamlNode* optional(std::string_view key);
    const YamlNode* required(std::string_view key);

    std::string text(std::string_view key);
    std::string optional_text(std::string_view key);
    /// A list of words; nothing there is an empty list.
    std::vector<const YamlNode*> list(std::string_view key, bool is_required);
    std::vector<std::string> words(std::string_view key, bool is_required);

    void finish();

    [[nodiscard]] Place place() const { return node_.place; }

  private:
    std::string as_text(std::string_view key, const YamlNode* value);

    const YamlNode& node_;
    Problems& problems_;
    std::string what_;
    std::set<std::string, std::less<>> asked_;
};

/// A word of lower-case letters, digits and the separator, which stands neither first nor last.
bool is_word(std::string_view text, char separator);

}  // namespace annexa::policies
