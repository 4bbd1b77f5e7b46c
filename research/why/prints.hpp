#pragma once

// The taker that hit us: the public prints of that instant.
//
// A taker's order shows as several prints with one venue stamp and one aggressor. The print that
// filled us is, for an order of the paper exchange, that which was received when it filled; for a
// real one that of the fill's trade id, else those that carry the fill's stamp. A venue stamps in
// milliseconds (Binance, Hyperliquid), so that two takers of the same millisecond and side cannot
// be told apart and count as one.

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "engine/event.hpp"
#include "engine/types.hpp"

namespace mm::research::why {

struct Print {
  Seq seq;
  Time received;
  Time stamp;  ///< the venue's; 0 = none
  std::int64_t trade_id = 0;
  Price price;
  Qty qty;
  Side aggressor = Side::buy;
};

struct TakerOrder {
  Side side = Side::buy;
  std::vector<Print> prints;  ///< in order of receipt, never empty
  Qty qty;
  Price nearest;  ///< to where the taker began
  Price farthest;
  std::int64_t prices = 0;  ///< different ones
  /// It ate through more than one price.
  bool sweep() const { return prices > 1; }
};

/// Prints of the quoted instrument of the last seconds.
class RecentPrints {
 public:
  /// How long after a fill was heard its prints may still come, and how far back they may lie.
  static constexpr Duration reach = std::chrono::seconds{2};
  static constexpr Duration kept = std::chrono::seconds{30};

  /// Other events than trades of the quoted instrument are passed over.
  void note(const Event& event);

  /// The taker of a fill; empty if no print can be named: the touch moved through our price without
  /// one, or we were the taker.
  std::optional<TakerOrder> taker_of(const EventHeader& header, const Fill& fill) const;

 private:
  std::deque<Print> prints_;
};

}  // namespace mm::research::why
