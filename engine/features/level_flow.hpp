#pragma once

// What became of the size at a price: added, cancelled or traded away (Models 4.3).
//
// Between two book states with others' size S0 -> S1 and V traded against others in between:
//
//   net = S1 - S0 + V;   added += max(net, 0);   cancelled += max(-net, 0);   filled += V
//
// Adds and cancels are lower bounds: one of each in the same interval hide each other. Trades and
// books that come over separate streams are told apart by the venue's stamps: a trade belongs to
// the first book stamped at or after it. One that arrives behind its book takes back from what that
// book was thought to have cancelled.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/types.hpp"

namespace mm {

enum class WallOutcome : std::uint8_t { mixed = 0, pulled = 1, filled = 2 };

/// What one interval did. Integers or doubles alike.
template <class T>
struct LevelChange {
  T added{};
  T cancelled{};
};

template <class T>
LevelChange<T> level_change(T before, T after, T traded) {
  const T net = after - before + traded;
  return net > T{} ? LevelChange<T>{net, T{}} : LevelChange<T>{T{}, -net};
}

/// cancelled / (cancelled + filled); absent if nothing left.
inline std::optional<double> pulled_fraction(double cancelled, double filled) {
  if (!(cancelled + filled > 0)) return std::nullopt;
  return cancelled / (cancelled + filled);
}

/// pulled from 0.7, filled up to 0.3.
inline WallOutcome outcome_of(double fraction_pulled) {
  return fraction_pulled >= 0.7   ? WallOutcome::pulled
         : fraction_pulled <= 0.3 ? WallOutcome::filled
                                  : WallOutcome::mixed;
}

/// The flow of one price or bucket, fed with trades and book states in the order they arrive.
class LevelFlow {
 public:
  /// Starts counting from a book state of `lots` stamped `stamp` (0 = the venue gave none).
  void start(std::int64_t lots, Time stamp) {
    *this = LevelFlow{};
    lots_ = lots;
    book_stamp_ = stamp;
  }
  /// A trade here, our own fills left out by the caller.
  void on_trade(std::int64_t lots, Time stamp) {
    filled_ += lots;
    if (to_ns(stamp) != 0 && stamp <= book_stamp_) {
      const std::int64_t mistaken = std::min(lots, last_cancelled_);
      cancelled_ -= mistaken;
      last_cancelled_ -= mistaken;
      lots -= mistaken;
    }
    if (lots == 0) return;
    pending_ += lots;
    pending_stamp_ = stamp;
  }
  /// A book state; gives what happened since the one before.
  LevelChange<std::int64_t> on_book(std::int64_t lots, Time stamp) {
    // Trades stamped later than this book are not in it yet.
    const bool early = to_ns(stamp) != 0 && pending_stamp_ > stamp;
    const std::int64_t traded =
        early ? std::min(pending_, std::max(lots_ - lots, std::int64_t{0})) : pending_;
    const LevelChange<std::int64_t> change = level_change(lots_, lots, traded);
    added_ += change.added;
    cancelled_ += change.cancelled;
    last_cancelled_ = change.cancelled;
    pending_ -= traded;
    lots_ = lots;
    book_stamp_ = stamp;
    return change;
  }
  /// Counts from here on: the size was at its height.
  void forget_past() { added_ = cancelled_ = filled_ = last_cancelled_ = 0; }

  std::int64_t lots() const { return lots_; }
  std::int64_t added() const { return added_; }
  std::int64_t cancelled() const { return cancelled_; }
  std::int64_t filled() const { return filled_; }

  void save(ByteWriter& out) const {
    for (const std::int64_t value : {lots_, added_, cancelled_, filled_, pending_, last_cancelled_,
                                     to_ns(book_stamp_), to_ns(pending_stamp_)})
      out.put_i64(value);
  }
  void restore(ByteReader& in) {
    for (std::int64_t* value :
         {&lots_, &added_, &cancelled_, &filled_, &pending_, &last_cancelled_})
      *value = in.get_i64();
    book_stamp_ = time_from_ns(in.get_i64());
    pending_stamp_ = time_from_ns(in.get_i64());
  }

 private:
  std::int64_t lots_ = 0;
  std::int64_t added_ = 0;
  std::int64_t cancelled_ = 0;
  std::int64_t filled_ = 0;
  std::int64_t pending_ = 0;         // traded, and not yet in a book
  std::int64_t last_cancelled_ = 0;  // by the last book, and no late trade took it back
  Time book_stamp_;
  Time pending_stamp_;
};

}  // namespace mm
