#pragma once

// Url: where a venue is. http, https, ws and wss; no user, password or fragment.

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/result.hpp"

namespace mm::net {

struct Url {
  std::string scheme;  ///< "http", "https", "ws" or "wss"
  std::string host;    ///< name or address; an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string target;  ///< path and query; begins with '/', "/" if the text had none

  bool secure() const { return scheme == "https" || scheme == "wss"; }
  /// "host:port", as in the Host header; the port left out where it is the scheme's own.
  std::string authority() const;
  std::string text() const;
  /// The same place with another scheme (its secure or plain form is kept) and target:
  /// https://h/a -> websocket("/ws") = wss://h/ws.
  Url websocket(std::string_view new_target) const;
  Url http(std::string_view new_target) const;
  bool operator==(const Url&) const = default;
};

/// Error(usage) names the text and what is wrong with it.
Result<Url> parse_url(std::string_view text);

}  // namespace mm::net
