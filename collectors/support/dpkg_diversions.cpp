#include "collectors/support/dpkg_diversions.hpp"

#include "collectors/support/text.hpp"

namespace annexa::collectors {

// Triples of lines: the path, where it went, and the package whose files stay.
DpkgDiversions::DpkgDiversions(Files& files) {
    const auto file = files.read("/var/lib/dpkg/diversions");
    if (!file) return;
    const auto lines = text::raw_lines(file->text);
    for (std::size_t i = 0; i + 2 < lines.size(); i += 3)
        diverted_[std::string{lines[i].text}] = {std::string{lines[i + 1].text}, std::string{lines[i + 2].text}};
}

std::string DpkgDiversions::place_of(const std::string& path, const std::string& package) const {
    const auto found = diverted_.find(path);
    return found == diverted_.end() || found->second.second == package ? path : found->second.first;
}

}  // namespace annexa::collectors
