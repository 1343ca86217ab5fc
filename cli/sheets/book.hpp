// What is written as a spreadsheet: one table with a header, and a page that says what it is.
//
// In CSV the header has the columns' names and the page is left out; in XLSX it has their titles, and the page is the
// second sheet, so that reading the first one back is enough.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace annexa::cli::sheets {

enum class ColumnType {
    text,    // as it is, whatever it begins with
    date,    // YYYY-MM-DD
    number,  // as ECMAScript prints it
};

struct Column {
    std::string name;   // planned_until
    std::string title;  // Planned until
    ColumnType type = ColumnType::text;
    double width = 20;                      // in characters
    std::vector<std::string> choices = {};  // what alone may stand in it; empty: anything
    bool read_only = false;                 // shown, and not read back
};

struct Book {
    std::string title;
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows;                   // as many cells as there are columns
    std::vector<std::pair<std::string, std::string>> about = {};  // what it is, of whom, as of when
};

}  // namespace annexa::cli::sheets
