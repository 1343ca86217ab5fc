// YAML as annexa reads it: YAML 1.2 core schema, one document, and for every value the place where it stands.
//
// Anchors, aliases, tags and duplicate keys are errors: a reader sees at one place what a file says. Configuration
// files and packs are read by the same functions, so that an error looks the same everywhere: `FILE:LINE:COLUMN: what`.
#pragma once

#include "evidence/errors.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annexa::policies {

/// Line and column from 1.
struct Place {
    int line = 1;
    int column = 1;
};

class yaml_error : public evidence::error {
  public:
    yaml_error(Place place, const std::string& what)
        : error(std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + what),
          place_{place},
          bare_{what} {}
    [[nodiscard]] Place place() const { return place_; }
    [[nodiscard]] const std::string& bare() const { return bare_; }  // without the place

  private:
    Place place_;
    std::string bare_;
};

struct YamlMember;

struct YamlNode {
    enum class Kind { null, boolean, integer, real, text, sequence, mapping };

    Kind kind = Kind::null;
    Place place;
    std::string text;  // of a scalar: as written, without quotes
    bool boolean = false;
    std::int64_t integer = 0;
    double real = 0;
    bool literal = false;             // a block scalar `|`: its first line stands one line below `place`
    int literal_indent = 0;           // and its text begins in the column after so many blanks
    std::vector<YamlNode> items;      // of a sequence
    std::vector<YamlMember> members;  // of a mapping, in the order of the file

    /// The value of a member; nothing where there is none.
    [[nodiscard]] const YamlNode* find(std::string_view key) const;
    /// "a number", "a list": for messages.
    [[nodiscard]] std::string_view kind_name() const;
    [[nodiscard]] bool is_scalar() const { return kind != Kind::sequence && kind != Kind::mapping; }
};

struct YamlMember {
    std::string key;
    Place place;  // of the key
    YamlNode value;
};

/// Throws yaml_error at the first thing that is not YAML, or that is outside our profile. An empty text is an empty
/// mapping.
YamlNode parse_yaml(std::string_view text);

}  // namespace annexa::policies
