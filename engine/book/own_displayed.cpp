#include "engine/book/own_displayed.hpp"
#include "engine/value_bytes.hpp"

#include <algorithm>

namespace mm {
namespace {

bool has_stamp(const EventHeader& header) {
  return header.exchange_time != Time{};
}

Time stamp_of(const EventHeader& header) {
  return has_stamp(header) ? header.exchange_time : header.recv_time;
}

/// What a level shows and which moment it is of.
struct Shown {
  Qty qty;
  bool by_quote = false;
};

Shown shown_at(Side side, Price price, const InstrumentState& instrument) {
  if (!instrument.quote_is_shown()) return {instrument.book().qty_at(side, price)};
  const Level& front = side == Side::buy ? instrument.touch().bid : instrument.touch().ask;
  if (front.qty == Qty{}) return {Qty{}, true};
  if (price == front.price) return {front.qty, true};
  const bool hidden = side == Side::buy ? price > front.price : price < front.price;
  return hidden ? Shown{Qty{}, true} : Shown{instrument.book().qty_at(side, price)};
}

bool moved(const Level& from, const Level& to) {
  return from.price != to.price || (from.qty > Qty{}) != (to.qty > Qty{});
}

Side get_side(ByteReader& in) {
  return in.get_flag() ? Side::sell : Side::buy;
}

}  // namespace

Qty OwnDisplayed::Life::left_at(Time at) const {
  Qty left = qty;
  for (const Cut& cut : fills)
    if (cut.at <= at) left -= cut.qty;
  return std::max(left, Qty{});
}

OwnDisplayed::Life* OwnDisplayed::find(ClientOrderId id) {
  const auto at =
      std::lower_bound(lives_.begin(), lives_.end(), id,
                       [](const Life& life, ClientOrderId wanted) { return life.id < wanted; });
  return at != lives_.end() && at->id == id ? &*at : nullptr;
}

/// Whether the event says anything about the book or about orders in it.
bool OwnDisplayed::note(const Event& event) {
  const Time at = stamp_of(event.header);
  const auto end = [&](Life& life) {
    life.ended = true;
    life.goes = {has_stamp(event.header) ? at : Time::min(), at};
  };
  if (std::holds_alternative<BestQuote>(event.body)) {
    quote_at_ = at;
  } else if (std::holds_alternative<BookDelta>(event.body) ||
             std::holds_alternative<BookSnapshot>(event.body)) {
    book_at_ = at;
  } else if (const auto* ack = std::get_if<OrderAck>(&event.body)) {
    // An acknowledgement may be repeated; the first one that has a stamp is the better one.
    Life* life = find(ack->order);
    if (life == nullptr || life->appears.earliest != Time::min()) return false;
    life->appears = has_stamp(event.header)
                        ? Moment{at, at}
                        : Moment{Time::min(), std::min(at, life->appears.latest)};
  } else if (const auto* fill = std::get_if<Fill>(&event.body)) {
    Life* life = find(fill->order);
    if (life == nullptr) return false;
    life->fills.push_back({at, fill->qty});
  } else if (const auto* done = std::get_if<OrderDone>(&event.body)) {
    Life* life = find(done->order);
    if (life == nullptr || life->ended) return false;
    end(*life);
  } else if (const auto* reject = std::get_if<OrderReject>(&event.body)) {
    Life* life = find(reject->order);
    if (life == nullptr || life->ended) return false;
    // It never stood anywhere.
    life->ended = true;
    life->qty = Qty{};
  } else {
    return std::holds_alternative<CancelReject>(event.body);
  }
  return true;
}

/// Which orders may be leaving, and which ended with their last fill.
void OwnDisplayed::follow(const Orders& orders) {
  for (Life& life : lives_) {
    if (life.ended) continue;
    const Order* order = orders.find(life.id);
    if (order == nullptr) {
      const Time at = life.fills.empty() ? book_at_ : life.fills.back().at;
      life.ended = true;
      life.goes = {at, at};
      continue;
    }
    const bool leaving =
        order->state == OrderState::pending_cancel || order->state == OrderState::pending_replace;
    life.goes.earliest = leaving ? Time::min() : Time::max();
  }
}

/// Drops what cannot be shown any more. A best quote is shown only while it is newer than the book.
void OwnDisplayed::forget() {
  std::erase_if(lives_, [&](const Life& life) {
    return life.ended && (life.qty == Qty{} || life.goes.latest <= book_at_);
  });
  for (Life& life : lives_) {
    std::erase_if(life.fills, [&](const Cut& cut) {
      if (cut.at > book_at_) return false;
      life.qty = std::max(life.qty - cut.qty, Qty{});
      return true;
    });
  }
}

OwnDisplayed::Bounds OwnDisplayed::ours_at(Side side, Price price, Time at) const {
  Bounds ours;
  for (const Life& life : lives_) {
    if (life.side != side || life.price != price) continue;
    const Qty left = life.left_at(at);
    if (at >= life.appears.earliest && at < life.goes.latest) ours.most += left;
    if (at >= life.appears.latest && at < life.goes.earliest) ours.least += left;
  }
  return ours;
}

Qty OwnDisplayed::others_at(Side side, Price price, const InstrumentState& instrument,
                            Qty before) const {
  const Shown shown = shown_at(side, price, instrument);
  const Bounds ours = ours_at(side, price, shown.by_quote ? quote_at_ : book_at_);
  if (shown.qty == ours.most && shown.qty != before) return Qty{};
  const Qty least = std::max(shown.qty - ours.most, Qty{});
  const Qty most = shown.qty < ours.least ? shown.qty : shown.qty - ours.least;
  return std::clamp(before, least, most);
}

void OwnDisplayed::settle(const InstrumentState& instrument) {
  std::vector<At> before;
  before.swap(levels_);
  const auto at = [](std::vector<At>& levels, Side side, Price price) {
    return std::find_if(levels.begin(), levels.end(), [&](const At& level) {
      return level.side == side && level.price == price;
    });
  };
  for (const Life& life : lives_) {
    if (at(levels_, life.side, life.price) != levels_.end()) continue;
    const Qty shown = shown_at(life.side, life.price, instrument).qty;
    const auto old = at(before, life.side, life.price);
    const Qty others =
        others_at(life.side, life.price, instrument, old == before.end() ? shown : old->others);
    levels_.push_back({life.side, life.price, shown - others, others});
  }
  others_ = {best_of_others(Side::buy, instrument), best_of_others(Side::sell, instrument)};
}

Level OwnDisplayed::best_of_others(Side side, const InstrumentState& instrument) const {
  Level best;
  instrument.for_each_level(side, [&](const Level& level) {
    Qty others = level.qty;
    for (const At& at : levels_)
      if (at.side == side && at.price == level.price) others = at.others;
    if (others <= Qty{}) return true;
    best = {level.price, others};
    return false;
  });
  return best;
}

bool OwnDisplayed::apply(const Event& event, const Orders& orders,
                         const InstrumentState& instrument) {
  if (event.header.instrument.value != 0 || !note(event)) return false;
  const Touch before = others_;
  if (lives_.empty()) {
    others_ = instrument.touch();
  } else {
    follow(orders);
    forget();
    settle(instrument);
  }
  return moved(before.bid, others_.bid) || moved(before.ask, others_.ask);
}

void OwnDisplayed::sent(const Orders& orders, const InstrumentState& instrument) {
  const auto all = orders.all();
  if (all.empty() || all.back().id <= newest_) return;
  for (const Order& order : all) {
    if (order.id <= newest_) continue;
    Life life;
    life.id = order.id;
    life.side = order.side;
    life.price = order.price;
    life.qty = order.remaining;
    lives_.push_back(std::move(life));
  }
  newest_ = all.back().id;
  settle(instrument);
}

// ---------------------------------------------------------------- state

void OwnDisplayed::save(ByteWriter& out) const {
  out.put_u64(lives_.size());
  for (const Life& life : lives_) {
    out.put_u64(life.id.value);
    out.put_u64(static_cast<std::uint64_t>(life.side));
    out.put_i64(life.price.units());
    out.put_i64(life.qty.lots());
    for (const Moment& moment : {life.appears, life.goes}) {
      put_time(out, moment.earliest);
      put_time(out, moment.latest);
    }
    out.put_flag(life.ended);
    out.put_u64(life.fills.size());
    for (const Cut& cut : life.fills) {
      put_time(out, cut.at);
      out.put_i64(cut.qty.lots());
    }
  }
  out.put_u64(levels_.size());
  for (const At& at : levels_) {
    out.put_u64(static_cast<std::uint64_t>(at.side));
    out.put_i64(at.price.units());
    out.put_i64(at.ours.lots());
    out.put_i64(at.others.lots());
  }
  out.put_u64(newest_.value);
  put_time(out, book_at_);
  put_time(out, quote_at_);
  put_level(out, others_.bid);
  put_level(out, others_.ask);
}

bool OwnDisplayed::restore(ByteReader& in) {
  *this = OwnDisplayed{};
  for (std::uint64_t count = in.get_u64(); count > 0 && !in.failed(); --count) {
    Life life;
    life.id.value = in.get_u64();
    life.side = get_side(in);
    life.price = Price::from_units(in.get_i64());
    life.qty = Qty::from_lots(in.get_i64());
    for (Moment* moment : {&life.appears, &life.goes}) {
      moment->earliest = get_time(in);
      moment->latest = get_time(in);
    }
    life.ended = in.get_flag();
    for (std::uint64_t fills = in.get_u64(); fills > 0 && !in.failed(); --fills) {
      const Time at = get_time(in);
      life.fills.push_back({at, Qty::from_lots(in.get_i64())});
    }
    if (!lives_.empty() && life.id <= lives_.back().id) in.fail();
    lives_.push_back(std::move(life));
  }
  for (std::uint64_t count = in.get_u64(); count > 0 && !in.failed(); --count) {
    At at;
    at.side = get_side(in);
    at.price = Price::from_units(in.get_i64());
    at.ours = Qty::from_lots(in.get_i64());
    at.others = Qty::from_lots(in.get_i64());
    levels_.push_back(at);
  }
  newest_.value = in.get_u64();
  book_at_ = get_time(in);
  quote_at_ = get_time(in);
  others_.bid = get_level(in);
  others_.ask = get_level(in);
  return !in.failed();
}

}  // namespace mm
