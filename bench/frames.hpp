#pragma once

// Frames of one instrument as they came from its venue, in memory: Binance USD-M BTCUSDT of
// 8 August 2024, the first half of R1 (recording.hpp); the repository's sample where $MM_DATA has
// none.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/instrument.hpp"
#include "engine/types.hpp"

namespace mm::bench {

struct Frames {
  struct Frame {
    Time recv_time;
    std::size_t at = 0;  ///< in `bytes`; venues::frame_padding blanks follow
    std::size_t size = 0;
  };
  Instrument instrument;
  bool real = false;
  std::string bytes;
  std::vector<Frame> frames;

  std::string_view text(const Frame& frame) const { return {bytes.data() + frame.at, frame.size}; }
  /// How many came a second.
  double rate_per_s() const;
};

Frames load_frames();

/// The first snapshot, and behind it every depth update: those that are older than it, too.
Frames depth_only(const Frames& frames);

/// The same frames with a blank behind the first brace: it means nothing in JSON, but sends a frame
/// past the codec's fast path.
Frames with_a_blank(const Frames& frames);

}  // namespace mm::bench
