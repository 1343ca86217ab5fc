#include "cli/sheets/zip_archive.hpp"

#include "evidence/errors.hpp"

#include <zip.h>

#include <algorithm>
#include <set>

namespace annexa::cli::sheets {
namespace {

struct Free {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};

/// libzip's error, ended with.
struct ZipError {
    ZipError() { zip_error_init(&error); }
    ~ZipError() { zip_error_fini(&error); }
    ZipError(const ZipError&) = delete;
    ZipError& operator=(const ZipError&) = delete;
    [[nodiscard]] std::string text() { return zip_error_strerror(&error); }
    zip_error_t error{};
};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char each) { return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each; });
    return text;
}

}  // namespace

struct ZipArchive::Archive {
    std::unique_ptr<zip_t, Free> handle;
    std::size_t unpacked = 0;

    [[nodiscard]] zip_int64_t find(const std::string& name) const {
        return zip_name_locate(handle.get(), name.c_str(), ZIP_FL_NOCASE);
    }
};

ZipArchive::ZipArchive(std::string_view bytes) : archive_{std::make_unique<Archive>()} {
    ZipError error;
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error.error);
    if (source == nullptr) throw evidence::error("cannot be read: " + error.text());
    archive_->handle.reset(zip_open_from_source(source, ZIP_RDONLY, &error.error));
    if (!archive_->handle) {
        zip_source_free(source);
        throw evidence::error("is damaged: " + error.text());
    }
    zip_t* handle = archive_->handle.get();
    const zip_int64_t entries = zip_get_num_entries(handle, 0);
    if (entries < 0 || static_cast<std::size_t>(entries) > most_entries)
        throw evidence::error("has more than 2,000 parts");
    std::set<std::string> names;
    for (zip_int64_t i = 0; i < entries; ++i) {
        zip_stat_t stat{};
        if (zip_stat_index(handle, static_cast<zip_uint64_t>(i), 0, &stat) != 0 || (stat.valid & ZIP_STAT_NAME) == 0)
            throw evidence::error("is damaged: a part of it has no name");
        // Two programs would read two different files.
        if (!names.insert(lower(stat.name)).second)
            throw evidence::error("has two parts of the name " + std::string{stat.name});
        if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE)
            throw evidence::error("is encrypted; save it without a password");
    }
}

ZipArchive::~ZipArchive() = default;

bool ZipArchive::has(const std::string& name) const { return archive_->find(name) >= 0; }

std::function<std::string_view()> ZipArchive::open(const std::string& name) {
    zip_t* handle = archive_->handle.get();
    const zip_int64_t index = archive_->find(name);
    if (index < 0) throw evidence::error("has no part " + name + "; save it anew as .xlsx");
    zip_stat_t stat{};
    const auto too_large = [name] { return evidence::error(name + " unpacks to more than 256 MiB with the rest"); };
    if (zip_stat_index(handle, static_cast<zip_uint64_t>(index), 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0)
        throw evidence::error("is damaged: " + name + " has no size");
    if (stat.size > most_unpacked_bytes - archive_->unpacked) throw too_large();
    std::shared_ptr<zip_file_t> file{zip_fopen_index(handle, static_cast<zip_uint64_t>(index), 0),
                                     [](zip_file_t* each) {
                                         if (each != nullptr) zip_fclose(each);
                                     }};
    if (!file) throw evidence::error("is damaged: " + name + ": " + zip_strerror(handle));
    auto buffer = std::make_shared<std::string>(std::size_t{64} << 10, '\0');
    Archive* archive = archive_.get();
    return [=]() -> std::string_view {
        const zip_int64_t read = zip_fread(file.get(), buffer->data(), buffer->size());
        if (read < 0) throw evidence::error("is damaged: " + name + ": " + zip_file_strerror(file.get()));
        archive->unpacked += static_cast<std::size_t>(read);
        if (archive->unpacked > most_unpacked_bytes) throw too_large();
        return std::string_view{*buffer}.substr(0, static_cast<std::size_t>(read));
    };
}

}  // namespace annexa::cli::sheets
