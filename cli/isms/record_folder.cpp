#include "cli/isms/record_folder.hpp"

#include "cli/isms/input_file.hpp"
#include "evidence/errors.hpp"

#include <algorithm>
#include <set>

namespace annexa::cli {
namespace {

namespace fs = std::filesystem;
using evidence::error;

constexpr std::size_t most_files = 10000;
constexpr int deepest = 16;

bool is_yaml(const fs::path& path) { return path.extension() == ".yaml" || path.extension() == ".yml"; }
bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

/// Throws where the bytes of the file on disk cannot be had.
bool holds(const fs::path& file, const std::string& bytes) {
    std::error_code problem;
    return fs::is_regular_file(fs::symlink_status(file, problem)) && fs::file_size(file, problem) == bytes.size() &&
           read_input(file.string()) == bytes;
}

std::vector<fs::path> yaml_files(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code problem;
    if (!fs::is_directory(folder, problem))
        throw error(folder.string() + ": is no folder; annexa isms export makes one");
    for (auto each = fs::recursive_directory_iterator{folder}; each != fs::recursive_directory_iterator{}; ++each) {
        const fs::path& path = each->path();
        if (is_hidden(path)) {
            each.disable_recursion_pending();
            continue;
        }
        if (each->is_symlink())
            throw error(path.string() + ": is a link; expected files that are in the folder itself");
        if (each->is_directory()) {
            if (each.depth() >= deepest) throw error(path.string() + ": is too deep in the folder");
            continue;
        }
        if (!is_yaml(path)) continue;
        if (!each->is_regular_file()) throw error(path.string() + ": is no file");
        if (files.size() == most_files) throw error(folder.string() + ": holds more than 10,000 records");
        files.push_back(path);
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

fs::path record_path_in_folder(const Kind& kind, const std::string& id) {
    if (!is_record_id(id)) throw error("the store names a record " + id + ", which is no id");
    return fs::path{kind.plural} / (id + ".yaml");
}

std::vector<FolderFile> read_folder(const fs::path& folder, const Kinds& kinds) {
    std::vector<FolderFile> files;
    for (const fs::path& path : yaml_files(folder))
        files.push_back(
            {path.lexically_relative(folder), read_document(read_input(path.string()), path.string(), kinds)});
    return files;
}

FolderChanges write_folder(const fs::path& folder, std::span<const RecordDocument> records, const Kinds& kinds) {
    FolderChanges changes;
    std::set<fs::path> wanted;
    for (const RecordDocument& record : records) {
        const Kind& kind = kinds.get(record.kind);
        const fs::path file = folder / record_path_in_folder(kind, record.id);
        wanted.insert(file);
        const std::string bytes = to_yaml(record, kind);
        if (holds(file, bytes)) {
            ++changes.same;
            continue;
        }
        fs::create_directories(file.parent_path());
        write_output(file.string(), bytes);
        ++changes.written;
    }
    for (const Kind& kind : kinds.all()) {
        const fs::path of_kind = folder / kind.plural;
        std::error_code problem;
        if (!fs::is_directory(of_kind, problem)) continue;
        std::vector<fs::path> gone;
        for (const auto& each : fs::directory_iterator{of_kind})
            if (each.path().extension() == ".yaml" && is_record_id(each.path().stem().string()) &&
                !wanted.contains(each.path()))
                gone.push_back(each.path());
        for (const fs::path& path : gone) fs::remove(path);
        changes.removed += gone.size();
        if (fs::is_empty(of_kind)) fs::remove(of_kind);
    }
    return changes;
}

}  // namespace annexa::cli
