#pragma once

// What a live Hyperliquid feed connects to, and what the venue says of a coin.
//
// Two sockets a coin, because frames of both book cadences share channel and coin, and because a
// bad subscription kills the socket it is on:
//
//   market   l2Book, bbo, trades, activeAssetCtx
//   fast     l2Book with fast
//
// Books are whole, so silence alone tells a loss: no bbo for 5 s or no book for three of its
// cadences, and the socket is replaced.

#include <cstdint>
#include <string_view>

#include "engine/instrument.hpp"
#include "engine/result.hpp"
#include "venues/live/plan.hpp"

namespace mm::venues::hyperliquid {

FeedPlan plan_feed(const Instrument& instrument, const venues::Network& network,
                   const LiveSettings& settings);

/// POST /info {"type":"meta"}.
net::HttpRequest meta_request();

/// A perpetual as the venue lists it.
struct Listing {
  Instrument instrument;
  std::uint32_t index = 0;      ///< in meta: how orders name it
  std::size_t odd_entries = 0;  ///< of other coins, which could not be read and were ignored
};

/// From the answer to meta_request() (info.hpp). Fees, which meta does not tell, are those of
/// `known` or, if it is null, of the base tier. Error(usage) for a coin that is not there (letter
/// case counts) or delisted, Error(data) for an answer that is no meta or an entry of this coin
/// that makes no sense.
Result<Listing> listing_of(std::string_view coin, std::string_view meta, const Instrument* known);

}  // namespace mm::venues::hyperliquid
