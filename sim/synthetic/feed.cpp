#include "sim/synthetic/feed.hpp"

#include <algorithm>

namespace mm::sim {
namespace {

Level touch_of(const MatchingBook& book, Side side) {
  const auto best = book.best(side);
  return best ? Level{best->price, best->qty} : Level{};
}

}  // namespace

SyntheticFeed::Message& SyntheticFeed::send(const EventBody& body, Time now) {
  Message message;
  if (!spare_.empty()) {
    message = std::move(spare_.back());
    spare_.pop_back();
    message.bids.clear();
    message.asks.clear();
  }
  Duration latency = duration_of(settings_.feed_latency_s);
  if (settings_.feed_jitter_s > 0)
    latency += duration_of(-det::log(random_.uniform()) * settings_.feed_jitter_s);
  message.event.header = {
      .recv_time = lane_.deliver(now, latency), .exchange_time = now, .instrument = instrument_};
  message.event.body = body;
  queue_.push_back(std::move(message));
  return queue_.back();
}

const Event* SyntheticFeed::take() {
  MM_ASSERT(!queue_.empty(), "a message is under way");
  if (current_.bids.capacity() != 0) spare_.push_back(std::move(current_));
  current_ = std::move(queue_.front());
  queue_.pop_front();
  if (auto* delta = std::get_if<BookDelta>(&current_.event.body)) {
    delta->bids = current_.bids;
    delta->asks = current_.asks;
  } else if (auto* snapshot = std::get_if<BookSnapshot>(&current_.event.body)) {
    snapshot->bids = current_.bids;
    snapshot->asks = current_.asks;
  }
  return &current_.event;
}

void SyntheticFeed::begin(MatchingBook& book, Time now) {
  speaks_ = true;
  told_ = ++changes_;
  Message& message = send(BookSnapshot{.update_id = changes_}, now);
  for (const Side side : {Side::buy, Side::sell}) {
    book.take_touched(side, touched_);
    book.depth(side, book.level_count(side), depth_);
    std::vector<Level>& levels = side == Side::buy ? message.bids : message.asks;
    for (const DepthLevel& level : depth_) levels.push_back({level.price, level.qty});
  }
  bid_ = touch_of(book, Side::buy);
  ask_ = touch_of(book, Side::sell);
  const Duration interval = duration_of(settings_.depth_interval_s);
  if (interval > Duration{}) next_delta_ = now + interval;
}

void SyntheticFeed::on_change(MatchingBook& book, std::span<const MatchReport> reports, Time now) {
  if (!speaks_) return;
  ++changes_;
  for (std::size_t at = 0; at < reports.size();) {
    const MatchReport& first = reports[at];
    Qty qty;
    // What one taker order traded at one price is one trade.
    for (; at < reports.size() && reports[at].price == first.price &&
           reports[at].aggressor == first.aggressor;
         ++at) {
      if (reports[at].kind == MatchReport::Kind::trade) qty += reports[at].qty;
    }
    if (qty == Qty{}) continue;
    send(
        Trade{
            .trade_id = ++trades_, .price = first.price, .qty = qty, .aggressor = first.aggressor},
        now);
  }
  send_touch(book, now);
  if (next_delta_ == Time::max()) send_delta(book, now);
}

void SyntheticFeed::send_touch(const MatchingBook& book, Time now) {
  const Level bid = touch_of(book, Side::buy);
  const Level ask = touch_of(book, Side::sell);
  if (bid == bid_ && ask == ask_) return;
  bid_ = bid;
  ask_ = ask;
  send(BestQuote{.update_id = changes_, .bid = bid, .ask = ask}, now);
}

void SyntheticFeed::changed_levels(MatchingBook& book, Side side, std::vector<Level>& out) {
  book.take_touched(side, touched_);
  for (const Price price : touched_) {
    const auto level = book.level(side, price);
    out.push_back({price, level ? level->qty : Qty{}});
  }
  if (side == Side::buy) std::reverse(out.begin(), out.end());
}

void SyntheticFeed::send_delta(MatchingBook& book, Time now) {
  const Duration interval = duration_of(settings_.depth_interval_s);
  if (interval > Duration{}) next_delta_ = now + interval;
  if (told_ == changes_) return;
  Message& message =
      send(BookDelta{.first_id = told_ + 1, .last_id = changes_, .prev_id = told_}, now);
  told_ = changes_;
  changed_levels(book, Side::buy, message.bids);
  changed_levels(book, Side::sell, message.asks);
}

}  // namespace mm::sim
