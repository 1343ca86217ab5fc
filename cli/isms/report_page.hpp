// A document that a record froze as a page: lines and tables of its members, people by their names.
#pragma once

#include "cli/isms/records.hpp"

#include <nlohmann/json_fwd.hpp>

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace annexa::cli {

class ReportPage {
  public:
    /// Both must outlive it.
    ReportPage(const nlohmann::json& document, const Names& names) : document_{document}, names_{names} {}

    void heading(std::string_view text);
    /// "Head: text"; nothing where the text is empty.
    void line(std::string_view head, const std::string& text);
    void member(std::string_view head, std::string_view name) { line(head, value_of(document_, name)); }
    void paragraph(std::string_view name);
    void digest(const std::string& text);
    /// A section with a row an item; none where the list is not there.
    void table(std::string_view title, std::string_view list,
               std::initializer_list<std::pair<std::string, std::string>> columns);  // member, head
    /// Whatever the document holds and was not left out: texts as lines, lists of objects as tables, objects as
    /// sections.
    void everything(std::initializer_list<std::string_view> but = {});

    /// The whole page: one HTML file with nothing to load and nothing that runs.
    [[nodiscard]] std::string html(const std::string& title) const;

  private:
    [[nodiscard]] std::string text(const nlohmann::json& value) const;
    [[nodiscard]] std::string value_of(const nlohmann::json& object, std::string_view name) const;
    void object(const nlohmann::json& value, std::string_view path, std::initializer_list<std::string_view> but);
    void rows(const nlohmann::json& list, std::span<const std::pair<std::string, std::string>> columns);

    const nlohmann::json& document_;
    const Names& names_;
    std::string body_;
};

/// A frozen document of any kind. `digest`: its SHA-256, in hex.
std::string frozen_document_html(const nlohmann::json& document, const std::string& title, const std::string& digest,
                                 const Names& names);

}  // namespace annexa::cli
