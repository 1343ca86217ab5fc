// Blobs as files: FOLDER/ab/cdef….zst, one zstd frame each.
#pragma once

#include "server-stub/storage/blobs.hpp"

#include <filesystem>

namespace annexa::store {

/// A file appears under its name only when its bytes and its name are durable: written beside, synced, renamed, the
/// folder synced. What a crash leaves beside (NAME.tmp-…) is nobody's and is not listed.
class BlobFolder final : public Blobs {
  public:
    /// Makes the folder, mode 0700, where it is not there.
    explicit BlobFolder(std::filesystem::path folder);

    void put(const evidence::Digest& digest, std::string_view bytes) override;
    [[nodiscard]] std::optional<std::string> get(const evidence::Digest& digest) const override;
    bool remove(const evidence::Digest& digest) override;
    [[nodiscard]] std::vector<evidence::Digest> list() const override;

    [[nodiscard]] std::filesystem::path path_of(const evidence::Digest& digest) const;

  private:
    std::filesystem::path folder_;
};

}  // namespace annexa::store
