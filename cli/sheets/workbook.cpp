#include "cli/sheets/workbook.hpp"

#include "cli/sheets/number_format.hpp"
#include "cli/sheets/xml.hpp"
#include "evidence/errors.hpp"

#include <charconv>
#include <map>
#include <optional>

namespace annexa::cli::sheets {
namespace {

constexpr std::size_t most_strings = 1000000;
constexpr std::size_t most_styles = 65536;
constexpr std::size_t most_sheets = 1000;

constexpr std::size_t escape_length = 7;  // _xHHHH_

/// The UTF-16 unit that an escape at the front of a text stands for; half a pair stands for nothing.
std::optional<unsigned> escaped_unit(std::string_view text) {
    unsigned unit = 0;
    const std::string_view code = text.substr(0, escape_length);
    if (code.size() != escape_length || !code.starts_with("_x") || code.back() != '_' ||
        std::from_chars(code.data() + 2, code.data() + 6, unit, 16).ptr != code.data() + 6 ||
        (unit >= 0xD800 && unit <= 0xDFFF))
        return std::nullopt;
    return unit;
}

unsigned number_of(std::string_view text) {
    unsigned value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// A part's name from where it is named: "/xl/a.xml" is absolute, "../a.xml" and "a.xml" are beside `from`.
std::string resolved(const std::string& from, std::string_view target) {
    std::vector<std::string> folders;
    const auto walk = [&](std::string_view path) {
        for (std::size_t at = 0; at <= path.size();) {
            const std::size_t cut = std::min(path.find('/', at), path.size());
            const std::string_view name = path.substr(at, cut - at);
            if (name == ".." && !folders.empty()) folders.pop_back();
            if (!name.empty() && name != "." && name != "..") folders.emplace_back(name);
            at = cut + 1;
        }
    };
    if (!target.starts_with('/')) walk(from.substr(0, from.rfind('/') + 1));
    walk(target);
    std::string path;
    for (const std::string& name : folders) path += (path.empty() ? "" : "/") + name;
    return path;
}

/// What a part refers to: by id, and the first of each type.
class Relations final : public XmlHandler {
  public:
    Relations(ZipArchive& archive, const std::string& of) : of_{of} {
        const std::size_t cut = of.rfind('/') + 1;
        const std::string part = of.substr(0, cut) + "_rels/" + of.substr(cut) + ".rels";
        if (archive.has(part)) read_xml(part, archive.open(part), *this);
    }
    void start(std::string_view element, const XmlAttributes& attributes) override {
        if (element != "Relationship" || attributes["TargetMode"] == "External") return;
        const std::string_view type = attributes["Type"];
        const std::string part = resolved(of_, attributes["Target"]);
        by_id.emplace(attributes["Id"], part);
        by_type.emplace(type.substr(type.rfind('/') + 1), part);
    }
    void end(std::string_view) override {}
    void text(std::string_view) override {}

    std::map<std::string, std::string, std::less<>> by_id, by_type;

  private:
    std::string of_;
};

class WorkbookHandler final : public XmlHandler {
  public:
    WorkbookHandler(Workbook& book, const Relations& relations) : book_{book}, relations_{relations} {}
    void start(std::string_view element, const XmlAttributes& attributes) override {
        if (element == "workbookPr")
            book_.since_1904 = attributes["date1904"] == "1" || attributes["date1904"] == "true";
        if (element != "sheet") return;
        if (book_.sheets.size() == most_sheets) throw evidence::error("has more than 1,000 sheets");
        const auto part = relations_.by_id.find(attributes["id"]);
        if (part == relations_.by_id.end()) return;  // a chart or a dialogue of another file
        const std::string_view state = attributes["state"];
        book_.sheets.push_back({std::string{attributes["name"]}, part->second, !state.empty() && state != "visible"});
    }
    void end(std::string_view) override {}
    void text(std::string_view) override {}

  private:
    Workbook& book_;
    const Relations& relations_;
};

/// Plain and rich texts; what is said of their pronunciation (rPh) is no text.
class StringsHandler final : public XmlHandler {
  public:
    explicit StringsHandler(std::vector<std::string>& strings) : strings_{strings} {}
    void start(std::string_view element, const XmlAttributes&) override {
        if (element == "si") text_.clear();
        if (element == "rPh") in_phonetic_ = true;
        if (element == "t") in_text_ = true;
    }
    void end(std::string_view element) override {
        if (element == "rPh") in_phonetic_ = false;
        if (element == "t") in_text_ = false;
        if (element != "si") return;
        if (strings_.size() == most_strings) throw evidence::error("has more than 1,000,000 texts");
        bytes_ += text_.size();
        if (bytes_ > most_text_bytes) throw evidence::error("holds more than 64 MiB of text; split the file");
        strings_.push_back(unescaped(text_));
    }
    void text(std::string_view part) override {
        if (!in_text_ || in_phonetic_) return;
        if (text_.size() + part.size() > most_cell_bytes) throw evidence::error("holds a text of more than 128 KiB");
        text_ += part;
    }

  private:
    std::vector<std::string>& strings_;
    std::string text_;
    std::size_t bytes_ = 0;
    bool in_text_ = false, in_phonetic_ = false;
};

class StylesHandler final : public XmlHandler {
  public:
    explicit StylesHandler(std::vector<bool>& dates) : dates_{dates} {}
    void start(std::string_view element, const XmlAttributes& attributes) override {
        if (element == "cellXfs") in_cells_ = true;
        if (element == "numFmt") {
            if (codes_.size() == most_styles) throw evidence::error("has more than 65,536 formats");
            codes_.insert_or_assign(number_of(attributes["numFmtId"]), std::string{attributes["formatCode"]});
        }
        if (element != "xf" || !in_cells_) return;
        if (dates_.size() == most_styles) throw evidence::error("has more than 65,536 styles");
        const unsigned id = number_of(attributes["numFmtId"]);
        const auto code = codes_.find(id);
        dates_.push_back(is_date_format(id, code != codes_.end() ? std::string_view{code->second} : ""));
    }
    void end(std::string_view element) override {
        if (element == "cellXfs") in_cells_ = false;
    }
    void text(std::string_view) override {}

  private:
    std::vector<bool>& dates_;
    std::map<unsigned, std::string> codes_;  // stand before the styles that name them
    bool in_cells_ = false;
};

}  // namespace

Workbook read_workbook(ZipArchive& archive) {
    const Relations package{archive, ""};
    const auto main = package.by_type.find("officeDocument");
    if (main == package.by_type.end())
        throw evidence::error("is a ZIP archive and no workbook; expected an .xlsx file of a spreadsheet program");
    const std::string& part = main->second;
    const Relations relations{archive, part};
    Workbook book;
    WorkbookHandler handler{book, relations};
    read_xml(part, archive.open(part), handler);
    if (const auto strings = relations.by_type.find("sharedStrings"); strings != relations.by_type.end()) {
        StringsHandler texts{book.strings};
        read_xml(strings->second, archive.open(strings->second), texts);
    }
    if (const auto styles = relations.by_type.find("styles"); styles != relations.by_type.end()) {
        StylesHandler dates{book.styles_with_dates};
        read_xml(styles->second, archive.open(styles->second), dates);
    }
    if (book.sheets.empty()) throw evidence::error("has no sheets");
    return book;
}

std::string unescaped(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::optional<unsigned> unit = escaped_unit(text);
        if (!unit) {
            out.push_back(text.front());
            text.remove_prefix(1);
            continue;
        }
        if (*unit < 0x80) {
            out.push_back(static_cast<char>(*unit));
        } else if (*unit < 0x800) {
            out.push_back(static_cast<char>(0xC0U | *unit >> 6U));
            out.push_back(static_cast<char>(0x80U | (*unit & 0x3FU)));
        } else {
            out.push_back(static_cast<char>(0xE0U | *unit >> 12U));
            out.push_back(static_cast<char>(0x80U | (*unit >> 6U & 0x3FU)));
            out.push_back(static_cast<char>(0x80U | (*unit & 0x3FU)));
        }
        text.remove_prefix(escape_length);
    }
    return out;
}

std::string escaped_for_workbook(std::string_view text) {
    std::string out;
    for (; !text.empty(); text.remove_prefix(1)) {
        if (escaped_unit(text)) out += "_x005F";
        out.push_back(text.front());
    }
    return out;
}

}  // namespace annexa::cli::sheets
