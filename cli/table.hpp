#pragma once

// A plain text table: first column left, the others right, two spaces between.

#include <string>
#include <vector>

namespace mm::cli {

using TableRow = std::vector<std::string>;

/// One string with a line per row, the first being the headings. Rows may be shorter than others.
std::string format_table(const std::vector<TableRow>& rows);

/// Rows as CSV (RFC 4180 quoting), one line each.
std::string format_csv(const std::vector<TableRow>& rows);

}  // namespace mm::cli
