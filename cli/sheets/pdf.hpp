// PDF of a page of ours, by WeasyPrint: a program of its own that need not be there.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace annexa::cli::sheets {

/// Runs weasyprint of PATH, without a shell, for at most two minutes. Throws evidence::error: it is not installed (and
/// which package is), it ended badly (with its last words), it took too long.
void write_pdf(std::string_view html, const std::filesystem::path& path);

}  // namespace annexa::cli::sheets
