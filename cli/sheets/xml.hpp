// XML of office files, read as a stream by expat within bounds: no document type, hence no entities of a file's own; at
// most 64 elements in one another.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace annexa::cli::sheets {

/// Attributes of an element, as long as start() runs. Those with a namespace are found by their local name too.
class XmlAttributes {
  public:
    explicit XmlAttributes(const char* const* raw) : raw_{raw} {}
    /// "" where there is none.
    [[nodiscard]] std::string_view operator[](std::string_view name) const;

  private:
    const char* const* raw_;
};

/// Hears of the elements of spreadsheets and relationships, by their local names; those of other namespaces are passed
/// over, what stands in them is not.
class XmlHandler {
  public:
    virtual ~XmlHandler() = default;
    virtual void start(std::string_view element, const XmlAttributes& attributes) = 0;
    virtual void end(std::string_view element) = 0;
    /// A part of a text; more may follow.
    virtual void text(std::string_view part) = 0;
};

/// Reads until `next` returns nothing. Throws evidence::error that names the part, or what the handler throws.
void read_xml(const std::string& part, const std::function<std::string_view()>& next, XmlHandler& handler);

}  // namespace annexa::cli::sheets
