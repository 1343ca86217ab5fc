#include "cli/sheets/temporary_folder.hpp"

#include "evidence/errors.hpp"

#include <cstdlib>
#include <string>

namespace annexa::cli::sheets {

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "annexa-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw evidence::error(name + ": no folder can be made there; see TMPDIR");
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace annexa::cli::sheets
