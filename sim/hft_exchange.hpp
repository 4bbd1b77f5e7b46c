#pragma once

// The exchange of hftbacktest 0.9.4 that fills whole orders only: a yardstick, not our model.
//
// `mmctl simulate --fill-rules hft` runs recorded requests through it, and the answers are those
// that program recorded, one by one. It shows that our market data, our order of events and the
// queue formulas are theirs; what our own exchange (exchange.hpp) does otherwise it does on
// purpose. Quantities are doubles in base units and the arithmetic is that program's, written out:
//
//   new order   marketable (reaches the best opposite price): post-only expires, all others fill
//               whole at that best price as takers, whatever is displayed. Else ioc and fok expire;
//               gtc and post-only rest: F = displayed quantity at the tick, C = 0
//   cancel      of an order that rests: gone; of any other: refused (status New, request Rejected)
//   depth row   own orders at that tick: the queue model's update (queue.hpp); rows of quantity 0
//               and rows that a snapshot repeats count. If the best price of the side improved, own
//               orders of the other side at or within it fill whole at their own price (cross)
//   trade       of size v against a side: own orders priced beyond it fill whole (through); those
//               at its price: F = F - v, C = C + v, then filled whole if round(-F / lot) > 0
//
// F may be slightly negative and still not fill; fractional powers of it are not numbers, and the
// minimum with the displayed quantity then gives that quantity. Each order sees the whole size of a
// trade, and each row or trade the orders as its predecessor left them.
//
// A best price that reaches the opposite one pushes it away: levels that are crossed stay in the
// book, unseen, until a row names them.
//
// Times are the exchange's. Of equal ones, market data comes before our messages. Answers are heard
// one response latency later, in order.

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "engine/output.hpp"
#include "engine/types.hpp"
#include "sim/latency.hpp"
#include "sim/queue.hpp"

namespace mm::sim {

enum class HftStatus : std::uint8_t { fresh, filled, cancelled, expired };

/// An order as an answer states it; the status is that of the order.
struct HftResponse {
  Time heard;
  Time exchange_time;
  ClientOrderId id;
  HftStatus status = HftStatus::fresh;
  bool refused = false;  ///< a cancel of what is not there
  std::int64_t tick = 0;
  std::int64_t filled_tick = 0;
  double filled_qty = 0;
  double leaves = 0;
  bool maker = false;
};

class HftExchange {
 public:
  /// `lot` in base units.
  HftExchange(QueueModel queue, LatencyModel latency, double lot)
      : queue_(queue), latency_(std::move(latency)), lot_(lot) {}

  // Market data, in the exchange's order. Prices in ticks, quantities in base units.
  void depth_row(Time now, Side side, std::int64_t tick, double qty);
  /// A snapshot begins whose last row on this side is `tick`: what stands up to there is dropped.
  void clear(Side side, std::int64_t tick);
  void trade(Time now, Side aggressor, std::int64_t tick, double qty);

  // Our messages, as they arrive.
  /// Requires that no order of this id rests.
  void place(Time now, ClientOrderId id, Side side, std::int64_t tick, double qty,
             TimeInForce time_in_force);
  /// A cancel carries the order as our side knows it, which a refusal repeats.
  void cancel(Time now, ClientOrderId id, std::int64_t tick, double qty);
  bool rests(ClientOrderId id) const;

  /// Answers so far, in order of hearing; the caller takes them out.
  std::deque<HftResponse>& answers() { return answers_; }

 private:
  struct Order {
    ClientOrderId id;
    Side side = Side::buy;
    std::int64_t tick = 0;
    double qty = 0;
    double ahead = 0;   // F
    double traded = 0;  // C
  };
  using Levels = std::map<std::int64_t, double>;

  Levels& levels(Side side) { return side == Side::buy ? bids_ : asks_; }
  std::int64_t& best(Side side) { return side == Side::buy ? best_bid_ : best_ask_; }
  std::int64_t none(Side side) const { return side == Side::buy ? INT64_MIN : INT64_MAX; }
  /// The best level strictly behind `tick`, or none.
  std::int64_t behind(Side side, std::int64_t tick) const;
  void on_depth(Order& order, double before, double now) const;
  Time heard_at(Time now, RecordKind kind);
  void fill(Time now, const Order& order, std::int64_t tick, bool maker);
  void answer(Time now, const Order& order, HftStatus status, bool refused = false);

  QueueModel queue_;
  LatencyModel latency_;
  double lot_;
  Levels bids_;
  Levels asks_;
  std::int64_t best_bid_ = INT64_MIN;
  std::int64_t best_ask_ = INT64_MAX;
  std::vector<Order> orders_;
  Lane response_lane_;
  SplitMix64 random_{1};
  std::deque<HftResponse> answers_;
};

}  // namespace mm::sim
