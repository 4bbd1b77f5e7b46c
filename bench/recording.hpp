#pragma once

// The data sets of the goals, as events in memory.
//
//   R1  Binance USD-M BTCUSDT + ETHUSDT, 8 August 2024
//   R2  Binance COIN-M BTCUSD_PERP + ETHUSD_PERP, 9 August 2024
//   R3  Binance spot BTCUSDT + ETHUSDT, 9 August 2024
//
// From $MM_DATA, else ../shared/data beside the repository; where those are absent the samples of
// the repository stand in, and `real` is false. The captures of R2 and R3 are the second halves of
// longer ones: the first halves are read too, so that the feed follows the books, and left out.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/bytes.hpp"
#include "engine/event.hpp"

namespace mm::bench {

struct Recording {
  std::string name;
  bool real = false;
  std::vector<Event> events;        ///< seq from 0; views into `bytes`
  std::size_t rows = 0;             ///< price levels, trades and sides of best quotes
  std::uint64_t json_bytes = 0;     ///< of the capture: receive time and raw frame a line
  std::uint64_t json_gz_bytes = 0;  ///< those at gzip -6; 0 unless asked for
  std::unique_ptr<ByteWriter> bytes;
};

/// Rows of one event: its levels, both sides of a best quote, else one.
std::size_t rows_of(const Event& event);

/// "R1", "R2" or "R3". With `with_json` the raw frames are gzipped on the way.
Recording load_recording(std::string_view name, bool with_json);

/// The events whose bodies are of type Body, renumbered.
template <class Body>
Recording only(const Recording& recording) {
  Recording part{.name = recording.name, .real = recording.real};
  for (const Event& event : recording.events) {
    if (!std::holds_alternative<Body>(event.body)) continue;
    part.events.push_back(event);
    part.events.back().header.seq = Seq{part.events.size() - 1};
    part.rows += rows_of(event);
  }
  return part;
}

}  // namespace mm::bench
