// A whole policy pack: whatever the bytes are, it is loaded or refused with places, and its cases run or fail.
#include "policies/pack.hpp"
#include "policies/cases.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace annexa::policies;

namespace {

/// pack.yaml, checks/password-age-default.yaml and its cases, separated by lines of %%%.
FileTree files_from(std::string_view bytes) {
    constexpr std::string_view separator = "\n%%%\n";
    FileTree files;
    for (const char* path : {"pack.yaml", "checks/password-age-default.yaml", "cases/password-age-default.yaml"}) {
        const std::size_t end = bytes.find(separator);
        files.emplace(path, bytes.substr(0, end));
        bytes = end == std::string_view::npos ? std::string_view{} : bytes.substr(end + separator.size());
    }
    return files;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const FileTree files = files_from({reinterpret_cast<const char*>(data), size});
    try {
        const Pack pack = load_pack(files, built_in_schemas());
        run_cases(pack, files, built_in_schemas());
    } catch (const pack_errors& problems) {
        for (const PackError& error : problems.errors())
            if (error.line < 1 || error.column < 1 || error.what.empty()) std::abort();
    }
    return 0;
}
