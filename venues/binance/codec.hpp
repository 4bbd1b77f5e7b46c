#pragma once

// Binance market frames to event bodies: spot, USD-M and COIN-M. Pure and stateless but for
// buffers; whether a depth update may be applied is book_sync.hpp's business.
//
// Frames come bare or as {"stream":...,"data":...}; a REST depth snapshot is a bare object with
// `lastUpdateId`. Key order is free and unknown keys are ignored.
//
//   depthUpdate       BookDelta: U, u, pu, E; exchange_time = T, else E
//   REST snapshot     BookSnapshot: lastUpdateId, E; levels of quantity 0 are left out
//   bookTicker        BestQuote: u, E; spot has no `e` and no times there
//   trade             Trade: t; X other than MARKET (insurance fund, ADL) is skipped
//   aggTrade          Trade: a, with f and l
//   markPriceUpdate   AssetContext: p, i, r, next funding T; exchange_time = E
//   forceOrder        Liquidation: S, p, ap, z; exchange_time = o.T, else E
//   REST openInterest AssetContext with openInterest alone; exchange_time = time
//
// Everything else is counted and ignored: control replies and errors (`result`, `code`, `error`,
// `id` without `e`), other symbols, other event types, and partial books (streams named `@depth5`,
// `@depth10`, `@depth20`, `rpiDepth`), which would contradict the difference stream.
//
// Levels stand touch outwards, bids descending and asks ascending; several entries of one price
// keep the order of the frame. Prices, quantities and times are exact; only `ap` of a forceOrder,
// an average, is rounded to the price unit.

#include <memory>
#include <string_view>

#include "engine/event.hpp"
#include "engine/result.hpp"
#include "venues/event_batch.hpp"

namespace mm::venues::binance {

enum class Outcome : std::uint8_t {
  decoded,
  control,
  other_symbol,
  unknown_kind,
  skipped_trade,
};

struct Message {
  Outcome outcome = Outcome::decoded;
  Time exchange_time;
  EventBody body;           ///< valid if decoded; views into the arena
  bool aggregated = false;  ///< a Trade that came from aggTrade
};

class Codec {
 public:
  /// Decodes frames of `instrument.symbol` in its units.
  explicit Codec(const Instrument& instrument);
  ~Codec();

  /// One whole frame, with `frame_padding` readable bytes behind it. An error says what is wrong
  /// with the frame in words; the views of a good result live in `arena`.
  Result<Message> decode(std::string_view frame, Arena& arena);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mm::venues::binance
