#include "standin/recorded_flow.hpp"

#include <algorithm>
#include <utility>

namespace mm::standin {

using sim::BookOrder;
using sim::MatchReport;
using sim::NewOrder;

namespace {

bool better(Side side, Price a, Price b) {
  return side == Side::buy ? a > b : a < b;
}

std::uint32_t orders_in(std::span<const std::uint32_t> orders, std::size_t at) {
  return at < orders.size() ? std::max<std::uint32_t>(orders[at], 1) : 1;
}

}  // namespace

void RecordedFlow::on_snapshot(Time time, const BookSnapshot& snapshot,
                               std::vector<MatchReport>& reports) {
  changes_.clear();
  const auto replace = [&](Side side, std::span<const Level> levels,
                           std::span<const std::uint32_t> orders) {
    for (const auto& [price, shown] : levels_of(side)) {
      const bool kept = std::any_of(levels.begin(), levels.end(),
                                    [&](const Level& of) { return of.price == price; });
      if (!kept) changes_.push_back({side, price, 0, 1});
    }
    for (std::size_t at = 0; at < levels.size(); ++at) {
      changes_.push_back({side, levels[at].price, levels[at].qty.lots(), orders_in(orders, at)});
    }
  };
  replace(Side::buy, snapshot.bids, snapshot.bid_orders);
  replace(Side::sell, snapshot.asks, snapshot.ask_orders);
  apply(changes_, reports);
  book_time_ = std::max(book_time_, time);
  started_ = true;
}

void RecordedFlow::on_delta(Time time, const BookDelta& delta, std::vector<MatchReport>& reports) {
  changes_.clear();
  for (const Level& of : delta.bids) changes_.push_back({Side::buy, of.price, of.qty.lots(), 1});
  for (const Level& of : delta.asks) changes_.push_back({Side::sell, of.price, of.qty.lots(), 1});
  apply(changes_, reports);
  book_time_ = std::max(book_time_, time);
}

void RecordedFlow::on_quote(Time time, const BestQuote& quote, std::vector<MatchReport>& reports) {
  if (time < book_time_) return;
  changes_.clear();
  const auto touch = [&](Side side, const Level& best, std::int64_t orders) {
    for (const auto& [price, shown] : levels_of(side)) {
      if (best.qty == Qty{} || better(side, price, best.price)) {
        changes_.push_back({side, price, 0, 1});
      }
    }
    if (best.qty != Qty{}) {
      changes_.push_back({side, best.price, best.qty.lots(),
                          static_cast<std::uint32_t>(std::max<std::int64_t>(orders, 1))});
    }
  };
  touch(Side::buy, quote.bid, quote.bid_orders);
  touch(Side::sell, quote.ask, quote.ask_orders);
  apply(changes_, reports);
  book_time_ = time;
  started_ = true;
}

void RecordedFlow::on_trade(Time time, const Trade& trade, std::vector<MatchReport>& reports) {
  const Side side = opposite(trade.aggressor);
  changes_.clear();
  list_better(side, trade.price, changes_);
  const std::vector<Change> passed = changes_;
  for (const Change& change : passed) {
    book_.orders_at(change.side, change.price, queue_);
    for (const BookOrder& order : queue_) {
      if (order.account.value == 0) book_.cancel(order.ref);
    }
  }
  const bool known = time <= book_time_;
  NewOrder taker;
  taker.side = trade.aggressor;
  taker.price = trade.price;
  taker.qty = known ? std::min(trade.qty, ours_in_front(side, trade.price)) : trade.qty;
  taker.tif = TimeInForce::ioc;
  const std::size_t before = reports.size();
  if (taker.qty > Qty{}) book_.add(taker, reports);
  if (known) {
    for (const Change& change : passed) grow(change.side, change.price, reports);
    return;
  }
  for (const Change& change : passed) levels_of(change.side).erase(change.price);
  const auto at = levels_of(side).find(trade.price);
  if (at == levels_of(side).end()) return;
  std::int64_t lots = 0;
  for (std::size_t i = before; i < reports.size(); ++i) {
    if (reports[i].maker_account.value == 0) lots += reports[i].qty.lots();
  }
  at->second.recorded -= std::min(lots, at->second.recorded);
  if (at->second.recorded <= at->second.taken) levels_of(side).erase(at);
}

/// What rests for accounts at or better than `price` with nobody anonymous in front.
Qty RecordedFlow::ours_in_front(Side side, Price price) {
  Qty sum;
  book_.depth(side, SIZE_MAX, depth_);
  for (const sim::DepthLevel& level : depth_) {
    if (better(side, price, level.price)) break;
    book_.orders_at(side, level.price, queue_);
    for (const BookOrder& order : queue_) {
      if (order.account.value == 0) return sum;
      sum += order.left;
    }
  }
  return sum;
}

void RecordedFlow::on_own_reports(std::span<const MatchReport> reports) {
  note_taken(reports);
}

void RecordedFlow::list_better(Side side, Price than, std::vector<Change>& out) {
  for (const auto& [price, shown] : levels_of(side)) {
    if (better(side, price, than)) out.push_back({side, price, 0, shown.orders});
  }
}

/// What left goes before what came, so that levels which only cross each other on the way do not
/// trade.
void RecordedFlow::apply(std::span<const Change> changes, std::vector<MatchReport>& reports) {
  for (const Change& change : changes) record(change);
  for (const Change& change : changes) shrink(change.side, change.price);
  for (const Change& change : changes) grow(change.side, change.price, reports);
}

void RecordedFlow::record(const Change& change) {
  Levels& levels = levels_of(change.side);
  Shown& shown = levels[change.price];
  if (change.lots < shown.recorded) {
    shown.taken = std::max<std::int64_t>(0, shown.taken - (shown.recorded - change.lots));
  }
  shown.recorded = change.lots;
  shown.orders = change.orders;
}

std::int64_t RecordedFlow::resting_at(Side side, Price price) {
  book_.orders_at(side, price, queue_);
  std::int64_t lots = 0;
  for (const BookOrder& order : queue_) {
    if (order.account.value == 0) lots += order.left.lots();
  }
  return lots;
}

void RecordedFlow::shrink(Side side, Price price) {
  Levels& levels = levels_of(side);
  const auto at = levels.find(price);
  if (at == levels.end()) return;
  const std::int64_t wanted = std::max<std::int64_t>(0, at->second.recorded - at->second.taken);
  std::int64_t surplus = resting_at(side, price) - wanted;
  for (auto order = queue_.rbegin(); order != queue_.rend() && surplus > 0; ++order) {
    if (order->account.value != 0) continue;
    const std::int64_t less = std::min(surplus, order->left.lots());
    surplus -= less;
    if (less == order->left.lots()) {
      book_.cancel(order->ref);
    } else {
      book_.reduce(order->ref, order->left - Qty::from_lots(less));
    }
  }
  if (at->second.recorded == 0) levels.erase(at);
}

void RecordedFlow::grow(Side side, Price price, std::vector<MatchReport>& reports) {
  Levels& levels = levels_of(side);
  const auto at = levels.find(price);
  if (at == levels.end()) return;
  const std::int64_t wanted = at->second.recorded - at->second.taken;
  const std::int64_t missing = wanted - resting_at(side, price);
  if (missing > 0) {
    NewOrder order;
    order.side = side;
    order.price = price;
    order.qty = Qty::from_lots(missing);
    order.count = 0;
    const std::size_t before = reports.size();
    book_.add(order, reports);
    // What our resting orders took of it does not come back with the next recorded total.
    for (std::size_t i = before; i < reports.size(); ++i) {
      if (reports[i].maker_account.value != 0) at->second.taken += reports[i].qty.lots();
    }
  }
  book_.orders_at(side, price, queue_);
  std::uint32_t orders = at->second.orders;
  for (const BookOrder& order : queue_) {
    if (order.account.value == 0) book_.set_count(order.ref, std::exchange(orders, 0));
  }
}

void RecordedFlow::note_taken(std::span<const MatchReport> reports) {
  for (const MatchReport& report : reports) {
    if (report.kind != MatchReport::Kind::trade || report.maker_account.value != 0) continue;
    Levels& levels = levels_of(opposite(report.aggressor));
    const auto at = levels.find(report.price);
    if (at != levels.end()) at->second.taken += report.qty.lots();
  }
}

}  // namespace mm::standin
