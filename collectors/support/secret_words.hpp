// Credentials that stand where they should not: on a command line, in a module's arguments, in an address. Their values
// are in no table.
#pragma once

#include <string>
#include <string_view>

namespace annexa::collectors {

/// "password=x" → "password=<hidden>", where the name speaks of a password, secret, token, credential or key.
std::string without_secret(std::string_view assignment);

/// The same for each part between separators: "rw,password=x" → "rw,password=<hidden>".
std::string without_secrets(std::string_view list, char separator);

/// "https://user:x@host/" → "https://user:<hidden>@host/".
std::string without_password(std::string_view address);

}  // namespace annexa::collectors
