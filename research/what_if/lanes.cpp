#include "research/what_if/lanes.hpp"

#include <algorithm>

namespace mm::research {
namespace {

/// As the exchange sees it: the book follows the venue and is not crossed.
bool is_open(const InstrumentState& market) {
  const Touch& touch = market.touch();
  return market.book_state() == BookState::valid &&
         (touch.bid.qty == Qty{} || touch.ask.qty == Qty{} || touch.bid.price < touch.ask.price);
}

Qty shown_at(const InstrumentState& market, Side side, Price price) {
  const Level& touch = side == Side::buy ? market.touch().bid : market.touch().ask;
  const bool in_front = side == Side::buy ? price > touch.price : price < touch.price;
  if (touch.qty == Qty{} || in_front) return Qty{};
  return price == touch.price ? touch.qty : market.book().qty_at(side, price);
}

const TouchBox empty_box{Price::from_units(1), Price{}, Price::from_units(1), Price{}};
const TouchBox whole_box{Price::from_units(INT64_MIN), Price::from_units(INT64_MAX),
                         Price::from_units(INT64_MIN), Price::from_units(INT64_MAX)};

bool is_empty(const TouchBox& box) {
  return box.bid_high < box.bid_low;
}

void shrink(TouchBox& box, const TouchBox& to) {
  box.bid_low = std::max(box.bid_low, to.bid_low);
  box.bid_high = std::min(box.bid_high, to.bid_high);
  box.ask_low = std::max(box.ask_low, to.ask_low);
  box.ask_high = std::min(box.ask_high, to.ask_high);
}

}  // namespace

void Lanes::add(Lane lane) {
  lanes_.push_back(std::move(lane));
  follow_queues_ = follow_queues_ || lanes_.back().trader().own() != nullptr;
  watch_.push_back({.due = lanes_.back().next_due(), .box = empty_box, .listed = true});
  restless_.push_back(lanes_.size() - 1);
  every_book_stale_ = true;
  next_due_ = std::min(next_due_, watch_.back().due);
}

void Lanes::touched(std::size_t index, const Market& market) {
  make_restless(index);
  look_at_exchange(index, market);
}

void Lanes::make_restless(std::size_t index) {
  Watch& watch = watch_[index];
  watch.box = empty_box;
  if (watch.listed) return;
  watch.listed = true;
  restless_.push_back(index);
}

// ---------------------------------------------------------------- own events

void Lanes::advance_due(Time limit, Market& market) {
  Time next = Time::max();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (watch_[i].due < limit) {
      Lane& lane = lanes_[i];
      const std::int64_t before = lane.trader().ledger().position().lots();
      const bool heard = lane.advance(limit, market, heard_);
      if (lane.trader().ledger().position().lots() != before) filled_.push_back(i);
      look_at_exchange(i, market);
      if (heard && !find_box(i, market)) make_restless(i);
    }
    next = std::min(next, watch_[i].due);
  }
  next_due_ = next;
}

void Lanes::look_at_exchange(std::size_t index, const Market& market) {
  const Lane& lane = lanes_[index];
  const sim::Exchange& exchange = lane.exchange();
  Watch& watch = watch_[index];
  watch.due = lane.next_due();
  next_due_ = std::min(next_due_, watch.due);
  const auto bids = exchange.resting(Side::buy);
  const auto asks = exchange.resting(Side::sell);
  watch.best_bid = bids.empty() ? Price{} : bids.front().price;
  watch.best_ask = asks.empty() ? nowhere : asks.front().price;
  watch.several = bids.size() > 1 || asks.size() > 1;
  bool every_book = exchange.remembers_taken();
  for (const Side side : {Side::buy, Side::sell}) {
    for (const sim::RestingOrder& order : exchange.resting(side)) {
      note_price(side, order.price);
      every_book = every_book || !order.position.known() ||
                   order.position.displayed() != shown_at(market.quoted(), side, order.price);
    }
  }
  if (watch.every_book != every_book) every_book_stale_ = true;
  watch.every_book = every_book;
  highest_bid_ = std::max(highest_bid_, watch.best_bid);
  lowest_ask_ = std::min(lowest_ask_, watch.best_ask);
}

// ---------------------------------------------------------------- market events

void Lanes::after(const Event& event, const Market& market) {
  const bool quoted = event.header.instrument.value == 0;
  const Time now = event.header.recv_time;
  ++event_number_;
  if (event.body.index() >= market_kinds) {
    tell_all(event, market);
  } else {
    if (quoted) tell_exchanges(event, market);
    const bool moved = quoted && market.touch_moved();
    if (moved || now >= tick_at_ || (quoted && follow_queues_)) tell_traders(event, market, moved);
  }
  heard_ = now;
  if (now >= tick_at_)
    tick_at_ = time_from_ns((to_ns(now) / interval_.count() + 1) * interval_.count());
}

void Lanes::tell_all(const Event& event, const Market& market) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    make_restless(i);
    lanes_[i].tell_exchange(event, market);
    lanes_[i].tell_trader(event, market, heard_);
    look_at_exchange(i, market);
  }
  open_ = open_ && is_open(market.quoted());
}

void Lanes::tell_exchange(std::size_t index, const Event& event, const Market& market) {
  if (watch_[index].told == event_number_) return;
  watch_[index].told = event_number_;
  lanes_[index].tell_exchange(event, market);
  look_at_exchange(index, market);
}

bool Lanes::stands_at(std::size_t index, Side side, Price price) const {
  const Watch& watch = watch_[index];
  if (side == Side::buy ? watch.best_bid == price : watch.best_ask == price) return true;
  if (!watch.several) return false;
  for (const sim::RestingOrder& order : lanes_[index].exchange().resting(side)) {
    if (order.price == price) return true;
  }
  return false;
}

void Lanes::note_price(Side side, Price price) {
  auto& prices = side == Side::buy ? bid_prices_ : ask_prices_;
  const auto low = static_cast<std::uint64_t>(price.units()) % bits;
  const std::uint64_t bit = std::uint64_t{1} << (low % 64);
  if ((prices[low / 64] & bit) != 0) return;
  prices[low / 64] |= bit;
  ++noted_;
}

bool Lanes::may_stand_at(Side side, Price price) const {
  const auto& prices = side == Side::buy ? bid_prices_ : ask_prices_;
  const auto low = static_cast<std::uint64_t>(price.units()) % bits;
  return (prices[low / 64] >> (low % 64) & 1) != 0;
}

void Lanes::rebuild_bounds() {
  since_rebuild_ = 0;
  noted_ = 0;
  highest_bid_ = Price{};
  lowest_ask_ = nowhere;
  bid_prices_.fill(0);
  ask_prices_.fill(0);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    highest_bid_ = std::max(highest_bid_, watch_[i].best_bid);
    lowest_ask_ = std::min(lowest_ask_, watch_[i].best_ask);
    if (!watch_[i].several) {
      if (watch_[i].best_bid > Price{}) note_price(Side::buy, watch_[i].best_bid);
      if (watch_[i].best_ask < nowhere) note_price(Side::sell, watch_[i].best_ask);
      continue;
    }
    for (const Side side : {Side::buy, Side::sell}) {
      for (const sim::RestingOrder& order : lanes_[i].exchange().resting(side))
        note_price(side, order.price);
    }
  }
}

void Lanes::tell_exchanges(const Event& event, const Market& market) {
  // Funding looks at stamps and contexts only, so it is due for every exchange alike.
  if (event.header.exchange_time >= funding_due_ ||
      std::holds_alternative<AssetContext>(event.body)) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) tell_exchange(i, event, market);
    if (!lanes_.empty()) funding_due_ = lanes_.front().exchange().funding_due();
  }
  const auto tell = [&](auto&& wanted) {
    bool any = false;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (!wanted(i)) continue;
      any = true;
      tell_exchange(i, event, market);
    }
    // Bounds that let through what concerns nobody have grown too wide.
    if (!any && ++since_rebuild_ > 16) rebuild_bounds();
  };
  if (const auto* trade = std::get_if<Trade>(&event.body)) {
    const Price price = trade->price;
    if (trade->aggressor == Side::sell ? highest_bid_ < price : lowest_ask_ > price) return;
    if (trade->aggressor == Side::sell) {
      tell([&](std::size_t i) { return watch_[i].best_bid >= price; });
    } else {
      tell([&](std::size_t i) { return watch_[i].best_ask <= price; });
    }
    return;
  }
  const auto* delta = std::get_if<BookDelta>(&event.body);
  const bool snapshot = std::holds_alternative<BookSnapshot>(event.body);
  if (delta == nullptr && !snapshot && !std::holds_alternative<BestQuote>(event.body)) return;

  const InstrumentState& after = market.quoted();
  const bool open = is_open(after);
  if (open != open_ || (snapshot && open)) {
    open_ = open;
    tell([](std::size_t) { return true; });
    return;
  }
  if (!open) return;
  // The touch: from where it was to where it is, and everything in front.
  const Touch& touch = after.touch();
  const Price bid = std::min(old_bid_, touch.bid.qty > Qty{} ? touch.bid.price : Price{});
  const Price ask = std::max(old_ask_, touch.ask.qty > Qty{} ? touch.ask.price : nowhere);
  if (highest_bid_ >= bid || lowest_ask_ <= ask) {
    tell([&](std::size_t i) {
      return (watch_[i].best_bid >= bid && watch_[i].best_bid > Price{}) ||
             (watch_[i].best_ask <= ask && watch_[i].best_ask < nowhere);
    });
  }
  if (delta != nullptr) {
    tell_delta(event, *delta, market);
  }
  if (every_book_stale_) {
    every_book_stale_ = false;
    every_book_.clear();
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      if (watch_[i].every_book) every_book_.push_back(i);
  }
  if (!every_book_.empty()) {
    for (std::size_t k = 0; k < every_book_.size(); ++k)
      tell_exchange(every_book_[k], event, market);
  }
}

void Lanes::tell_delta(const Event& event, const BookDelta& delta, const Market& market) {
  // Prices that orders have left let through what concerns nobody.
  if (noted_ > 64 + 4 * lanes_.size()) rebuild_bounds();
  hits_.clear();
  for (const Level& row : delta.bids)
    if (may_stand_at(Side::buy, row.price)) hits_.push_back({Side::buy, row.price});
  for (const Level& row : delta.asks)
    if (may_stand_at(Side::sell, row.price)) hits_.push_back({Side::sell, row.price});
  if (hits_.empty()) return;
  bool any = false;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const bool hit = std::any_of(hits_.begin(), hits_.end(),
                                 [&](const auto& at) { return stands_at(i, at.first, at.second); });
    if (!hit) continue;
    any = true;
    tell_exchange(i, event, market);
  }
  if (!any && ++since_rebuild_ > 16) rebuild_bounds();
}

void Lanes::tell_traders(const Event& event, const Market& market, bool moved) {
  const InstrumentState& quoted = market.quoted();
  const Time now = event.header.recv_time;
  const bool silent = stale_ > Duration{} && now - quoted.last_update() >= stale_;
  if (!quoted.quotable() || quoted.reported_stale() || silent) {
    // Something keeps everybody from quoting: rare, and each trader knows what to do.
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      make_restless(i);
      lanes_[i].tell_trader(event, market, heard_);
      watch_[i].due = lanes_[i].next_due();
      next_due_ = std::min(next_due_, watch_[i].due);
    }
    return;
  }
  if (moved && !core_.contains(quoted.touch())) {
    core_ = whole_box;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (is_empty(watch_[i].box)) continue;
      if (watch_[i].box.contains(quoted.touch())) {
        shrink(core_, watch_[i].box);
      } else {
        make_restless(i);
      }
    }
  }
  // Those that find a box leave the list.
  std::size_t kept = 0;
  const std::size_t asked = restless_.size();
  for (std::size_t k = 0; k < asked; ++k) {
    const std::size_t i = restless_[k];
    if (is_empty(watch_[i].box)) tell_trader(i, event, market);
    watch_[i].listed = is_empty(watch_[i].box);
    if (watch_[i].listed) restless_[kept++] = i;
  }
  restless_.resize(kept);
}

void Lanes::tell_trader(std::size_t index, const Event& event, const Market& market) {
  Lane& lane = lanes_[index];
  const std::int64_t decisions = lane.trader().decision_count();
  if (lane.tell_trader(event, market, heard_)) {
    watch_[index].due = lane.next_due();
    next_due_ = std::min(next_due_, watch_[index].due);
  }
  // An event at which no decision was due has changed nothing.
  if (lane.trader().decision_count() != decisions || !lane.trader().strategy().wants_to_be_asked())
    find_box(index, market);
}

bool Lanes::find_box(std::size_t index, const Market& market) {
  const InstrumentState& quoted = market.quoted();
  if (!quoted.defined() || !quoted.quotable() || !quoted.touch().two_sided()) return false;
  const auto box = lanes_[index].trader().quiet_box(market);
  if (!box) return false;
  watch_[index].box = *box;
  shrink(core_, *box);
  return true;
}

}  // namespace mm::research
