#include "collectors/machine.hpp"
#include "collectors/rooted_files.hpp"
#include "collectors/support/text.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace annexa::collectors {
namespace {

class Image final : public Machine {
  public:
    explicit Image(const std::string& root) : files_{root, sources} {}
    Host host() override { return {files_, nullptr, nullptr}; }

  private:
    RootedFiles files_;
};

}  // namespace

std::unique_ptr<Machine> image_machine(std::string_view root) {
    const std::string folder{root};
    struct stat found {};
    if (::stat(folder.c_str(), &found) != 0)
        throw evidence::error(text::printable(folder) + ": " + std::strerror(errno));
    if (!S_ISDIR(found.st_mode)) throw evidence::error(text::printable(folder) + ": not a folder");
    return std::make_unique<Image>(folder);
}

}  // namespace annexa::collectors
