#include "engine/result.hpp"
#include "venues/binance/feed.hpp"
#include "venues/feed_decoder.hpp"
#include "venues/hyperliquid/feed.hpp"

namespace mm::venues {

std::unique_ptr<FeedDecoder> make_feed_decoder(const Instrument& instrument, InstrumentId id) {
  if (instrument.venue.starts_with("binance-")) return binance::make_feed(instrument, id);
  if (instrument.venue == "hyperliquid") return hyperliquid::make_feed(instrument, id);
  throw Error(ErrorKind::usage, "unknown venue \"" + instrument.venue + "\"");
}

}  // namespace mm::venues
