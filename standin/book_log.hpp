#pragma once

// BookLog: how one book stood whenever the stand-in showed it, so that a test can compare a
// client's book with it at that very moment. GET /control/books gives it out.

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string>

#include "engine/event.hpp"

namespace mm::standin {

class BookLog {
 public:
  static constexpr std::size_t depth = 5;  ///< levels a side

  /// The newest `most` are kept; 0, as at the start: none.
  void keep(std::size_t most) { most_ = most; }
  bool on() const { return most_ != 0; }
  /// `at`: what its messages are told apart by, an update id or a stamp in ms. Nearest levels
  /// first.
  void note(std::int64_t at, std::span<const Level> bids, std::span<const Level> asks);
  /// [[at, [[price units, lots], ...], [[...], ...]], ...]: bids, then asks; the oldest first.
  std::string json() const;

 private:
  struct Side {
    std::array<Level, depth> levels;
    std::size_t count = 0;
  };
  struct Shown {
    std::int64_t at = 0;
    Side bids, asks;
  };

  std::size_t most_ = 0;
  std::deque<Shown> shown_;
};

}  // namespace mm::standin
