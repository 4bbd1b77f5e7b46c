#pragma once

// MatchingBook: an exchange for one instrument, order by order, with price-time priority.
//
// What the paper exchange (exchange.hpp) has to guess from totals is known here: every order has
// its place in a queue. A synthetic market and the stand-in venue send all their flow through it.
//
//   add       matches against the other side, best price first and oldest first within a price,
//   each
//             match at the resting order's price. The rest of a gtc rests, of an ioc expires. A
//             post_only that would match and a fok that cannot match whole are refused untouched.
//   cancel    takes the rest of an order out.
//   reduce    makes an order smaller; it keeps its place.
//   self-trade: an order never matches another one of the same account. The resting one is
//             cancelled (reported as `self_trade`) and the incoming one goes on.
//
// Orders of account 0 are anonymous: they may match each other, are not listed by orders_of, and
// one may stand for several real orders (`count`), so that a recorded level can be kept as it was
// shown.
//
// Conservation, asserted after every change: added = 2 * traded + cancelled + resting, in lots.
// Deterministic: no clock, no randomness; the same calls give the same answers. Adding and
// cancelling cost O(log levels) plus moving the levels nearer to the touch.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/event.hpp"
#include "engine/types.hpp"

namespace mm::sim {

using AccountId = StrongId<struct AccountTag, std::uint32_t>;

/// Names an order for as long as it rests; never the same for two orders of one book. 0 is none.
using OrderRef = StrongId<struct OrderRefTag, std::uint64_t>;

struct NewOrder {
  AccountId account;
  Side side = Side::buy;
  Price price;
  Qty qty;  ///< > 0
  TimeInForce tif = TimeInForce::gtc;
  std::uint64_t tag = 0;    ///< the caller's own; comes back in reports
  std::uint32_t count = 1;  ///< real orders it stands for; only anonymous ones may differ from 1
};

/// An order that rests.
struct BookOrder {
  OrderRef ref;
  AccountId account;
  Side side = Side::buy;
  Price price;
  Qty left;
  std::uint64_t tag = 0;
  std::uint32_t count = 1;
};

/// Something that happened to orders on the way.
struct MatchReport {
  enum class Kind : std::uint8_t { trade, self_trade };
  Kind kind = Kind::trade;
  OrderRef maker;
  AccountId maker_account;
  AccountId taker_account;
  std::uint64_t maker_tag = 0;
  std::uint64_t taker_tag = 0;
  Side aggressor = Side::buy;
  Price price;
  Qty qty;         ///< traded; of a self-trade, what was cancelled
  Qty maker_left;  ///< 0: the maker is gone
};

enum class AddStatus : std::uint8_t {
  resting,      ///< all or the rest of it is on the book
  filled,       ///< nothing is left
  expired,      ///< ioc: what did not match is gone; fok: nothing was done
  would_match,  ///< post_only: nothing was done
};

struct AddOutcome {
  AddStatus status = AddStatus::resting;
  OrderRef ref;  ///< of a resting order
  Qty filled;
  Qty left;  ///< resting, or expired
};

/// A price level with the number of orders in it.
struct DepthLevel {
  Price price;
  Qty qty;
  std::uint32_t orders = 0;
  bool operator==(const DepthLevel&) const = default;
};

class MatchingBook {
 public:
  /// Appends what happened to `reports`. Requires a quantity above 0.
  AddOutcome add(const NewOrder& order, std::vector<MatchReport>& reports);
  /// What was left of it; empty if it is not there (filled, cancelled, never was).
  std::optional<Qty> cancel(OrderRef ref);
  /// Leaves `left` of it, 0 < left <= what is left. False if it is not there or that would not be
  /// less or equal.
  bool reduce(OrderRef ref, Qty left);
  /// Changes what an anonymous order stands for.
  void set_count(OrderRef ref, std::uint32_t count);

  std::optional<BookOrder> find(OrderRef ref) const;
  /// Quantity in front of it at its price; empty if it is not there.
  std::optional<Qty> ahead(OrderRef ref) const;
  std::optional<DepthLevel> best(Side side) const;
  std::optional<DepthLevel> level(Side side, Price price) const;
  /// The first `most` levels, best first, replacing `out`.
  void depth(Side side, std::size_t most, std::vector<DepthLevel>& out) const;
  std::size_t level_count(Side side) const { return side_of(side).size(); }
  /// Orders at a price in queue order, replacing `out`.
  void orders_at(Side side, Price price, std::vector<BookOrder>& out) const;
  /// Resting orders of an account (not 0), oldest first.
  std::vector<BookOrder> orders_of(AccountId account) const;
  /// From now on remembers which prices changed, for take_touched.
  void track_touched() { tracking_ = true; }
  /// Prices of a side whose total changed since the last call, ascending, each once.
  std::vector<Price> take_touched(Side side);
  /// The same, replacing `out`, whose memory is used again.
  void take_touched(Side side, std::vector<Price>& out);
  /// Whether `order` could match something now (other than its own account's orders).
  bool would_match(Side side, Price price) const;

  struct Totals {
    std::int64_t added = 0;
    std::int64_t traded = 0;  ///< lots that changed hands, each once
    std::int64_t cancelled = 0;
    std::int64_t resting = 0;
    bool operator==(const Totals&) const = default;
  };
  const Totals& totals() const { return totals_; }

 private:
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  struct Node {
    BookOrder order;
    std::uint32_t generation = 0;
    std::uint32_t previous = none, next = none;  // within the level
    std::uint32_t previous_of_account = none, next_of_account = none;
    bool used = false;
  };
  struct LevelList {
    Price price;
    Qty total;
    std::uint32_t orders = 0;
    std::uint32_t head = none, tail = none;
  };
  struct Owned {  // orders of one account, oldest first
    AccountId account;
    std::uint32_t head = none, tail = none;
  };
  using Levels = std::vector<LevelList>;  // best at the back

  Levels& side_of(Side side) { return side == Side::buy ? bids_ : asks_; }
  const Levels& side_of(Side side) const { return side == Side::buy ? bids_ : asks_; }
  static bool reaches(Side side, Price price, Price opposite) {
    return side == Side::buy ? price >= opposite : price <= opposite;
  }
  Levels::iterator at_or_behind(Side side, Price price);
  LevelList* find_level(Side side, Price price);
  const LevelList* find_level(Side side, Price price) const;
  std::uint32_t index_of(OrderRef ref) const;
  Qty available(const NewOrder& order) const;
  Qty match(const NewOrder& order, std::vector<MatchReport>& reports);
  OrderRef rest(const NewOrder& order, Qty left);
  void remove(std::uint32_t index);
  Owned& owned_by(AccountId account);
  void touch(Side side, Price price);
  void check() const;

  Levels bids_;
  Levels asks_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> free_;
  std::vector<Owned> owners_;  // sorted by account
  bool tracking_ = false;
  std::vector<Price> touched_bids_;
  std::vector<Price> touched_asks_;
  Totals totals_;
};

}  // namespace mm::sim
