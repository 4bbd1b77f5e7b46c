#pragma once

// A capture file is a feed: raw frames from disk run through the same decoder as those of a socket.
//
// Compression is told by the first bytes (none, gzip, zstd, lz4 frame, xz), the format by the first
// line (capture_lines.hpp). Several files of one instrument are read one after another; the CSV
// files of one Hyperliquid recorder (orderbooks, trades, prices) that stand side by side are read
// together, by time. Memory does not grow with the length of a file.
//
// Receive times never decrease: a line that is earlier than the one before is taken at the time of
// that one, and the first of every such run is preceded by a ClockStep with the (negative) step. A
// file that begins more than a minute before the end of the file in front of it is refused: the
// files are in the wrong order.
//
// A line that is not what the format promises becomes an `anomaly` and reading goes on. Reading
// stops with Error(data), naming the file, where a file is missing, unreadable, empty, of no known
// format, ends in the middle of its compression or is damaged, and when all files are read and held
// nothing of the instrument.

#include <memory>
#include <string>
#include <vector>

#include "engine/instrument.hpp"
#include "venues/capture/merge.hpp"
#include "venues/feed_decoder.hpp"
#include "venues/feed_spec.hpp"
#include "venues/instruments.hpp"

namespace mm::venues {

class CaptureFeed : public FrameFeed {
 public:
  /// What became of the frames so far.
  virtual const FeedCounters& counters() const = 0;
};

/// Opens the files and looks at the beginning of each, so that a wrong one is told at once.
std::unique_ptr<CaptureFeed> open_capture(const Instrument& instrument, InstrumentId id,
                                          const std::vector<std::string>& files);

/// The instruments of `specs`, with their roles; the position is the InstrumentId. Throws
/// Error(usage) for unknown symbols, an instrument named twice, or more than max_instruments.
std::vector<Instrument> instruments_of(const std::vector<FeedSpec>& specs,
                                       const Instruments& table);

/// All captures of a command line, merged. Throws Error(usage) for a spec without files.
std::unique_ptr<MarketSource> open_captures(const std::vector<FeedSpec>& specs,
                                            const std::vector<Instrument>& instruments);

}  // namespace mm::venues
