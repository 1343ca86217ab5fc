// Bytes by their SHA-256: tables, packs, documents. Outside the log and outside the database, so that what the law may
// require to be erased can be. Whether somebody may see or drop a blob is the Store's matter (Holding).
#pragma once

#include "evidence/digest.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::store {

/// Blocking and thread-safe. Throws store_unavailable where bytes cannot be made durable or be read.
class Blobs {
  public:
    virtual ~Blobs() = default;
    /// Durable when it returns. The digest must be that of the bytes (not computed again).
    virtual void put(const evidence::Digest& digest, std::string_view bytes) = 0;
    /// As they were put; nothing where there is none. Throws error where what is stored is damaged: a caller never gets
    /// bytes of another digest.
    virtual std::optional<std::string> get(const evidence::Digest& digest) const = 0;
    virtual bool remove(const evidence::Digest& digest) = 0;
    virtual std::vector<evidence::Digest> list() const = 0;
};

}  // namespace annexa::store
