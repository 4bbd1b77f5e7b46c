#pragma once

// simdjson, as the codecs use it. For .cpp files of venues and live only.
//
// On-Demand checks what it walks over. The codecs walk over every field, read numbers and short
// strings as raw tokens, and ask at the end that the document was whole.

// Without exceptions: a forgotten error code then does not compile.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <string_view>

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

/// A scalar's token without the blanks that follow it: `"61800.20"`, `123`, `null`.
inline std::string_view token_of(ondemand::value& value) {
  std::string_view token = value.raw_json_token();
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
