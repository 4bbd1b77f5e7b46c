#include "venues/live/network.hpp"

namespace mm::venues {
namespace {

struct Known {
  std::string_view venue;
  const char* rest[2];  // mainnet, testnet
  const char* sockets[2];
};

constexpr Known known_venues[] = {
    {"hyperliquid",
     {"https://api.hyperliquid.xyz", "https://api.hyperliquid-testnet.xyz"},
     {"wss://api.hyperliquid.xyz", "wss://api.hyperliquid-testnet.xyz"}},
    {"binance-usdm",
     {"https://fapi.binance.com", "https://testnet.binancefuture.com"},
     {"wss://fstream.binance.com", "wss://fstream.binancefuture.com"}},
    {"binance-coinm",
     {"https://dapi.binance.com", "https://testnet.binancefuture.com"},
     {"wss://dstream.binance.com", "wss://dstream.binancefuture.com"}},
    {"binance-spot",
     {"https://api.binance.com", "https://testnet.binance.vision"},
     {"wss://stream.binance.com:9443", "wss://stream.testnet.binance.vision"}},
};

}  // namespace

Result<Network> Network::parse(std::string_view text) {
  if (text == "mainnet") return Network{Kind::mainnet, std::nullopt};
  if (text == "testnet") return Network{Kind::testnet, std::nullopt};
  const Result<net::Url> url = net::parse_url(text);
  const bool fits =
      url.has_value() && (url->scheme == "http" || url->scheme == "https") && url->target == "/";
  if (!fits) {
    return Error(ErrorKind::usage, "--network " + std::string(text) +
                                       ": expected mainnet, testnet or the http(s)://HOST:PORT of "
                                       "a local venue");
  }
  return Network{Kind::local, *url};
}

std::string Network::text() const {
  switch (kind) {
    case Kind::mainnet:
      return "mainnet";
    case Kind::testnet:
      return "testnet";
    case Kind::local:
      return local->text();
  }
  return {};
}

Endpoints endpoints_of(std::string_view venue, const Network& network) {
  for (const Known& known : known_venues) {
    if (known.venue != venue) continue;
    if (network.kind == Network::Kind::local) {
      return {network.local->http("/"), network.local->websocket("/")};
    }
    const std::size_t which = network.kind == Network::Kind::mainnet ? 0 : 1;
    return {net::parse_url(known.rest[which]).value(),
            net::parse_url(known.sockets[which]).value()};
  }
  throw Error(ErrorKind::usage, "unknown venue \"" + std::string(venue) + "\"");
}

}  // namespace mm::venues
