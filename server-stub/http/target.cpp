#include "server-stub/http/router.hpp"

#include "evidence/canonical_json.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace annexa::store {
namespace {

constexpr std::size_t longest_target_bytes = 4096;

bool is_clean(std::string_view text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
    return evidence::is_plain_text(text);
}

}  // namespace

std::optional<Target> parse_target(std::string_view target) {
    if (target.size() > longest_target_bytes) return std::nullopt;
    const auto parsed = boost::urls::parse_origin_form(target);
    if (!parsed) return std::nullopt;
    // Boost.URL hides a leading "/." from segments(): RFC 3986 section 4.2 has it only to protect what follows.
    if (parsed->encoded_path().starts_with("/./")) return std::nullopt;
    Target result;
    if (parsed->encoded_path() == "/") {
        result.path = "/";
    } else {
        for (const std::string& segment : parsed->segments()) {
            if (segment.empty() || segment == "." || segment == "..") return std::nullopt;
            if (segment.find('/') != std::string::npos || !is_clean(segment)) return std::nullopt;
            result.path += '/';
            result.path += segment;
        }
    }
    for (const auto& parameter : parsed->params()) {
        if (!is_clean(parameter.key) || !is_clean(parameter.value)) return std::nullopt;
        result.query.emplace_back(parameter.key, parameter.value);
    }
    return result;
}

}  // namespace annexa::store
