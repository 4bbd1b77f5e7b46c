#include "cli/page.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace mm::cli {

std::size_t page_width() {
  std::size_t width = 100;
  winsize size{};
  if (isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    width = size.ws_col;
  if (const char* columns = std::getenv("COLUMNS")) {
    const std::string_view text = columns;
    std::size_t given = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), given);
    if (error == std::errc{} && end == text.data() + text.size() && given > 0) width = given;
  }
  return std::clamp<std::size_t>(width, 40, 160);
}

void Page::plain(std::string_view text) {
  text_ += text;
  if (text.empty() || text.back() != '\n') text_ += '\n';
}

void Page::gap() {
  text_ += '\n';
}

void Page::line(std::string_view label, std::string_view text) {
  std::string row{label};
  row.resize(std::max(row.size() + 1, label_width), ' ');
  const std::size_t indent = row.size() > label_width ? label_width : row.size();
  bool empty = true;  // of words, in this row
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (!empty && row.size() + 1 + word.size() > width_) {
      text_ += row + '\n';
      row.assign(indent, ' ');
      empty = true;
    }
    if (!empty) row += ' ';
    row += word;
    empty = false;
  }
  row.erase(row.find_last_not_of(' ') + 1);
  text_ += row + '\n';
}

}  // namespace mm::cli
