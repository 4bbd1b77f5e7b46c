#include "research/what_if/footprint.hpp"

#include <algorithm>

namespace mm::research {
namespace {

bool better(Side side, Price a, Price b) {
  return side == Side::buy ? a > b : a < b;
}

}  // namespace

void Footprint::collect(Time at) {
  bids_.clear();
  asks_.clear();
  for (const OrderLife& life : orders_.lives()) {
    const Qty rest = life.resting_at(at);
    if (rest == Qty{}) continue;
    std::vector<Ours>& side = of(life.side);
    const auto same = std::find_if(side.begin(), side.end(),
                                   [&](const Ours& ours) { return ours.price == life.price; });
    if (same == side.end()) {
      side.push_back({life.price, rest, 1});
    } else {
      same->qty += rest;
      ++same->orders;
    }
  }
}

const Footprint::Ours* Footprint::find(Side side, Price price) {
  for (const Ours& ours : of(side)) {
    if (ours.price == price) return &ours;
  }
  return nullptr;
}

void Footprint::strip(Side side, std::span<const Level> levels,
                      std::span<const std::uint32_t> counts, bool keep_empty,
                      std::vector<Level>& out, std::vector<std::uint32_t>& out_counts) {
  out.clear();
  out_counts.clear();
  for (std::size_t i = 0; i < levels.size(); ++i) {
    Level level = levels[i];
    std::uint32_t count = counts.empty() ? 0 : counts[i];
    if (const Ours* ours = level.qty > Qty{} ? find(side, level.price) : nullptr) {
      level.qty = std::max(level.qty - ours->qty, Qty{});
      count -= std::min(count, ours->orders);
      ++changed_;
      if (level.qty == Qty{} && !keep_empty) continue;
    }
    out.push_back(level);
    if (!counts.empty()) out_counts.push_back(count);
  }
}

Level Footprint::strip_best(Side side, const Level& level, std::int64_t& count,
                            const Market& market) {
  const Ours* ours = level.qty > Qty{} ? find(side, level.price) : nullptr;
  if (ours == nullptr) return level;
  ++changed_;
  count = std::max<std::int64_t>(0, count - ours->orders);
  if (level.qty > ours->qty) return {level.price, level.qty - ours->qty};
  Level next;
  market.quoted().book().for_each_level(side, [&](const Level& behind) {
    if (!better(side, level.price, behind.price)) return true;
    next = behind;
    return false;
  });
  count = 0;
  return next;
}

const Event& Footprint::without_us(const Event& event, const Market& market) {
  if (event.header.instrument.value != 0) return event;
  const auto* snapshot = std::get_if<BookSnapshot>(&event.body);
  const auto* delta = std::get_if<BookDelta>(&event.body);
  const auto* quote = std::get_if<BestQuote>(&event.body);
  if (snapshot == nullptr && delta == nullptr && quote == nullptr) return event;
  orders_.reach(event.header.recv_time);
  if (orders_.lives().empty()) return event;
  collect(event.header.exchange_time == Time{} ? event.header.recv_time
                                               : event.header.exchange_time);
  if (bids_.empty() && asks_.empty()) return event;

  current_.header = event.header;
  if (snapshot != nullptr) {
    strip(Side::buy, snapshot->bids, snapshot->bid_orders, false, out_bids_, out_bid_counts_);
    strip(Side::sell, snapshot->asks, snapshot->ask_orders, false, out_asks_, out_ask_counts_);
    BookSnapshot stripped = *snapshot;
    stripped.bids = out_bids_;
    stripped.asks = out_asks_;
    stripped.bid_orders = out_bid_counts_;
    stripped.ask_orders = out_ask_counts_;
    current_.body = stripped;
  } else if (delta != nullptr) {
    strip(Side::buy, delta->bids, {}, true, out_bids_, out_bid_counts_);
    strip(Side::sell, delta->asks, {}, true, out_asks_, out_ask_counts_);
    BookDelta stripped = *delta;
    stripped.bids = out_bids_;
    stripped.asks = out_asks_;
    current_.body = stripped;
  } else {
    BestQuote stripped = *quote;
    stripped.bid = strip_best(Side::buy, quote->bid, stripped.bid_orders, market);
    stripped.ask = strip_best(Side::sell, quote->ask, stripped.ask_orders, market);
    current_.body = stripped;
  }
  return current_;
}

}  // namespace mm::research
