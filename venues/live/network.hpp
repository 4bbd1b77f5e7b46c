#pragma once

// Network: which servers a session talks to.
//
//   mainnet   the venues' production
//   testnet   their test networks
//   URL       one local venue that serves every protocol at one place, under the venues' own paths
//             (mmctl venue); https means wss as well

#include <optional>
#include <string>
#include <string_view>

#include "engine/result.hpp"
#include "net/url.hpp"

namespace mm::venues {

struct Network {
  enum class Kind { mainnet, testnet, local };
  Kind kind = Kind::mainnet;
  std::optional<net::Url> local;

  /// What --network says. A usage error names the text.
  static Result<Network> parse(std::string_view text);
  /// As given: "mainnet", "testnet" or the URL.
  std::string text() const;
};

/// Where one venue is.
struct Endpoints {
  net::Url rest;     ///< scheme, host and port
  net::Url sockets;  ///< likewise, ws or wss
};

/// Throws Error(usage) for an unknown venue.
Endpoints endpoints_of(std::string_view venue, const Network& network);

}  // namespace mm::venues
