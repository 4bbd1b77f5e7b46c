#pragma once

// Frames of one capture file: which lines hold one, and when it was received.
//
//   <ns> <json>              collectors of hftbacktest: 19 digits of nanoseconds (13 and 16 digits
//                            are milliseconds and microseconds), a blank, the frame
//   {"t":"recv",...}         cryptofeed: `ts` float seconds, `data` the frame as a JSON string;
//   `http`
//                            lines hold REST replies, of which depth snapshots are frames of the
//                            symbol in their `url`; `header`, `connect` and the like are passed
//                            over
//   {"time":...,"raw":{}}    Hyperliquid's S3 archive: `time` is UTC without a zone, `raw` the
//   frame
//   {"coin","time","levels"} the same without its envelope: received at the venue's time
//   timestamp,...            CSV of Hyperliquid recorders (venues/hyperliquid/recorder_csv.hpp)

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/instrument.hpp"
#include "engine/types.hpp"
#include "venues/hyperliquid/recorder_csv.hpp"

namespace mm::venues {

struct CaptureFrame {
  Time recv_time;
  std::string_view text;     ///< frame_padding readable bytes follow
  std::string_view problem;  ///< not empty: the line is not what the format promises, and why
};

class FrameReader {
 public:
  virtual ~FrameReader() = default;
  FrameReader() = default;
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  /// The next frame, valid until the next call; false at the end. Throws Error(data).
  virtual bool next(CaptureFrame& frame) = 0;
  /// Bytes of the file taken so far.
  virtual std::uint64_t consumed() const = 0;

  /// Opens a file and tells its format by the first line. Throws Error(data) for an unknown one.
  static std::unique_ptr<FrameReader> open(const std::string& path, const Instrument& instrument);
};

/// Kind of recorder CSV that the file is, if it is one; throws like FrameReader::open.
std::optional<hyperliquid::RecorderCsv::Kind> probe_capture(const std::string& path);

}  // namespace mm::venues
