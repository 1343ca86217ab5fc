#include "server-stub/isms/media_type.hpp"

#include <algorithm>
#include <array>

namespace annexa::store::isms {
namespace {

using namespace std::string_view_literals;

struct Signature {
    std::string_view bytes;
    std::string_view type;
};

// From the formats' own specifications: what a file of the type begins with.
constexpr std::array signatures{
    Signature{"%PDF-"sv, "application/pdf"},
    Signature{"\x89PNG\r\n\x1a\n"sv, "image/png"},
    Signature{"\xff\xd8\xff"sv, "image/jpeg"},
    Signature{"GIF87a"sv, "image/gif"},
    Signature{"GIF89a"sv, "image/gif"},
    Signature{"II*\0"sv, "image/tiff"},
    Signature{"MM\0*"sv, "image/tiff"},
    Signature{"\x1f\x8b\x08"sv, "application/gzip"},
    Signature{"\x28\xb5\x2f\xfd"sv, "application/zstd"},
    Signature{"7z\xbc\xaf\x27\x1c"sv, "application/x-7z-compressed"},
    Signature{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "application/x-ole-storage"},
    Signature{"SQLite format 3\0"sv, "application/vnd.sqlite3"},
};

/// A ZIP archive, or a document that is one: told by the names of its first members.
std::string_view archive_type(std::string_view bytes) {
    constexpr std::size_t looked_at = 4096;
    const std::string_view head = bytes.substr(0, looked_at);
    const auto holds = [&](std::string_view name) { return head.find(name) != std::string_view::npos; };
    if (holds("mimetypeapplication/vnd.oasis.opendocument.text")) return "application/vnd.oasis.opendocument.text";
    if (holds("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"))
        return "application/vnd.oasis.opendocument.spreadsheet";
    if (holds("[Content_Types].xml") || holds("_rels/.rels")) {
        if (bytes.find("word/document.xml") != std::string_view::npos)
            return "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        if (bytes.find("xl/workbook.xml") != std::string_view::npos)
            return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        if (bytes.find("ppt/presentation.xml") != std::string_view::npos)
            return "application/vnd.openxmlformats-officedocument.presentationml.presentation";
    }
    return "application/zip";
}

/// UTF-8 (RFC 3629) without control characters but line breaks and tabs.
bool is_text(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        if (byte < 0x80) {
            if ((byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7f) return false;
            ++i;
            continue;
        }
        const std::size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
        if (byte < 0xc2 || byte > 0xf4 || i + length > bytes.size()) return false;
        for (std::size_t j = 1; j < length; ++j)
            if ((static_cast<unsigned char>(bytes[i + j]) & 0xc0) != 0x80) return false;
        i += length;
    }
    return true;
}

}  // namespace

std::string media_type(std::string_view bytes) {
    const auto found = std::find_if(signatures.begin(), signatures.end(),
                                    [&](const Signature& one) { return bytes.starts_with(one.bytes); });
    if (found != signatures.end()) return std::string{found->type};
    if (bytes.starts_with("PK\x03\x04"sv) || bytes.starts_with("PK\x05\x06"sv)) return std::string{archive_type(bytes)};
    return is_text(bytes) ? "text/plain; charset=utf-8" : "application/octet-stream";
}

}  // namespace annexa::store::isms
