#pragma once

// MarketDriver: where the stand-in's markets come from.
//
// Captures replay in market time, which is their receive time. One capture may serve several
// instruments: the one it was taken of 1:1, others of the same coin converted. A synthetic market
// lets seeded flow into a matching engine of each instrument; those of Hyperliquid follow the same
// value as those of Binance half a second later.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "venues/feed_spec.hpp"
#include "venues/instruments.hpp"

namespace mm::standin {

namespace hyperliquid {
class Venue;
}
namespace binance {
class Venue;
}

/// The venues of one stand-in; those that are not served are null.
struct Venues {
  hyperliquid::Venue* hyperliquid = nullptr;
  binance::Venue* usdm = nullptr;
  binance::Venue* spot = nullptr;
};

class MarketDriver {
 public:
  virtual ~MarketDriver() = default;
  /// Market time of the next event; the end of time if there is none.
  virtual Time next() const = 0;
  /// Lets everything of that instant happen. Requires one; `wall` is the venue's clock. Throws
  /// Error(data) where a capture cannot be read any further.
  virtual void step(Time wall) = 0;
  /// Market time at which it begins.
  virtual Time begin() const = 0;
  virtual bool finished() const { return next() == Time::max(); }
};

/// Adds the instruments the captures stand for to the venues, and replays into them. `coins`: which
/// underlying coins to serve where no capture of a protocol is given (derived from a capture of
/// another one). Throws Error(usage) where a protocol would have no market.
std::unique_ptr<MarketDriver> replay_captures(const std::vector<venues::FeedSpec>& captures,
                                              const venues::Instruments& table, Venues venues);

/// `coins` such as {"BTC", "ETH"}: one instrument each of every venue.
std::unique_ptr<MarketDriver> synthetic_market(std::uint64_t seed,
                                               const std::vector<std::string>& coins,
                                               const venues::Instruments& table, Venues venues,
                                               Time begin);

/// "BTC" of hyperliquid:BTC, binance-usdm:BTCUSDT and binance-spot:BTCUSDT.
std::string coin_of(const Instrument& instrument);

}  // namespace mm::standin
