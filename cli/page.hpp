#pragma once

// Text for a person at a terminal of some width: a label column and lines wrapped behind it.

#include <cstddef>
#include <string>
#include <string_view>

namespace mm::cli {

/// Columns to write for: the terminal's, or $COLUMNS; 100 where there is no terminal. Kept within
/// 40 to 160.
std::size_t page_width();

class Page {
 public:
  static constexpr std::size_t label_width = 12;

  explicit Page(std::size_t width) : width_(width) {}

  /// Text as it is, cut nowhere: tables, headings.
  void plain(std::string_view text);
  /// `text` behind `label`, wrapped at blanks under its first word. A word longer than the line
  /// stands on one of its own.
  void line(std::string_view label, std::string_view text);
  void gap();

  const std::string& text() const { return text_; }

 private:
  std::size_t width_;
  std::string text_;
};

}  // namespace mm::cli
