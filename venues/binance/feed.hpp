#pragma once

// The FeedDecoder of a Binance instrument: codec, book synchronisation and one rule of its own.
//
// The tape: `trade` and `aggTrade` print the same executions. Whichever kind arrives first makes
// the tape of this feed; the other kind is skipped and counted. A context joins the last mark price
// with the open interest polled last.

#include <memory>

#include "venues/feed_decoder.hpp"

namespace mm::venues::binance {

/// `instrument.venue` is "binance-spot", "binance-usdm" or "binance-coinm".
std::unique_ptr<FeedDecoder> make_feed(const Instrument& instrument, InstrumentId id);

}  // namespace mm::venues::binance
