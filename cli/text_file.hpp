#pragma once

// Small files of the user's, whole.

#include <string>
#include <string_view>

namespace mm::cli {

/// Throws Error(data) naming the file if it cannot be read.
std::string read_text(const std::string& path);
/// Replaces the file in one step: readers see the old content or the new. Throws Error(data).
void write_text(const std::string& path, std::string_view text);

}  // namespace mm::cli
