#pragma once

// What stood at one moment: the book with our orders in it, and our account.

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/account/attribution.hpp"
#include "engine/engine.hpp"
#include "engine/types.hpp"

namespace mm::research::why {

struct LevelShot {
  Price price;
  Qty qty;   ///< as displayed; of real orders ours is part of it
  Qty ours;  ///< what of our orders rests there, as far as is known
};

/// The quoted book and our orders behind all records below `seq`.
struct BookShot {
  static constexpr std::size_t depth = 5;

  Seq seq;
  Time time;  ///< the moment asked for
  bool quotable = false;
  Touch touch;                  ///< of others: what is decided by
  std::vector<LevelShot> bids;  ///< nearest first, at most `depth`
  std::vector<LevelShot> asks;
  std::vector<Order> orders;  ///< ours that are not gone, by id
  Qty position;

  /// Of `touch`, in price units; absent unless quotable.
  std::optional<double> mid() const;
};

BookShot book_shot(const Engine& engine, Seq seq, Time time);

/// Sums since the session's start, 1e-12 of the settlement currency.
struct AccountShot {
  Qty position;
  Money average_cost;  ///< of one lot; 0 when flat
  Int128 spread_capture = 0;
  Int128 adverse_selection = 0;
  Int128 inventory = 0;
  Int128 fees = 0;  ///< negative = paid
  Int128 funding = 0;
  std::int64_t fills = 0;

  Money pnl() const {
    return Money::from_units(spread_capture + adverse_selection + inventory + fees + funding);
  }
};

AccountShot account_shot(const Trader& trader);
/// What came between two moments; position, cost are those of the later one.
AccountShot operator-(const AccountShot& later, const AccountShot& earlier);

}  // namespace mm::research::why
