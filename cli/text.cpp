#include "cli/text.hpp"

#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::cli {

using nlohmann::json;
using terminal::Colour;

std::string text_of(const json& value) {
    if (value.is_null()) return {};
    return terminal::printable(value.is_string() ? value.get_ref<const std::string&>() : value.dump());
}

std::string text_of(const json& object, std::string_view member) {
    const auto found = object.find(member);
    return found == object.end() ? std::string{} : text_of(*found);
}

std::string short_time(const json& value) {
    if (!value.is_string()) return "–";
    std::string text = value.get<std::string>().substr(0, 16);
    std::replace(text.begin(), text.end(), 'T', ' ');
    return terminal::printable(text);
}

Colour colour_of(std::string_view word) {
    if (word == "not_effective" || word == "overdue" || word == "fail" || word == "rejected" || word == "critical" || word == "high") return Colour::red;
    if (word == "effective" || word == "pass" || word == "accepted" || word == "approved") return Colour::green;
    if (word == "not_assessed" || word == "not_monitored" || word == "not_applicable" || word == "excluded") return Colour::dim;
    return Colour::yellow;
}

std::string spoken(std::string_view word) {
    std::string text{word};
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

std::string counted(std::size_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string{noun} + (count == 1 ? "" : "s");
}

void ColumnsText::add(std::vector<std::string> row, std::vector<Colour> colour) {
    colour.resize(row.size(), Colour::none);
    rows.push_back(std::move(row));
    colours.push_back(std::move(colour));
}

std::string ColumnsText::text(const terminal::Paint& paint) const {
    std::vector<std::size_t> widths;
    for (const std::string& head : heads) widths.push_back(terminal::display_width(head));
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], terminal::display_width(row[i]));
    std::string out;
    const auto line = [&](const std::vector<std::string>& cells, const std::vector<Colour>& colour) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            out += paint(colour[i], cells[i]);
            if (i + 1 < cells.size()) out += std::string(widths[i] - terminal::display_width(cells[i]) + 2, ' ');
        }
        out += '\n';
    };
    line(heads, std::vector<Colour>(heads.size(), Colour::bold));
    for (std::size_t i = 0; i < rows.size(); ++i) line(rows[i], colours[i]);
    return out;
}

std::pair<std::string, std::string> assignment(std::string_view option, std::string_view text) {
    const std::size_t at = text.find('=');
    if (at == std::string_view::npos || at == 0) throw evidence::error(std::string{option} + ": expected NAME=VALUE, found \"" + std::string{text} + "\"");
    return {std::string{text.substr(0, at)}, std::string{text.substr(at + 1)}};
}

}  // namespace annexa::cli
