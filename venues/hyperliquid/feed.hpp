#pragma once

// The FeedDecoder of a Hyperliquid coin: codec and trade filter.
//
// Books are whole, so nothing needs synchronising: the first book after a loss is announced as
// `resynchronised`. User channels that stand in a capture are not ours and are counted as unknown;
// a live session hands them to UserCodec. What the venue says on its error channel becomes an
// `anomaly`.

#include <memory>

#include "venues/feed_decoder.hpp"

namespace mm::venues::hyperliquid {

std::unique_ptr<FeedDecoder> make_feed(const Instrument& instrument, InstrumentId id);

}  // namespace mm::venues::hyperliquid
