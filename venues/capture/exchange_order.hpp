#pragma once

// The depth and trades of a Binance capture in the order in which the exchange made them.
//
// A capture holds frames as they arrived. A simulator that stands at the exchange wants them by the
// exchange's own stamp (`T`), ties as they arrived; across streams that order differs by some tens
// of milliseconds. Frames are held back until the stamps are `most_lateness` further on, so memory
// does not grow with the length of the capture; one that comes later than that is an Error(data).
//
// The book chain is not checked and differences from before the snapshot are given, too: what is
// here is what the files say. Best quotes and everything else are left out, and so are trades that
// were not with the market (X other than MARKET). Of `trade` and `aggTrade`, which print the same
// executions, the kind that comes first is taken.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/instrument.hpp"
#include "engine/types.hpp"
#include "venues/binance/codec.hpp"
#include "venues/capture/capture_lines.hpp"
#include "venues/capture/merge.hpp"

namespace mm::venues {

struct ExchangeFrame {
  enum class Kind : std::uint8_t { depth, snapshot, trade };
  Kind kind = Kind::depth;
  Time at;                   ///< the exchange's stamp
  std::uint64_t number = 0;  ///< order of arrival
  std::vector<Level> bids;   ///< touch outwards; of a depth, quantity 0 deletes
  std::vector<Level> asks;
  Price price;  ///< of a trade
  Qty qty;
  Side aggressor = Side::buy;
};

class ExchangeOrder {
 public:
  static constexpr Duration most_lateness = std::chrono::seconds{10};

  /// Files are read one after another; all are opened at once, so that a wrong one is told before
  /// anything happens. Throws Error(data) as FrameReader does.
  ExchangeOrder(const Instrument& instrument, std::vector<std::string> files);

  /// The next frame, valid until the next call; null at the end.
  const ExchangeFrame* next();

  /// How far our clock was behind the exchange's: what is added to receive times so that none
  /// precedes its exchange time. 0 if none does. Final at the end.
  Duration clock_shift() const { return shift_; }
  /// Lines that could not be decoded and were left out.
  std::uint64_t anomalies() const { return anomalies_; }
  Progress progress() const { return {done_ + (file_ ? file_->consumed() : 0), total_}; }

 private:
  void read();
  void take(const CaptureFrame& frame);

  Instrument instrument_;
  binance::Codec codec_;
  Arena arena_;
  std::vector<std::string> files_;
  std::size_t file_index_ = 0;
  std::unique_ptr<FrameReader> file_;
  std::vector<ExchangeFrame> waiting_;  // a heap, earliest on top
  ExchangeFrame current_;
  Time newest_;
  Time given_;
  Duration shift_{};
  std::uint64_t count_ = 0;
  std::uint64_t anomalies_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
  std::optional<bool> aggregated_;  // of the tape
};

}  // namespace mm::venues
