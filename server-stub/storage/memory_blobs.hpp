// Blobs in memory: for tests and benchmarks.
#pragma once

#include "server-stub/storage/blobs.hpp"

#include <map>
#include <mutex>

namespace annexa::store {

class MemoryBlobs final : public Blobs {
  public:
    void put(const evidence::Digest& digest, std::string_view bytes) override {
        const std::lock_guard lock{mutex_};
        blobs_.insert_or_assign(digest, std::string{bytes});
    }
    std::optional<std::string> get(const evidence::Digest& digest) const override {
        const std::lock_guard lock{mutex_};
        const auto found = blobs_.find(digest);
        return found == blobs_.end() ? std::nullopt : std::optional{found->second};
    }
    bool remove(const evidence::Digest& digest) override {
        const std::lock_guard lock{mutex_};
        return blobs_.erase(digest) != 0;
    }
    std::vector<evidence::Digest> list() const override {
        const std::lock_guard lock{mutex_};
        std::vector<evidence::Digest> digests;
        for (const auto& [digest, bytes] : blobs_) digests.push_back(digest);
        return digests;
    }

  private:
    mutable std::mutex mutex_;
    std::map<evidence::Digest, std::string> blobs_;
};

}  // namespace annexa::store
