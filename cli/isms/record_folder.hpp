// Records as a folder of YAML in git: PLURAL/R-0042.yaml, one file a record, the same bytes for the same records.
#pragma once

#include "cli/isms/record_document.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace annexa::cli {

struct FolderFile {
    std::filesystem::path path;  // below the folder: risks/R-0042.yaml
    RecordDocument document;
};

/// "risks/R-0042.yaml".
std::filesystem::path record_path_in_folder(const Kind& kind, const std::string& id);

/// Every *.yaml and *.yml below the folder, by path; what is hidden (.git) is left out. Throws evidence::error with
/// file, line and column for the first that is no record, for a link or anything else that is no file, and above 10,000
/// files.
std::vector<FolderFile> read_folder(const std::filesystem::path& folder, const Kinds& kinds);

/// What write_folder did.
struct FolderChanges {
    std::size_t written = 0;  // whose bytes are others now
    std::size_t same = 0;
    std::size_t removed = 0;  // records that are no more
};

/// Writes the records, and removes those files of ours (PLURAL/R-0042.yaml) whose record is not among them. Nothing
/// else in the folder is touched.
FolderChanges write_folder(const std::filesystem::path& folder, std::span<const RecordDocument> records,
                           const Kinds& kinds);

}  // namespace annexa::cli
