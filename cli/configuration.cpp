#include "cli/configuration.hpp"

#include "evidence/errors.hpp"

#include <yaml-cpp/yaml.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

namespace annexa::cli {
namespace {

constexpr std::size_t most_token_bytes = 16384;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
}

std::string bounded(std::istream& in, const std::string& what) {
    std::string text(most_token_bytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > most_token_bytes) throw evidence::error(what + " holds more than a token");
    return text;
}

/// A descriptor that closes itself.
struct Descriptor {
    int number = -1;
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
};

}  // namespace

std::filesystem::path configuration_path() {
    if (const std::string folder = variable("XDG_CONFIG_HOME"); !folder.empty())
        return std::filesystem::path{folder} / "annexa/config.yaml";
    const std::string home = variable("HOME");
    if (home.empty()) throw evidence::error("neither HOME nor XDG_CONFIG_HOME is set; put the token into ANNEXA_TOKEN");
    return std::filesystem::path{home} / ".config/annexa/config.yaml";
}

std::string read_token_text(const std::string& file) {
    if (file == "-") return bounded(std::cin, "standard input");
    std::ifstream in{file, std::ios::binary};
    if (!in)
        throw evidence::error(file + ": cannot be read; give a file that holds the token, or - for standard input");
    return bounded(in, file);
}

evidence::Token read_token() {
    if (const std::string text = variable("ANNEXA_TOKEN"); !text.empty()) return evidence::parse_token(text);
    const std::filesystem::path path = configuration_path();
    if (!std::filesystem::exists(path))
        throw evidence::error(
            "no token: run `annexa login`, or set ANNEXA_TOKEN to one that `annexa-server token create --role reader` "
            "printed");
    try {
        return evidence::parse_token(YAML::LoadFile(path.string())["token"].as<std::string>());
    } catch (const YAML::Exception&) {
        throw evidence::error(path.string() + ": expected a line `token: annexa1.…`; run `annexa login` again");
    }
}

void demand_person(const evidence::Token& token) {
    if (token.role == "agent")
        throw evidence::error(
            "this token enrols an agent and opens nothing to people; ask for one of role reader or higher");
}

void write_token(const std::filesystem::path& path, const evidence::Token& token) {
    std::filesystem::create_directories(path.parent_path());
    std::filesystem::permissions(path.parent_path(), std::filesystem::perms::owner_all);
    const std::filesystem::path fresh = path.string() + ".new";
    const std::string text =
        "# Written by `annexa login`. Whoever reads this file may do what the token allows.\ntoken: " +
        evidence::encode_token(token) + "\n";
    std::filesystem::remove(fresh);
    {
        const Descriptor file{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
        if (file.number < 0 || ::write(file.number, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
            ::fsync(file.number) != 0)
            throw evidence::error(fresh.string() + ": cannot be written");
    }
    std::filesystem::rename(fresh, path);
}

}  // namespace annexa::cli
