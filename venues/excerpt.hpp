#pragma once

// Foreign text as it may stand in a message of ours: short, printable and ASCII.

#include <string>
#include <string_view>

namespace mm::venues {

/// At most `most` characters; what is not printable ASCII becomes '?'.
inline std::string excerpt(std::string_view text, std::size_t most = 80) {
  std::string shown;
  for (const char at : text.substr(0, most)) shown += at >= ' ' && at <= '~' ? at : '?';
  return text.size() > most ? shown + "..." : shown;
}

}  // namespace mm::venues
