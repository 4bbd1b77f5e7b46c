#pragma once

// TradeFilter: which trades of a Hyperliquid feed are news.
//
// The first `trades` frame after every subscription repeats the past (about the last 20 s, more on
// quiet coins), and a reconnect in the middle of a capture leaves no other trace than that. Rules:
//
//   1. A trade older than the first book or bbo of the feed is history. If a trades frame comes
//      before any book, all of it is history.
//   2. A trade more than `late` older than the newest venue time seen (of books, quotes and trades,
//      those of the same frame included) is history: a replay after a reconnect.
//   3. A trade whose (time, tid) was taken before is a duplicate. By rule 2 only the keys of the
//   last
//      `late` need to be remembered.
//
// History and duplicates are dropped and counted. What happened while the recorder was away and is
// replayed within `late` is taken: it is news to us.

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/types.hpp"

namespace mm::venues::hyperliquid {

class TradeFilter {
 public:
  static constexpr Duration late = std::chrono::seconds(5);
  enum class Verdict { news, history, duplicate };

  /// A book or quote with this venue time was seen.
  void on_venue_time(Time time);
  /// A trades frame begins whose newest trade has this time.
  void on_trades_frame(Time newest);
  Verdict judge(Time time, std::int64_t trade_id);

 private:
  struct Key {
    Time time;
    std::int64_t trade_id = 0;
    auto operator<=>(const Key&) const = default;
  };
  bool started_ = false;
  Time first_;              // older trades are history (rule 1)
  Time newest_;             // venue time (rule 2)
  std::vector<Key> taken_;  // sorted
};

}  // namespace mm::venues::hyperliquid
