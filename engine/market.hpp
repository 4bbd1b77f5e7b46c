#pragma once

// Market: what is known of the instruments, as a fold over market and feed events.
//
// Nothing here depends on our own orders, so one Market serves every variant of a counterfactual.
//
// The touch is the newer of book and best quote, by update id where both have one, else by the
// venue's time, else by arrival; at equal ids or times the book speaks. While the best quote is the
// newer one, book levels nearer than it are stale and hidden: levels(side, f) leaves them out and
// shows the best quote's own level.

#include <concepts>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/book/l2_book.hpp"
#include "engine/bytes.hpp"
#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "engine/types.hpp"

namespace mm {

enum class BookState : std::uint8_t {
  invalid = 0,  ///< nothing received yet, or updates are missing
  valid = 1,    ///< follows the venue
};

/// Best bid and ask; a missing side has price 0 and quantity 0.
struct Touch {
  Level bid;
  Level ask;
  /// Both sides are there and apart.
  bool two_sided() const { return bid.qty > Qty{} && ask.qty > Qty{} && bid.price < ask.price; }
  bool operator==(const Touch&) const = default;
};

/// The latest public trade.
struct LastTrade {
  Price price;
  Qty qty;
  Side aggressor = Side::buy;
  Time recv_time;
  bool operator==(const LastTrade&) const = default;
};

/// Everything known of one instrument.
class InstrumentState {
 public:
  bool defined() const { return defined_; }
  const Instrument& definition() const { return definition_; }
  const L2Book& book() const { return book_; }
  BookState book_state() const { return book_state_; }
  const Touch& touch() const { return touch_; }
  /// The touch is the best quote's, newer than the book.
  bool quote_is_shown() const { return quote_is_newer_; }
  /// The book follows the venue and its touch is two-sided: it can be quoted against.
  bool quotable() const { return book_state_ == BookState::valid && touch_.two_sided(); }
  /// The feed was reported stale and nothing has come since.
  bool reported_stale() const { return reported_stale_; }
  /// Empty before the first trade.
  const std::optional<LastTrade>& last_trade() const { return last_trade_; }
  /// Empty before the first context.
  const std::optional<AssetContext>& asset_context() const { return asset_context_; }
  /// recv_time of the last book, best quote or trade; 0 before the first.
  Time last_update() const { return last_update_; }
  /// Feed gaps and losses so far.
  std::int64_t gap_count() const { return gap_count_; }

  /// Visible levels from the touch outwards: the book, under a newer best quote where there is one.
  /// f takes a Level; if it returns bool, false stops the walk.
  template <class F>
  void for_each_level(Side side, F&& f) const;

  void save(ByteWriter& out) const;
  bool restore(ByteReader& in);

 private:
  friend class Market;

  bool quote_is_newer() const;
  // These say whether a price of the touch moved.
  bool set_touch(Level bid, Level ask);
  bool settle_book(const EventHeader& header, std::int64_t update_id);
  bool apply(const EventHeader& header, const BookSnapshot& snapshot);
  bool apply(const EventHeader& header, const BookDelta& delta);
  bool apply(const EventHeader& header, const BestQuote& quote);
  bool apply(const EventHeader& header, const Trade& trade);
  bool apply(const EventHeader& header, const AssetContext& context);
  bool apply(const EventHeader& header, const InstrumentDefined& definition);
  bool apply(const EventHeader& header, const FeedStatus& status);

  Touch touch_;
  BookState book_state_ = BookState::invalid;
  bool defined_ = false;
  bool quote_is_newer_ = false;  // the best quote is newer than the book
  bool quote_known_ = false;
  bool book_arrived_last_ = true;
  bool reported_stale_ = false;
  std::int64_t book_id_ = 0;  // update id and exchange time of the last snapshot or delta
  Time book_time_;
  std::int64_t quote_id_ = 0;  // likewise of the last best quote
  Time quote_time_;
  Touch quote_;
  Time last_update_;
  std::int64_t gap_count_ = 0;
  std::optional<LastTrade> last_trade_;
  std::optional<AssetContext> asset_context_;
  L2Book book_;
  Instrument definition_;
};

class Market {
 public:
  /// Folds one event. Kinds that are not about the market or a feed change nothing.
  void apply(const Event& event);

  /// Whether the last event moved a price of its instrument's touch (or made a side appear or
  /// vanish). A changed quantity alone is no move.
  bool touch_moved() const { return touch_moved_; }

  /// Instruments seen so far are 0 .. instrument_count() - 1.
  std::size_t instrument_count() const { return instruments_.size(); }
  /// State of an instrument; an empty one if nothing was heard of it yet.
  const InstrumentState& instrument(InstrumentId id) const {
    return id.value < instruments_.size() ? instruments_[id.value] : unknown_;
  }
  /// The quoted one.
  const InstrumentState& quoted() const { return instrument(InstrumentId{0}); }

  void save(ByteWriter& out) const;
  bool restore(ByteReader& in);

 private:
  InstrumentState* state_of(InstrumentId id);
  template <class Body>
  void fold(const EventHeader& header, const Body& body);
  void apply_rare(const Event& event);

  std::vector<InstrumentState> instruments_;
  InstrumentState unknown_;
  bool touch_moved_ = false;
};

template <class F>
void InstrumentState::for_each_level(Side side, F&& f) const {
  const auto visit = [&](const Level& level) {
    if constexpr (std::same_as<decltype(f(level)), bool>) {
      return f(level);
    } else {
      f(level);
      return true;
    }
  };
  if (!quote_is_newer_) {
    book_.for_each_level(side, visit);
    return;
  }
  const Level& front = side == Side::buy ? quote_.bid : quote_.ask;
  if (front.qty == Qty{} || !visit(front)) return;
  book_.for_each_level(side, [&](const Level& level) {
    const bool hidden = side == Side::buy ? level.price >= front.price : level.price <= front.price;
    return hidden || visit(level);
  });
}

}  // namespace mm
