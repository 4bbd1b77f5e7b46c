#pragma once

// Where our resting orders stand in their queues, followed through the market's events
// (Models 5.1), with what a fill needs to know of its surroundings (5.2).
//
// One tracker an instrument; orders are told to it when the venue accepts them and when they end.
// It needs the book to be that of the venue: of our own sizes, those that stand in the displayed
// book are taken off by `in_book` (true for real orders, false for paper ones).
//
// Between two books at a price: size S0 -> S1 and volume V give adds and cancels (level_flow.hpp),
// which move the estimate. A price behind the displayed book (or only inside an aggregated level)
// has no known queue. Orders of ours at one price share its flow, and the later one has the earlier
// in front of it: `ahead` counts others only.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/bytes.hpp"
#include "engine/event.hpp"
#include "engine/features/level_flow.hpp"
#include "engine/features/queue_position.hpp"
#include "engine/market.hpp"
#include "engine/types.hpp"

namespace mm {

struct TrackedOrder {
  ClientOrderId order;
  Side side = Side::buy;
  Price price;
  QueuePosition queue;
  LevelFlow flow;
  /// What was here at some instants of the last second or more, at books at least 50 ms apart.
  struct Moment {
    Time at;
    std::int64_t others = 0;
    std::int64_t cancelled = 0;  ///< by then, since acceptance
  };
  static constexpr std::size_t moments_kept = 24;
  std::array<Moment, moments_kept> moments{};
  std::uint64_t moment_count = 0;
};

class QueueTracker {
 public:
  static constexpr std::size_t capacity = 64;

  struct Settings {
    double queue_power = 1;  ///< of the share of a cancel that was ahead
    bool in_book = false;    ///< our orders stand in the displayed book
  };

  QueueTracker() = default;
  explicit QueueTracker(const Settings& settings) : settings_(settings) {}

  /// The venue accepted an order, or an order got a new price or more quantity: back of the queue.
  /// Beyond the capacity it is not followed.
  void accept(Time now, ClientOrderId order, Side side, Price price, Qty remaining,
              const InstrumentState& instrument);
  /// A fill of ours, or less quantity: the place stays.
  void set_remaining(ClientOrderId order, Qty remaining);
  void end(ClientOrderId order);

  /// One market event of the instrument, `instrument` as it stands after it.
  void on_event(const Event& event, const InstrumentState& instrument);

  /// Null for an order that is not followed.
  const TrackedOrder* find(ClientOrderId order) const;
  std::span<const TrackedOrder> all() const { return {orders_.data(), count_}; }

  /// The surroundings of a fill of `qty` that was just heard of, for fill_context(). `match_time`
  /// is when the taker's trades were received; absent for an order not followed or without a
  /// history of a second.
  std::optional<FillSurroundings> surroundings(ClientOrderId order, Qty qty, Time match_time) const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  std::optional<std::int64_t> others_at(const InstrumentState& instrument,
                                        const TrackedOrder& order) const;
  void on_book(Time now, Time stamp, const InstrumentState& instrument);
  void note(TrackedOrder& order, Time now) const;

  Settings settings_;
  std::array<TrackedOrder, capacity> orders_{};
  std::size_t count_ = 0;
};

}  // namespace mm
