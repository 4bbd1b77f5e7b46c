#pragma once

// Coin: one perpetual of the stand-in, as its blocks see it.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "sim/matching.hpp"
#include "standin/book_log.hpp"
#include "standin/recorded_flow.hpp"

namespace mm::standin::hyperliquid {

/// A public trade.
struct Print {
  Time time;  ///< of its block
  Price price;
  Qty qty;
  Side aggressor = Side::buy;
  std::int64_t trade_id = 0;
  std::string hash;
  std::string buyer;
  std::string seller;
};

class Coin {
 public:
  Coin(Instrument instrument, std::uint32_t index, int max_leverage);
  Coin(const Coin&) = delete;
  Coin& operator=(const Coin&) = delete;

  const Instrument& instrument() const { return instrument_; }
  const std::string& name() const { return instrument_.symbol; }
  std::uint32_t index() const { return index_; }  ///< in meta.universe, the asset id of orders
  int max_leverage() const { return max_leverage_; }
  int size_decimals() const { return static_cast<int>(instrument_.lot_decimals); }

  sim::MatchingBook& book() { return book_; }
  const sim::MatchingBook& book() const { return book_; }
  RecordedFlow& flow() { return flow_; }
  BookLog& book_log() { return book_log_; }
  /// Its book is being shown under this stamp.
  void note_shown(Time stamp);
  /// Whether there is a market to show and trade on.
  bool open() const { return open_; }
  void set_open() { open_ = true; }

  /// Keeps it for about `history` and returns it.
  const Print& add_print(Print print);
  const std::deque<Print>& prints() const { return prints_; }

  void set_context(const AssetContext& context) {
    recorded_context_ = context;
    has_context_ = true;
  }
  bool has_recorded_context() const { return has_context_; }

  /// Half the sum of the touch, in price units; empty if a side is.
  std::optional<double> mid_units() const;
  /// Mark and oracle in price units; the mid, or the last trade, where nothing was recorded.
  double mark_units() const;
  double oracle_units() const;
  /// Running estimate of the hourly rate.
  double funding_rate() const;
  /// The `ctx` object of activeAssetCtx.
  std::string context_json() const;

 private:
  Instrument instrument_;
  std::uint32_t index_;
  int max_leverage_;
  sim::MatchingBook book_;
  RecordedFlow flow_;
  BookLog book_log_;
  bool open_ = false;
  std::deque<Print> prints_;
  AssetContext recorded_context_;
  bool has_context_ = false;
  std::optional<Price> first_price_;
  Price last_price_;
  Int128 day_lots_ = 0;
  Money day_value_;
};

/// {"BTC":"63104.5",...} of the coins that have a mid, as `allMids` gives it.
std::string mids_json(const std::vector<std::unique_ptr<Coin>>& coins);

}  // namespace mm::standin::hyperliquid
