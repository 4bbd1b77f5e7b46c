#pragma once

// Hyperliquid market frames to event bodies. Pure; which trades are news is trade_filter.hpp's
// business, user channels are user_codec.hpp's.
//
//   l2Book           BookSnapshot with order counts, empty books too. Fast frames (5 levels) are
//                    told from default ones (20); book_merge.hpp makes one book of both. A book
//                    grouped by nSigFigs (it has a `spread`) is not a book of real levels: ignored.
//   bbo              BestQuote; a null side has price 0 and quantity 0
//   trades           one Trade per element: tid, side B (buy) or A (sell) is the aggressor
//   activeAssetCtx   AssetContext; no time; nulls stay absent; values beyond the fixed-point
//   fields'
//                    resolution (the venue prints float residue) are rounded half to even
//
// exchange_time is the block's `time`. Prices and sizes are exact. Levels that are not strictly
// touch outwards are an error. A bare {coin,time,levels} object counts as l2Book.
//
// Not decoded, but told apart: control (subscriptionResponse, pong, post, notification, the
// greeting that is no JSON), errors of the venue, user channels, other coins, other channels.

#include <memory>
#include <span>
#include <string_view>

#include "engine/event.hpp"
#include "engine/result.hpp"
#include "venues/event_batch.hpp"

namespace mm::venues::hyperliquid {

enum class Outcome : std::uint8_t {
  decoded,
  control,
  venue_error,   ///< channel "error": `text` is the beginning of what the venue said
  user,          ///< a user channel
  other_symbol,  ///< nothing in it was of our coin
  unknown_kind,
};

struct Item {
  Time exchange_time;
  EventBody body;
  bool fast = false;  ///< an l2Book of the fast cadence
};

struct Message {
  Outcome outcome = Outcome::decoded;
  std::span<const Item> items;  ///< one, or one per trade; valid until the next decode
  std::string_view text;
};

class Codec {
 public:
  explicit Codec(const Instrument& instrument);
  ~Codec();

  /// One whole frame, with `frame_padding` readable bytes behind it. An error says what is wrong
  /// with it in words; the levels of a good result live in `arena`.
  Result<Message> decode(std::string_view frame, Arena& arena);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mm::venues::hyperliquid
