// The one file of the engine that touches a disk: a pack as its author keeps it.
#include "evidence/errors.hpp"
#include "policies/pack.hpp"

#include <fstream>
#include <sstream>
#include <system_error>

namespace annexa::policies {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_file = std::uintmax_t{1} << 20;

std::string read_file(const fs::path& path) {
    std::error_code code;
    const std::uintmax_t size = fs::file_size(path, code);
    if (code) throw evidence::error(path.string() + ": " + code.message());
    if (size > largest_file) throw evidence::error(path.string() + ": larger than 1 MiB");
    std::ifstream stream{path, std::ios::binary};
    std::ostringstream bytes;
    bytes << stream.rdbuf();
    if (!stream) throw evidence::error(path.string() + ": cannot be read");
    return bytes.str();
}

/// Editors leave these beside what they edit.
bool is_leftover(const std::string& name) { return name.starts_with(".") || name.ends_with("~"); }

}  // namespace

FileTree read_pack_folder(const fs::path& folder) {
    std::error_code code;
    if (!fs::is_directory(folder, code)) throw evidence::error(folder.string() + ": no such folder");
    FileTree files;
    if (fs::exists(folder / "pack.yaml", code)) files.emplace("pack.yaml", read_file(folder / "pack.yaml"));
    for (const std::string below : {"checks", "cases"}) {
        fs::directory_iterator entries{folder / below, code};
        if (code == std::errc::no_such_file_or_directory) continue;
        if (code) throw evidence::error((folder / below).string() + ": " + code.message());
        for (const fs::directory_entry& entry : entries) {
            const std::string name = entry.path().filename().string();
            if (is_leftover(name)) continue;
            // A file with another ending would be silently no check: load_pack refuses it by name.
            files.emplace(below + "/" + name, entry.is_regular_file(code) ? read_file(entry.path()) : std::string{});
        }
    }
    return files;
}

}  // namespace annexa::policies
