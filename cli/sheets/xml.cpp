#include "cli/sheets/xml.hpp"

#include "evidence/errors.hpp"

#include <expat.h>

#include <array>
#include <exception>
#include <memory>
#include <type_traits>

namespace annexa::cli::sheets {
namespace {

constexpr unsigned most_depth = 64;
constexpr std::size_t most_token_bytes = std::size_t{1} << 20;
constexpr char separator = '|';
constexpr std::array<std::string_view, 3> namespaces = {
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",  // ECMA-376, transitional
    "http://purl.oclc.org/ooxml/spreadsheetml/main",              // strict
    "http://schemas.openxmlformats.org/package/2006/relationships",
};

std::string_view local_name(std::string_view name) {
    const std::size_t cut = name.rfind(separator);
    return cut == std::string_view::npos ? name : name.substr(cut + 1);
}

/// The local name of an element that we read; nothing of another.
std::string_view known_name(std::string_view name) {
    const std::size_t cut = name.rfind(separator);
    if (cut == std::string_view::npos) return {};
    for (const std::string_view known : namespaces)
        if (name.substr(0, cut) == known) return name.substr(cut + 1);
    return {};
}

/// What the callbacks of one run share. Nothing may be thrown through expat: what is thrown waits until it returns.
struct Run {
    XML_Parser parser;
    XmlHandler& handler;
    unsigned depth = 0;
    std::exception_ptr thrown = {};

    template <typename Work>
    void guard(Work work) {
        if (thrown) return;
        try {
            work();
        } catch (...) {
            thrown = std::current_exception();
            XML_StopParser(parser, XML_FALSE);
        }
    }
};

Run& run_of(void* user) { return *static_cast<Run*>(user); }

void on_start(void* user, const XML_Char* name, const XML_Char** attributes) {
    Run& run = run_of(user);
    run.guard([&] {
        if (++run.depth > most_depth) throw evidence::error("has more than 64 elements in one another");
        if (const std::string_view known = known_name(name); !known.empty())
            run.handler.start(known, XmlAttributes{attributes});
    });
}

void on_end(void* user, const XML_Char* name) {
    Run& run = run_of(user);
    run.guard([&] {
        --run.depth;
        if (const std::string_view known = known_name(name); !known.empty()) run.handler.end(known);
    });
}

void on_text(void* user, const XML_Char* text, int length) {
    Run& run = run_of(user);
    run.guard([&] { run.handler.text({text, static_cast<std::size_t>(length)}); });
}

void on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    run_of(user).guard([] { throw evidence::error("declares a document type, which no spreadsheet program writes"); });
}

}  // namespace

std::string_view XmlAttributes::operator[](std::string_view name) const {
    for (const char* const* at = raw_; *at != nullptr; at += 2)
        if (local_name(at[0]) == name) return at[1];
    return {};
}

void read_xml(const std::string& part, const std::function<std::string_view()>& next, XmlHandler& handler) {
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser{
        XML_ParserCreateNS(nullptr, separator), &XML_ParserFree};
    if (!parser) throw evidence::error(part + ": the XML parser could not be set up");
    Run run{parser.get(), handler};
    XML_SetUserData(parser.get(), &run);
    XML_SetElementHandler(parser.get(), on_start, on_end);
    XML_SetCharacterDataHandler(parser.get(), on_text);
    XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
    std::size_t fed = 0;
    for (bool last = false; !last;) {
        const std::string_view bytes = next();
        last = bytes.empty();
        fed += bytes.size();
        const XML_Status status =
            XML_Parse(parser.get(), bytes.data(), static_cast<int>(bytes.size()), last ? XML_TRUE : XML_FALSE);
        if (run.thrown) {
            try {
                std::rethrow_exception(run.thrown);
            } catch (const evidence::error& problem) {
                throw evidence::error(part + " " + problem.what());
            }
        }
        if (status != XML_STATUS_OK)
            throw evidence::error(part + " is not well-formed XML (line " +
                                  std::to_string(XML_GetCurrentLineNumber(parser.get())) + ": " +
                                  XML_ErrorString(XML_GetErrorCode(parser.get())) + "); save the file anew");
        // A tag that does not end is looked at again with each piece.
        if (const XML_Index read = XML_GetCurrentByteIndex(parser.get());
            read >= 0 && fed - static_cast<std::size_t>(read) > most_token_bytes)
            throw evidence::error(part + " has a tag of more than 1 MiB");
    }
}

}  // namespace annexa::cli::sheets
