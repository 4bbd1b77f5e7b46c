#pragma once

// simdjson, as the codecs use it. For .cpp files of venues and live only.
//
// On-Demand checks what it walks over. The codecs walk over every field, read numbers and short
// strings as raw tokens, and ask at the end that the document was whole.

// Without exceptions: a forgotten error code then does not compile.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.hpp"
#include "venues/feed_decoder.hpp"

namespace mm::venues::json {

namespace ondemand = simdjson::ondemand;
static_assert(simdjson::SIMDJSON_PADDING <= frame_padding);

inline Error bad_frame(std::string message) {
  return {ErrorKind::data, std::move(message)};
}
inline Error bad_json(simdjson::error_code code) {
  return bad_frame(std::string("not JSON: ") + simdjson::error_message(code));
}

/// A text as the parser may see it: with a blank behind it.
///
/// On-Demand looks at the byte behind a text that ends too early, and where a comma or a bracket
/// stands there (the next frame, the rest of an older one) it goes on into what is no part of the
/// text. Then a copy is made; behind lines of a file and fresh frames stands a blank already.
class Enclosed {
 public:
  std::string_view of(std::string_view text) {
    const char behind = text.data()[text.size()];
    if (behind == ' ' || behind == '\n' || behind == '\r' || behind == '\0') return text;
    bytes_.assign(text.begin(), text.end());
    bytes_.resize(text.size() + frame_padding, ' ');
    return {bytes_.data(), text.size()};
  }

 private:
  std::vector<char> bytes_;
};

/// A scalar's token without the blanks that follow it: `"61800.20"`, `123`, `null`.
inline std::string_view token_of(ondemand::value& value) {
  std::string_view token = value.raw_json_token();
  // Behind the end of a text that was cut, the parser computes a length below zero.
  if (token.size() > UINT32_MAX / 2) return {};
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\t' ||
                            token.back() == '\r')) {
    token.remove_suffix(1);
  }
  return token;
}

/// The inside of a string token; a token that is no string as it is.
inline std::string_view unquoted(std::string_view token) {
  if (token.size() >= 2 && token.front() == '"' && token.back() == '"') {
    return token.substr(1, token.size() - 2);
  }
  return token;
}

/// The text of a key as it stands in the document, escapes and all.
inline std::string_view key_of(ondemand::raw_json_string key) {
  const char* from = key.raw();
  const char* to = from;
  while (*to != '"') ++to;
  return {from, static_cast<std::size_t>(to - from)};
}

}  // namespace mm::venues::json
