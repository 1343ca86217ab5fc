// What a file is, by its bytes: what a name or a header claims is not believed.
#pragma once

#include <string>
#include <string_view>

namespace annexa::store::isms {

/// "application/pdf", "image/png", …; "text/plain; charset=utf-8" for UTF-8 without control characters;
/// "application/octet-stream" for what is none of these. Never a type that a browser would run.
std::string media_type(std::string_view bytes);

}  // namespace annexa::store::isms
