#include "cli/isms/nonce.hpp"

#include "cli/isms/input_file.hpp"
#include "evidence/digest.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"

#include <cstdlib>

namespace annexa::cli {
namespace {

constexpr std::size_t nonce_bytes = 32;
constexpr std::size_t most_bytes = 4096;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
}

}  // namespace

std::filesystem::path nonce_path(const std::string& file, const std::string& hash) {
    if (!file.empty()) return file;
    std::filesystem::path state = variable("XDG_STATE_HOME");
    if (state.empty()) {
        if (variable("HOME").empty())
            throw evidence::error(
                "neither HOME nor XDG_STATE_HOME is set; say with --nonce-file where the nonce is kept");
        state = std::filesystem::path{variable("HOME")} / ".local/state";
    }
    return state / "annexa/nonces" / hash;
}

std::string make_nonce() { return evidence::to_hex(evidence::random_bytes(nonce_bytes)); }

void keep_nonce(const std::filesystem::path& path, const std::string& nonce) {
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
    write_output(path.string(), nonce + "\n", true);
}

std::string read_nonce(const std::filesystem::path& path, const std::string& hash) {
    std::string nonce = read_input(path.string(), most_bytes);
    while (nonce.ends_with('\n') || nonce.ends_with('\r')) nonce.pop_back();
    if (evidence::sha256(nonce).hex() != hash)
        throw evidence::error(path.string() +
                              ": is not the nonce whose hash was logged before the population was frozen");
    return nonce;
}

}  // namespace annexa::cli
