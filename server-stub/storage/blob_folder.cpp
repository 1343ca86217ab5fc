#include "server-stub/storage/blob_folder.hpp"

#include "server-stub/files.hpp"
#include "server-stub/storage/store.hpp"
#include "server-stub/storage/zstd_frame.hpp"

#include <algorithm>

namespace annexa::store {
namespace {

/// Beyond any blob of ours: a damaged frame must not eat the memory.
constexpr std::size_t largest_blob_bytes = std::size_t{64} << 20;

std::optional<std::string> read_frame(const std::filesystem::path& file) {
    std::error_code missing;
    if (!std::filesystem::exists(file, missing)) return std::nullopt;
    try {
        return read_file(file, std::min<std::size_t>(std::filesystem::file_size(file), largest_blob_bytes));
    } catch (const std::exception& failure) {
        throw store_unavailable(failure.what());
    }
}

void make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    if (std::filesystem::is_directory(folder, error)) return;
    std::filesystem::create_directory(folder, error);
    if (error && !std::filesystem::is_directory(folder))
        throw store_unavailable(folder.string() + ": cannot be made: " + error.message());
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    try {
        sync_folder(folder.parent_path());
    } catch (const evidence::error& failure) {
        throw store_unavailable(failure.what());
    }
}

}  // namespace

BlobFolder::BlobFolder(std::filesystem::path folder) : folder_{std::filesystem::absolute(std::move(folder))} {
    make_folder(folder_);
}

std::filesystem::path BlobFolder::path_of(const evidence::Digest& digest) const {
    const std::string name = digest.hex();
    return folder_ / name.substr(0, 2) / (name.substr(2) + ".zst");
}

void BlobFolder::put(const evidence::Digest& digest, std::string_view bytes) {
    const std::filesystem::path file = path_of(digest);
    try {
        if (get(digest)) return;
    } catch (const evidence::error&) {
        // Damaged: these bytes heal it.
    }
    make_folder(file.parent_path());
    try {
        write_file(file, compress(bytes), 0600);
    } catch (const evidence::error& failure) {
        throw store_unavailable(failure.what());
    }
}

std::optional<std::string> BlobFolder::get(const evidence::Digest& digest) const {
    const std::optional<std::string> frame = read_frame(path_of(digest));
    if (!frame) return std::nullopt;
    try {
        FrameLimits limits;
        limits.output_bytes = largest_blob_bytes;
        DecodedFrame decoded = decode_frame(*frame, limits);
        if (decoded.digest == digest) return std::move(decoded.bytes);
    } catch (const evidence::coded_error&) {
        // Not even a frame any more: said below.
    }
    throw evidence::error("blob " + digest.hex() + " is damaged: " + path_of(digest).string() + " holds other bytes");
}

bool BlobFolder::remove(const evidence::Digest& digest) {
    std::error_code error;
    const bool removed = std::filesystem::remove(path_of(digest), error);
    if (error) throw store_unavailable(path_of(digest).string() + ": cannot be removed: " + error.message());
    return removed;
}

std::vector<evidence::Digest> BlobFolder::list() const {
    std::vector<evidence::Digest> digests;
    try {
        for (const auto& folder : std::filesystem::directory_iterator{folder_}) {
            if (!folder.is_directory()) continue;
            for (const auto& file : std::filesystem::directory_iterator{folder.path()}) {
                const std::string name = folder.path().filename().string() + file.path().stem().string();
                if (file.path().extension() != ".zst" || name.size() != 64) continue;
                try {
                    digests.push_back(evidence::Digest::from_hex(name));
                } catch (const evidence::error&) {
                    // Not one of ours.
                }
            }
        }
    } catch (const std::filesystem::filesystem_error& failure) {
        throw store_unavailable(failure.what());
    }
    std::sort(digests.begin(), digests.end());
    return digests;
}

}  // namespace annexa::store
