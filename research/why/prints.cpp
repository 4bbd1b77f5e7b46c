#include "research/why/prints.hpp"

#include <algorithm>

#include "research/analytics/marks.hpp"

namespace mm::research::why {

void RecentPrints::note(const Event& event) {
  const auto* trade = std::get_if<Trade>(&event.body);
  if (trade == nullptr || event.header.instrument.value != 0) return;
  prints_.push_back({.seq = event.header.seq,
                     .received = event.header.recv_time,
                     .stamp = event.header.exchange_time,
                     .trade_id = trade->trade_id,
                     .price = trade->price,
                     .qty = trade->qty,
                     .aggressor = trade->aggressor});
  while (prints_.front().received < event.header.recv_time - kept) prints_.pop_front();
}

std::optional<TakerOrder> RecentPrints::taker_of(const EventHeader& header,
                                                 const Fill& fill) const {
  if (fill.cause == FillCause::cross || fill.cause == FillCause::taker || !fill.maker)
    return std::nullopt;
  const Side taker = opposite(fill.side);
  const bool simulated = fill.cause == FillCause::queue || fill.cause == FillCause::through;
  const Time happened = happened_at(header, fill);
  const auto near = [&](const Print& print) {
    return print.aggressor == taker && print.received >= happened - reach &&
           print.received <= header.recv_time + reach;
  };
  // The print that filled us; its stamp names the others.
  const Print* hit = nullptr;
  for (const Print& print : prints_) {
    if (!near(print)) continue;
    const bool by_id = !simulated && print.trade_id != 0 && print.trade_id == fill.trade_id;
    const bool by_time = simulated ? print.received == happened
                                   : print.stamp != Time{} && print.stamp == header.exchange_time;
    if (by_id || (by_time && hit == nullptr)) hit = &print;
    if (by_id) break;
  }
  if (hit == nullptr) return std::nullopt;
  TakerOrder order{.side = taker, .prints = {}, .qty = {}, .nearest = {}, .farthest = {}};
  for (const Print& print : prints_) {
    const bool same =
        hit->stamp != Time{} ? print.stamp == hit->stamp : print.received == hit->received;
    if (near(print) && same) order.prints.push_back(print);
  }
  std::vector<Price> prices;
  for (const Print& print : order.prints) {
    order.qty += print.qty;
    prices.push_back(print.price);
  }
  std::ranges::sort(prices);  // total order
  order.prices = std::ranges::unique(prices).begin() - prices.begin();
  const auto [low, high] = std::minmax_element(
      prices.begin(), prices.begin() + static_cast<std::ptrdiff_t>(order.prices));
  order.nearest = taker == Side::sell ? *high : *low;
  order.farthest = taker == Side::sell ? *low : *high;
  return order;
}

}  // namespace mm::research::why
