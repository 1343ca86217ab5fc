// What was read to make a collector's tables; it becomes the table sources_COLLECTOR. Only Host's own parts write it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct Source {
    std::string path;  // of a file, or the name of an interface: "netlink:sock_diag"
    std::optional<std::string>
        sha256;  // hex; only where everybody may read the file: the digest of a secret is a secret
    std::optional<std::uint64_t> size_bytes;
};

/// Keeps each source once. Not thread-safe.
class SourceLog {
  public:
    /// A file whose bytes were read.
    void add(Source source);

    /// An interface, or a file below /proc or /sys: by name alone. The number of a process becomes *, so that the table
    /// does not change with every process.
    void add_name(std::string_view name);

    /// Sorted by path.
    [[nodiscard]] std::vector<Source> sources() const;

  private:
    std::map<std::string, Source, std::less<>> sources_;
};

}  // namespace annexa::collectors
