#pragma once

// One ordered stream of market events out of several feeds.
//
// Feeds merge by (receive time, order on the command line, line number): two recordings of the same
// files are the same stream, whatever the speed at which they are read.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/event.hpp"

namespace mm::venues {

/// Bytes on disk, for a progress bar. `total` 0: unknown.
struct Progress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

/// Frames of one instrument in the order of their arrival, decoded.
class FrameFeed {
 public:
  virtual ~FrameFeed() = default;
  FrameFeed() = default;
  FrameFeed(const FrameFeed&) = delete;
  FrameFeed& operator=(const FrameFeed&) = delete;

  /// Goes to the next frame; what the last one lent is no longer valid. False at the end, for good.
  /// Throws Error(data) where the source cannot be read any further.
  virtual bool advance() = 0;
  /// Of the present frame; never decreasing.
  virtual Time recv_time() const = 0;
  /// What the frame means; may be empty. Headers are complete but for `seq`.
  virtual std::span<const Event> events() const = 0;
  /// The frame as it came; empty where the feed itself had something to say.
  virtual std::string_view raw() const = 0;
  virtual Progress progress() const = 0;
};

/// A raw frame, for `--raw`. The text is valid during the call.
struct RawFrame {
  Time recv_time;
  InstrumentId instrument;
  std::string_view text;
};

/// Where the recorder gets its market and feed events. InstrumentId is the position of the feed.
class MarketSource {
 public:
  virtual ~MarketSource() = default;
  MarketSource() = default;
  MarketSource(const MarketSource&) = delete;
  MarketSource& operator=(const MarketSource&) = delete;

  /// The next event, or nullptr at the end, for good. Its views are valid until the next call.
  virtual const Event* next() = 0;
  /// `sink` gets every raw frame, also one without events, in the order of the merge and before the
  /// first of its events is returned.
  virtual void set_raw_sink(std::function<void(const RawFrame&)> sink) = 0;
  virtual Progress progress() const = 0;
};

/// Merges feeds; the position in `feeds` is the rank at equal times. At most max_instruments.
std::unique_ptr<MarketSource> merge(std::vector<std::unique_ptr<FrameFeed>> feeds);

}  // namespace mm::venues
