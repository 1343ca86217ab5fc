#include "cli/sheets/file.hpp"

#include "cli/sheets/csv.hpp"
#include "cli/sheets/temporary_folder.hpp"
#include "cli/sheets/xlsx_reader.hpp"
#include "evidence/digest.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "terminal/output.hpp"

#include <fstream>
#include <ostream>

namespace annexa::cli::sheets {
namespace {

constexpr std::string_view ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
constexpr std::string_view open_document = "mimetypeapplication/vnd.oasis.opendocument";

std::string read_bounded(const std::filesystem::path& path) {
    if (std::filesystem::is_directory(path)) throw evidence::error("is a folder; give an .xlsx or .csv file");
    std::ifstream in{path, std::ios::binary};
    if (!in) throw evidence::error("cannot be read; give an .xlsx or .csv file");
    std::string bytes;
    std::string piece(std::size_t{64} << 10, '\0');
    while (in) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        bytes.append(piece, 0, static_cast<std::size_t>(in.gcount()));
        if (bytes.size() > most_file_bytes) throw evidence::error("is larger than 32 MiB; split it into several files");
    }
    if (in.bad()) throw evidence::error("cannot be read to its end");
    return bytes;
}

void write_through(std::ostream& out, const std::function<void(const std::filesystem::path&)>& write) {
    const TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "output";
    write(file);
    std::ifstream in{file, std::ios::binary};
    if (in.peek() != std::ifstream::traits_type::eof()) out << in.rdbuf();
}

}  // namespace

Sheet read_bytes(std::string_view bytes, const std::string& sheet_name) {
    if (bytes.empty()) throw evidence::error("is empty; give an .xlsx or .csv file");
    if (bytes.starts_with(ole))
        throw evidence::error("is an old .xls workbook or encrypted; save it as .xlsx, without a password");
    if (bytes.starts_with("%PDF")) throw evidence::error("is a PDF; give an .xlsx or .csv file");
    if (bytes.starts_with("PK")) {
        if (bytes.substr(0, 200).find(open_document) != std::string_view::npos)
            throw evidence::error("is an OpenDocument file; save it as .xlsx");
        return read_xlsx(bytes, sheet_name);
    }
    if (!sheet_name.empty()) throw evidence::error("is CSV and has no sheets; leave --sheet out");
    return read_csv(bytes);
}

Sheet read_file(const std::filesystem::path& path, const std::string& sheet_name) {
    try {
        return read_bytes(read_bounded(path), sheet_name);
    } catch (const evidence::error& problem) {
        throw evidence::error(path.string() + ": " + terminal::printable(problem.what()));
    }
}

void write_whole(const std::filesystem::path& path, std::ostream& out,
                 const std::function<void(const std::filesystem::path&)>& write) {
    if (path.empty()) return write_through(out, write);
    std::error_code none;
    const std::filesystem::file_status there = std::filesystem::status(path, none);
    if (std::filesystem::is_directory(there)) throw evidence::error(path.string() + ": is a folder");
    if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
        std::ofstream device{path, std::ios::binary};  // /dev/null, a pipe: never replaced by a file
        write_through(device, write);
        device.close();
        if (!device) throw evidence::error(path.string() + ": cannot be written");
        return;
    }
    // What a link names is replaced, not the link.
    const std::filesystem::path target = std::filesystem::is_symlink(path, none) && std::filesystem::exists(there)
                                             ? std::filesystem::canonical(path)
                                             : path;
    const std::filesystem::path fresh = target.string() + ".new-" + evidence::to_hex(evidence::random_bytes(6));
    try {
        write(fresh);
        std::filesystem::rename(fresh, target);
    } catch (const std::filesystem::filesystem_error& problem) {
        std::error_code ignored;
        std::filesystem::remove(fresh, ignored);
        throw evidence::error(path.string() + ": " + problem.code().message());
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove(fresh, ignored);
        throw;
    }
}

}  // namespace annexa::cli::sheets
