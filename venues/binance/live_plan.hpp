#pragma once

// What a live Binance feed connects to, and what the venue says of a symbol.
//
// Streams stand in the address (combined form), so that nothing has to be sent: the venue's limit
// on client messages is never touched.
//
//   USD-M, COIN-M   /public/stream   depth differences, bookTicker
//                   /market/stream   aggTrade, markPrice@1s, forceOrder
//   spot            /stream          depth differences, bookTicker, aggTrade
//
// Futures also poll the open interest. A connection is replaced at 23 h, before the venue ends it
// at 24 h; the new one is read beside the old one for a while, and what both bring is taken once.

#include <string_view>

#include "engine/instrument.hpp"
#include "engine/result.hpp"
#include "venues/live/plan.hpp"

namespace mm::venues::binance {

FeedPlan plan_feed(const Instrument& instrument, const Network& network,
                   const LiveSettings& settings);

/// GET .../exchangeInfo; for spot of one symbol only.
net::HttpRequest exchange_info_request(std::string_view venue, std::string_view symbol);

/// GET .../time: {"serverTime": ms}.
net::HttpRequest time_request(std::string_view venue);

/// The instrument, from the filters of exchangeInfo (PRICE_FILTER, LOT_SIZE, MIN_NOTIONAL,
/// NOTIONAL). Units are fine enough for today's steps and no coarser than those of `known`, the
/// built-in definition, which also supplies the fees; without it (null) those of the base tier.
/// Error(usage) for a symbol that is not there or not trading, Error(data) for an answer that is no
/// exchangeInfo.
Result<Instrument> definition_of(std::string_view venue, std::string_view symbol,
                                 std::string_view exchange_info, const Instrument* known);

}  // namespace mm::venues::binance
