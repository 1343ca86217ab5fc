#include "policies/yaml.hpp"

#include "evidence/canonical_json.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <charconv>
#include <cmath>
#include <sstream>

namespace annexa::policies {
namespace {

constexpr std::size_t deepest = 64;

bool all(std::string_view text, bool (*is)(char)) {
    for (const char c : text)
        if (!is(c)) return false;
    return !text.empty();
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_octal(char c) { return c >= '0' && c <= '7'; }
bool is_hexadecimal(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words)
        if (text == word) return true;
    return false;
}

/// YAML 1.2 section 10.3.2: [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool looks_like_float(std::string_view text) {
    const auto skip_digits = [&text] {
        std::size_t count = 0;
        while (count < text.size() && is_digit(text[count])) ++count;
        text.remove_prefix(count);
        return count;
    };
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    const std::size_t whole = skip_digits();
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        if (skip_digits() == 0 && whole == 0) return false;
    } else if (whole == 0) {
        return false;
    }
    if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
        text.remove_prefix(1);
        if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
        if (skip_digits() == 0) return false;
    }
    return text.empty();
}

void read_integer(YamlNode& node, std::string_view digits, int base) {
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), node.integer, base);
    if (code != std::errc{} || end != digits.data() + digits.size())
        throw yaml_error(node.place, "expected a number of at most 64 bits, got " + node.text);
    node.kind = YamlNode::Kind::integer;
}

/// The core schema's resolution of plain scalars, YAML 1.2 section 10.3.2.
void resolve_plain(YamlNode& node) {
    const std::string_view text = node.text;
    const std::string_view unsigned_text = !text.empty() && (text[0] == '-' || text[0] == '+') ? text.substr(1) : text;
    if (text.empty() || is_one_of(text, {"~", "null", "Null", "NULL"})) {
        node.kind = YamlNode::Kind::null;
    } else if (is_one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE"})) {
        node.kind = YamlNode::Kind::boolean;
        node.boolean = text[0] == 't' || text[0] == 'T';
    } else if (all(unsigned_text, is_digit)) {
        read_integer(node, text[0] == '+' ? unsigned_text : text, 10);
    } else if (text.starts_with("0o") && all(text.substr(2), is_octal)) {
        read_integer(node, text.substr(2), 8);
    } else if (text.starts_with("0x") && all(text.substr(2), is_hexadecimal)) {
        read_integer(node, text.substr(2), 16);
    } else if (is_one_of(unsigned_text, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"})) {
        throw yaml_error(node.place, "expected a finite number, got " + node.text);
    } else if (looks_like_float(text)) {
        const char* const begin = text[0] == '+' ? text.data() + 1 : text.data();
        const auto [end, code] = std::from_chars(begin, text.data() + text.size(), node.real);
        if (code != std::errc{} || !std::isfinite(node.real))
            throw yaml_error(node.place, "expected a finite number, got " + node.text);
        node.kind = YamlNode::Kind::real;
    } else {
        node.kind = YamlNode::Kind::text;
    }
}

std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (true) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return lines;
        text.remove_prefix(end + 1);
    }
}

/// Builds the tree from yaml-cpp's events. Its own Node would resolve aliases and forget duplicate keys.
class Builder final : public YAML::EventHandler {
  public:
    explicit Builder(std::string_view text) : lines_{split_lines(text)} {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        // yaml-cpp places an empty value where the next token stands; the reader looks for it beside its key.
        const bool after_key = !open_.empty() && open_.back().has_key;
        YamlNode node = make(mark);
        if (after_key) node.place = open_.back().key_place;
        add(std::move(node));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        throw yaml_error(place_of(mark), "aliases are not allowed here: write the value out");
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        YamlNode node = make(mark);
        node.text = value;
        // An escape in double quotes can make what may not stand in the file itself.
        if (!evidence::is_plain_text(value)) throw yaml_error(node.place, "expected text without NUL");
        if (tag == "?") {
            resolve_plain(node);
        } else {
            node.kind = YamlNode::Kind::text;
            note_literal(node);
        }
        add(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        start(mark, tag, anchor, YamlNode::Kind::sequence);
    }
    void OnSequenceEnd() override { end(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        start(mark, tag, anchor, YamlNode::Kind::mapping);
    }
    void OnMapEnd() override { end(); }

    [[nodiscard]] std::optional<YamlNode>& root() { return root_; }

  private:
    struct Open {
        YamlNode node;
        bool has_key = false;
        std::string key;
        Place key_place;
    };

    static Place place_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }
    static YamlNode make(const YAML::Mark& mark) {
        YamlNode node;
        node.place = place_of(mark);
        return node;
    }
    static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != 0) throw yaml_error(place_of(mark), "anchors are not allowed here");
    }
    void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
        if ((tag != "?" && tag != "!") || first_character(place_of(mark)) == '!')
            throw yaml_error(place_of(mark), "tags are not allowed here");
    }
    [[nodiscard]] char first_character(Place place) const {
        const auto line = static_cast<std::size_t>(place.line - 1);
        const auto column = static_cast<std::size_t>(place.column - 1);
        return line < lines_.size() && column < lines_[line].size() ? lines_[line][column] : '\0';
    }

    /// Where the text of a block scalar `|` stands, so that an error in the middle of a query can be placed.
    void note_literal(YamlNode& node) const {
        if (first_character(node.place) != '|') return;
        node.literal = true;
        for (auto i = static_cast<std::size_t>(node.place.line); i < lines_.size(); ++i) {
            const std::size_t indent = lines_[i].find_first_not_of(' ');
            if (indent == std::string_view::npos) continue;
            node.literal_indent = static_cast<int>(indent);
            return;
        }
    }

    void start(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        if (open_.size() >= deepest) throw yaml_error(place_of(mark), "expected less than 64 levels of nesting");
        Open open;
        open.node = make(mark);
        open.node.kind = kind;
        if (!open_.empty() && open_.back().node.kind == YamlNode::Kind::mapping && !open_.back().has_key)
            throw yaml_error(open.node.place, "expected a word as key");
        open_.push_back(std::move(open));
    }

    void end() {
        YamlNode node = std::move(open_.back().node);
        open_.pop_back();
        add(std::move(node));
    }

    void add(YamlNode node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& open = open_.back();
        if (open.node.kind == YamlNode::Kind::sequence) {
            open.node.items.push_back(std::move(node));
        } else if (!open.has_key) {
            if (node.kind == YamlNode::Kind::null) throw yaml_error(node.place, "expected a word as key");
            if (open.node.find(node.text) != nullptr)
                throw yaml_error(node.place, "`" + node.text + "` stands here twice");
            open.has_key = true;
            open.key = std::move(node.text);
            open.key_place = node.place;
        } else {
            open.has_key = false;
            open.node.members.push_back({std::move(open.key), open.key_place, std::move(node)});
        }
    }

    std::vector<std::string_view> lines_;
    std::vector<Open> open_;
    std::optional<YamlNode> root_;
};

Place place_of_byte(std::string_view text, std::size_t byte) {
    Place place;
    for (const char c : text.substr(0, byte)) {
        place.column = c == '\n' ? 1 : place.column + 1;
        place.line += c == '\n' ? 1 : 0;
    }
    return place;
}

/// What ends too early is missed behind the last line feed: the last line of the text, as an editor counts.
Place within(std::string_view text, Place place) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    const Place end = place_of_byte(text, text.size());
    return place.line > end.line ? end : place;
}

/// The first byte that may not stand in a text of ours: yaml-cpp itself lets all pass.
void require_plain_text(std::string_view text) {
    if (evidence::is_plain_text(text)) return;
    std::size_t good = 0;
    for (std::size_t end = 0; end <= text.size(); end = text.find('\n', end) + 1) {
        if (!evidence::is_plain_text(text.substr(0, end))) break;
        good = end;
        if (text.find('\n', end) == std::string_view::npos) break;
    }
    throw yaml_error(place_of_byte(text, good), "expected UTF-8 without NUL in this line");
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    for (const YamlMember& member : members)
        if (member.key == key) return &member.value;
    return nullptr;
}

std::string_view YamlNode::kind_name() const {
    switch (kind) {
        case Kind::null:
            return "nothing";
        case Kind::boolean:
            return "true or false";
        case Kind::integer:
            return "a whole number";
        case Kind::real:
            return "a number";
        case Kind::text:
            return "text";
        case Kind::sequence:
            return "a list";
        case Kind::mapping:
            return "a mapping";
    }
    return "";
}

YamlNode parse_yaml(std::string_view text) {
    require_plain_text(text);
    Builder builder{text};
    try {
        std::istringstream stream{std::string{text}};
        YAML::Parser parser{stream};
        parser.HandleNextDocument(builder);
        std::optional<YamlNode> root = std::move(builder.root());
        if (root && parser.HandleNextDocument(builder))
            throw yaml_error(builder.root() ? builder.root()->place : Place{}, "expected one document, not a second");
        if (!root || root->kind == YamlNode::Kind::null) {
            root.emplace();
            root->kind = YamlNode::Kind::mapping;
        }
        return std::move(*root);
    } catch (const YAML::Exception& problem) {
        const Place place = problem.mark.is_null() ? Place{} : Place{problem.mark.line + 1, problem.mark.column + 1};
        throw yaml_error(within(text, place), "expected YAML: " + problem.msg);
    }
}

}  // namespace annexa::policies
