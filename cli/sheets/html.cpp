#include "cli/sheets/html.hpp"

#include "evidence/digest.hpp"
#include "evidence/encoding.hpp"
#include "evidence/utf8.hpp"

namespace annexa::cli::sheets {
namespace {

bool may_stand(std::uint32_t point) {
    if (point == '\n' || point == '\t') return true;
    return point != evidence::not_utf8 && point >= 0x20 && !(point >= 0x7F && point < 0xA0) &&
           !evidence::is_noncharacter(point);
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::string_view before = text;
        const std::uint32_t point = evidence::take_code_point(text);
        if (!may_stand(point)) {
            out += "\xEF\xBF\xBD";
            continue;
        }
        switch (point) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += before.substr(0, before.size() - text.size());
        }
    }
    return out;
}

std::string html_page(std::string_view title, std::string_view style, std::string_view body) {
    const std::string hash = evidence::to_base64(evidence::sha256(style).view());
    std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
    page += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-" + hash +
            "'; base-uri 'none'; form-action 'none'\">\n";
    page += "<meta name=\"referrer\" content=\"no-referrer\">\n";
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    page += "<title>" + escaped(title) + "</title>\n<style>" + std::string{style} + "</style>\n</head>\n<body>\n";
    page += std::string{body} + "</body>\n</html>\n";
    return page;
}

}  // namespace annexa::cli::sheets
