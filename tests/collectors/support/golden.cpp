#include "support/golden.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/reason.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace annexa::tests {
namespace {

std::string quoted(std::string_view text) {
    return evidence::canonical_row({std::string{text}}).substr(1, std::string::npos);
}
std::string json_text(std::string_view text) {
    std::string cell = quoted(text);
    cell.pop_back();
    return cell;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
    return out;
}

}  // namespace

std::string golden_text(const collectors::Collected& collected) {
    std::string out = "{\n  \"status\": " + json_text(collectors::outcome_name(collected.outcome));
    if (collected.reason) out += ",\n  \"reason\": " + json_text(evidence::reason_code(*collected.reason));
    if (!collected.message.empty()) out += ",\n  \"message\": " + json_text(collected.message);
    std::vector<std::string> sources;
    for (const collectors::Source& source : collected.sources) sources.push_back(json_text(source.path));
    out += ",\n  \"sources\": [" + joined(sources) + "],\n  \"tables\": {";
    for (std::size_t t = 0; t < collected.tables.size(); ++t) {
        const evidence::Table& table = collected.tables[t];
        std::vector<std::string> columns;
        for (const evidence::ColumnType& column : table.columns) columns.push_back(json_text(column.name));
        out += (t == 0 ? "\n    " : ",\n    ") + json_text(table.name) + ": {\n      \"columns\": [" + joined(columns) +
               "],\n      \"rows\": [";
        std::vector<std::string> rows;
        for (const evidence::Row& row : table.rows) rows.push_back(evidence::canonical_row(row));
        std::sort(rows.begin(), rows.end());
        for (std::size_t r = 0; r < rows.size(); ++r) out += (r == 0 ? "\n        " : ",\n        ") + rows[r];
        out += rows.empty() ? "]\n    }" : "\n      ]\n    }";
    }
    return out + (collected.tables.empty() ? "}\n}\n" : "\n  }\n}\n");
}

std::vector<std::filesystem::path> case_folders(const std::filesystem::path& below) {
    namespace fs = std::filesystem;
    std::vector<fs::path> result;
    for (const fs::directory_entry& collector : fs::directory_iterator{below}) {
        if (!collector.is_directory()) continue;
        for (const fs::directory_entry& entry : fs::directory_iterator{collector.path()}) {
            const fs::path& path = entry.path();
            if (fs::exists(path / "expected.json") || fs::exists(path / "host.yaml") || fs::exists(path / "root") ||
                fs::exists(path / "kernel"))
                result.push_back(path);
        }
    }
    std::sort(result.begin(), result.end());
    return result;
}

std::string file_text(const std::filesystem::path& path) {
    std::ifstream stream{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

bool update_golden() {
    const char* value = std::getenv("ANNEXA_UPDATE_GOLDEN");
    return value != nullptr && std::string_view{value} == "1";
}

}  // namespace annexa::tests
