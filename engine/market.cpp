#include "engine/market.hpp"

#include <type_traits>
#include <variant>

#include "engine/record.hpp"
#include "engine/value_bytes.hpp"

namespace mm {
namespace {

void put_touch(ByteWriter& out, const Touch& touch) {
  put_level(out, touch.bid);
  put_level(out, touch.ask);
}
Touch get_touch(ByteReader& in) {
  const Level bid = get_level(in);
  const Level ask = get_level(in);
  return {bid, ask};
}

/// Price and quantity read one by one. Whoever made the event has just stored them so, and a copy
/// in one wide word would have to wait until both stores are through to the cache.
inline Level in_registers(const Level& level) {
  std::int64_t price = level.price.units();
  std::int64_t qty = level.qty.lots();
  asm("" : "+r"(price), "+r"(qty));
  return {Price::from_units(price), Qty::from_lots(qty)};
}

}  // namespace

// By update id where both have one, else by the venue's time, else by arrival.
inline bool InstrumentState::quote_is_newer() const {
  if (quote_id_ != 0 && book_id_ != 0) return quote_id_ > book_id_;
  if (to_ns(quote_time_) != 0 && to_ns(book_time_) != 0) return quote_time_ > book_time_;
  return !book_arrived_last_;
}

inline bool InstrumentState::set_touch(Level bid, Level ask) {
  // Without branches: whether a price moves is what the next caller's branch will have to guess.
  const auto moved = [](const Level& from, const Level& to) {
    return static_cast<unsigned>(from.price != to.price) |
           (static_cast<unsigned>(from.qty > Qty{}) ^ static_cast<unsigned>(to.qty > Qty{}));
  };
  const unsigned any = moved(touch_.bid, bid) | moved(touch_.ask, ask);
  touch_.bid = bid;
  touch_.ask = ask;
  return any != 0;
}

inline bool InstrumentState::settle_book(const EventHeader& header, std::int64_t update_id) {
  last_update_ = header.recv_time;
  reported_stale_ = false;
  book_id_ = update_id;
  book_time_ = header.exchange_time;
  book_arrived_last_ = true;
  if (quote_known_) quote_is_newer_ = quote_is_newer();
  return quote_is_newer_
             ? set_touch(in_registers(quote_.bid), in_registers(quote_.ask))
             : set_touch(in_registers(book_.best_bid()), in_registers(book_.best_ask()));
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

inline bool InstrumentState::apply(const EventHeader& header, const BookDelta& delta) {
  book_.apply(delta);
  return settle_book(header, delta.last_id);
}

inline bool InstrumentState::apply(const EventHeader& header, const BookSnapshot& snapshot) {
  book_.apply(snapshot);
  book_state_ = BookState::valid;
  return settle_book(header, snapshot.update_id);
}

inline bool InstrumentState::apply(const EventHeader& header, const BestQuote& quote) {
  const Level bid = in_registers(quote.bid);
  const Level ask = in_registers(quote.ask);
  last_update_ = header.recv_time;
  reported_stale_ = false;
  quote_.bid = bid;
  quote_.ask = ask;
  quote_id_ = quote.update_id;
  quote_time_ = header.exchange_time;
  quote_known_ = true;
  book_arrived_last_ = false;
  quote_is_newer_ = quote_is_newer();
  return quote_is_newer_ ? set_touch(bid, ask) : set_touch(book_.best_bid(), book_.best_ask());
}

inline bool InstrumentState::apply(const EventHeader& header, const Trade& trade) {
  last_update_ = header.recv_time;
  reported_stale_ = false;
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

template <class Body>
inline void Market::fold(const EventHeader& header, const Body& body) {
  if (InstrumentState* state = state_of(header.instrument))
    touch_moved_ = state->apply(header, body);
}

void Market::apply(const Event& event) {
  touch_moved_ = false;
  // Nearly every message is one of these three; a visit would call through a table.
  if (const auto* quote = std::get_if<BestQuote>(&event.body))
    fold(event.header, *quote);
  else if (const auto* delta = std::get_if<BookDelta>(&event.body))
    fold(event.header, *delta);
  else if (const auto* trade = std::get_if<Trade>(&event.body))
    fold(event.header, *trade);
  else
    apply_rare(event);
}

[[gnu::noinline]] void Market::apply_rare(const Event& event) {
  std::visit(
      [&]<class Body>(const Body& body) {
        constexpr bool is_ours_to_fold =
            std::is_same_v<Body, BookSnapshot> || std::is_same_v<Body, AssetContext> ||
            std::is_same_v<Body, InstrumentDefined> || std::is_same_v<Body, FeedStatus>;
        if constexpr (is_ours_to_fold) fold(event.header, body);
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
