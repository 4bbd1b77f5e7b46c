#pragma once

// From wanted quotes to messages: which orders stay, move, go, or are new.
//
// Rules, for each side on its own:
//   1. A wanted quote that breaks a rule of the venue is first moved or dropped: the price goes on
//      the tick and stays off the opposite touch (post-only), the quantity goes down to the step;
//      below the venue's smallest order it is dropped.
//   2. The position that could come about, with everything in flight filled, stays within the
//      limit: quotes are cut to what is left, nearest first; orders that no longer fit are
//      cancelled.
//   3. An order stays if a wanted quote is within the requote threshold of its price and its
//      quantity lies between a half and 5/4 of the wanted one: queue position is worth more.
//   4. What is left over is paired nearest with nearest: a replace where the venue has it, else a
//      cancel now and a place once the order is gone. Never more orders than wanted quotes,
//      counting those in flight, so nothing is sent twice.
//   5. New exposure needs `may_place`; cancels are always sent.
//   6. With `keep_apart`, what would meet an order of ours on the other side waits until that one
//   is
//      gone, and an order that was to move there stays: we never trade with ourselves, and lose no
//      order to a refusal.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/book/orders.hpp"
#include "engine/instrument.hpp"
#include "engine/market.hpp"
#include "engine/output.hpp"
#include "engine/policy.hpp"
#include "engine/types.hpp"

namespace mm {

struct ReconcileRules {
  bool replace = true;         ///< the venue moves an order in one message
  Qty max_position;            ///< 0 = none; the stricter of this and the strategy's holds
  std::int64_t may_place = 0;  ///< places and replaces the rate limit still allows now
  bool buy_paused = false;     ///< no new orders of that side (after a reject)
  bool sell_paused = false;
  bool keep_apart = false;  ///< nothing is sent that would meet an order of ours
};

/// The position limit in force: the stricter of the strategy's and the rules'; 0 = none.
Qty limit_of(const Quotes& wanted, const ReconcileRules& rules);

struct ReconcileResult {
  std::int64_t placed = 0;  ///< places and replaces sent
  std::int64_t cancelled = 0;
  bool rate_limited = false;  ///< something wanted was held back by `may_place`
};

/// Appends the messages that lead from our orders to the wanted quotes and notes them in `orders`.
/// Requires a two-sided touch and a defined instrument. `now` becomes the outputs' recv_time.
ReconcileResult reconcile(const Quotes& wanted, const Instrument& instrument, const Touch& touch,
                          Qty position, const ReconcileRules& rules, Time now, Orders& orders,
                          std::vector<Output>& outputs);

/// What is wanted at a touch.
struct WantedAt {
  const Quotes& quotes;
  const Touch& touch;
};

/// Whether what is in flight on a side keeps reconcile() from sending anything there, wherever up
/// to `wanted` quotes are: no order of it is settled, and each quote has an order on its way, to
/// the venue or out of it, for which it would have to wait.
bool awaits_answers(Side side, std::size_t wanted, const Orders& orders);

/// Whether reconcile() sends nothing at `low`, at `high`, and for whatever is wanted in between:
/// quotes of which each price lies between those of `low` and `high` (low <= high), and everything
/// else is the same. That must be so for every side on its own. False where that is hard to say.
bool nothing_to_send(const WantedAt& low, const WantedAt& high, const Instrument& instrument,
                     Qty position, const ReconcileRules& rules, const Orders& orders);

/// Appends a cancel for every order for which none is on its way, and notes it. How many it sent.
std::int64_t cancel_all(DecisionReason reason, Time now, Orders& orders,
                        std::vector<Output>& outputs);

}  // namespace mm
