#include "engine/market.hpp"

#include <type_traits>
#include <variant>

#include "engine/record.hpp"

namespace mm {
namespace {

void put_level(ByteWriter& out, const Level& level) {
  out.put_i64(level.price.units());
  out.put_i64(level.qty.lots());
}
Level get_level(ByteReader& in) {
  const std::int64_t price = in.get_i64();
  const std::int64_t qty = in.get_i64();
  return {Price::from_units(price), Qty::from_lots(qty)};
}
void put_touch(ByteWriter& out, const Touch& touch) {
  put_level(out, touch.bid);
  put_level(out, touch.ask);
}
Touch get_touch(ByteReader& in) {
  const Level bid = get_level(in);
  const Level ask = get_level(in);
  return {bid, ask};
}

/// What of a touch counts as having moved.
struct TouchPrices {
  Price bid;
  Price ask;
  bool has_bid = false;
  bool has_ask = false;
  explicit TouchPrices(const Touch& touch)
      : bid(touch.bid.price),
        ask(touch.ask.price),
        has_bid(touch.bid.qty > Qty{}),
        has_ask(touch.ask.qty > Qty{}) {}
  bool operator==(const TouchPrices&) const = default;
};

}  // namespace

// Which of book and best quote is newer, and the touch that follows from it. Its levels are written
// one by one: a copy of a whole Touch would read back, in wider words, what was just stored.
inline bool InstrumentState::settle_touch() {
  const TouchPrices before{touch_};
  if (quote_known_) {
    if (quote_id_ != 0 && book_id_ != 0) {
      quote_is_newer_ = quote_id_ > book_id_;
    } else if (to_ns(quote_time_) != 0 && to_ns(book_time_) != 0) {
      quote_is_newer_ = quote_time_ > book_time_;
    } else {
      quote_is_newer_ = !book_arrived_last_;
    }
  }
  if (quote_is_newer_) {
    touch_.bid = quote_.bid;
    touch_.ask = quote_.ask;
  } else {
    touch_.bid = book_.best_bid();
    touch_.ask = book_.best_ask();
  }
  return before != TouchPrices{touch_};
}

void InstrumentState::save(ByteWriter& out) const {
  put_touch(out, touch_);
  out.put_u64(static_cast<std::uint64_t>(book_state_));
  out.put_flag(defined_);
  out.put_flag(quote_is_newer_);
  out.put_flag(quote_known_);
  out.put_flag(book_arrived_last_);
  out.put_flag(reported_stale_);
  out.put_i64(book_id_);
  out.put_i64(to_ns(book_time_));
  out.put_i64(quote_id_);
  out.put_i64(to_ns(quote_time_));
  put_touch(out, quote_);
  out.put_i64(to_ns(last_update_));
  out.put_i64(gap_count_);
  out.put_flag(last_trade_.has_value());
  if (last_trade_) {
    out.put_i64(last_trade_->price.units());
    out.put_i64(last_trade_->qty.lots());
    out.put_u64(static_cast<std::uint64_t>(last_trade_->aggressor));
    out.put_i64(to_ns(last_trade_->recv_time));
  }
  // The two copies of an event keep its canonical form.
  out.put_flag(asset_context_.has_value());
  if (asset_context_) write_record(out, Event{{}, *asset_context_});
  if (defined_) write_record(out, Event{{}, definition_of(definition_)});
  book_.save(out);
}

bool InstrumentState::restore(ByteReader& in) {
  const auto get_record = [&in]() -> std::optional<Record> {
    ByteReader ahead = in;
    const std::uint32_t size = static_cast<std::uint32_t>(ahead.get_u64());
    const std::byte* at = in.take(size);
    if (at == nullptr) return std::nullopt;
    return read_record({at, size});
  };
  *this = InstrumentState{};
  touch_ = get_touch(in);
  const std::uint64_t state = in.get_u64();
  if (state > static_cast<std::uint64_t>(BookState::valid)) in.fail();
  book_state_ = static_cast<BookState>(state);
  defined_ = in.get_flag();
  quote_is_newer_ = in.get_flag();
  quote_known_ = in.get_flag();
  book_arrived_last_ = in.get_flag();
  reported_stale_ = in.get_flag();
  book_id_ = in.get_i64();
  book_time_ = time_from_ns(in.get_i64());
  quote_id_ = in.get_i64();
  quote_time_ = time_from_ns(in.get_i64());
  quote_ = get_touch(in);
  last_update_ = time_from_ns(in.get_i64());
  gap_count_ = in.get_i64();
  if (in.get_flag()) {
    LastTrade trade;
    trade.price = Price::from_units(in.get_i64());
    trade.qty = Qty::from_lots(in.get_i64());
    trade.aggressor = in.get_flag() ? Side::sell : Side::buy;
    trade.recv_time = time_from_ns(in.get_i64());
    last_trade_ = trade;
  }
  if (in.get_flag()) {
    const std::optional<Record> record = get_record();
    const Event* event = record ? std::get_if<Event>(&*record) : nullptr;
    const AssetContext* context =
        event != nullptr ? std::get_if<AssetContext>(&event->body) : nullptr;
    if (context == nullptr) {
      in.fail();
      return false;
    }
    asset_context_ = *context;
  }
  if (defined_) {
    const std::optional<Record> record = get_record();
    const Event* event = record ? std::get_if<Event>(&*record) : nullptr;
    const InstrumentDefined* definition =
        event != nullptr ? std::get_if<InstrumentDefined>(&event->body) : nullptr;
    if (definition == nullptr) {
      in.fail();
      return false;
    }
    definition_ = instrument_of(*definition);
  }
  return !in.failed() && book_.restore(in) && !in.failed();
}

inline InstrumentState* Market::state_of(InstrumentId id) {
  if (id.value >= instruments_.size()) [[unlikely]] {
    if (id.value >= max_instruments) return nullptr;
    instruments_.resize(std::size_t{id.value} + 1);
  }
  return &instruments_[id.value];
}

inline void InstrumentState::heard_at(Time now) {
  last_update_ = now;
  reported_stale_ = false;
}

inline bool InstrumentState::apply(const EventHeader& header, const BookDelta& delta) {
  heard_at(header.recv_time);
  book_.apply(delta);
  book_id_ = delta.last_id;
  book_time_ = header.exchange_time;
  book_arrived_last_ = true;
  return settle_touch();
}

inline bool InstrumentState::apply(const EventHeader& header, const BookSnapshot& snapshot) {
  heard_at(header.recv_time);
  book_.apply(snapshot);
  book_id_ = snapshot.update_id;
  book_time_ = header.exchange_time;
  book_arrived_last_ = true;
  book_state_ = BookState::valid;
  return settle_touch();
}

inline bool InstrumentState::apply(const EventHeader& header, const BestQuote& quote) {
  heard_at(header.recv_time);
  quote_.bid = quote.bid;
  quote_.ask = quote.ask;
  quote_id_ = quote.update_id;
  quote_time_ = header.exchange_time;
  quote_known_ = true;
  book_arrived_last_ = false;
  return settle_touch();
}

inline bool InstrumentState::apply(const EventHeader& header, const Trade& trade) {
  heard_at(header.recv_time);
  last_trade_ = LastTrade{trade.price, trade.qty, trade.aggressor, header.recv_time};
  return false;
}

inline bool InstrumentState::apply(const EventHeader&, const AssetContext& context) {
  asset_context_ = context;
  return false;
}

inline bool InstrumentState::apply(const EventHeader&, const InstrumentDefined& definition) {
  definition_ = instrument_of(definition);
  defined_ = true;
  return false;
}

inline bool InstrumentState::apply(const EventHeader&, const FeedStatus& status) {
  if (status.state == FeedState::gap || status.state == FeedState::lost) {
    book_state_ = BookState::invalid;
    ++gap_count_;
  } else if (status.state == FeedState::resynchronised) {
    book_state_ = BookState::valid;
  } else if (status.state == FeedState::stale) {
    reported_stale_ = true;
  }
  return false;
}

void Market::apply(const Event& event) {
  touch_moved_ = false;
  const auto fold = [&](const auto& body) {
    if (InstrumentState* state = state_of(event.header.instrument))
      touch_moved_ = state->apply(event.header, body);
  };
  // Nearly every message is one of the first three; a visit would call through a table.
  if (const auto* quote = std::get_if<BestQuote>(&event.body)) return fold(*quote);
  if (const auto* delta = std::get_if<BookDelta>(&event.body)) return fold(*delta);
  if (const auto* trade = std::get_if<Trade>(&event.body)) return fold(*trade);
  std::visit(
      [&]<class Body>(const Body& body) {
        constexpr bool is_ours_to_fold =
            std::is_same_v<Body, BookSnapshot> || std::is_same_v<Body, AssetContext> ||
            std::is_same_v<Body, InstrumentDefined> || std::is_same_v<Body, FeedStatus>;
        if constexpr (is_ours_to_fold) fold(body);
      },
      event.body);
}

void Market::save(ByteWriter& out) const {
  out.put_u64(instruments_.size());
  for (const InstrumentState& state : instruments_) state.save(out);
}

bool Market::restore(ByteReader& in) {
  touch_moved_ = false;
  const std::uint64_t count = in.get_u64();
  if (in.failed() || count > max_instruments) return false;
  instruments_.resize(static_cast<std::size_t>(count));
  for (InstrumentState& state : instruments_)
    if (!state.restore(in)) return false;
  return true;
}

}  // namespace mm
