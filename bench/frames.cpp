#include "bench/frames.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "engine/assert.hpp"
#include "venues/capture/capture_feed.hpp"
#include "venues/instruments.hpp"

namespace mm::bench {
namespace {

void add(Frames& to, Time recv_time, std::string_view text) {
  to.frames.push_back({recv_time, to.bytes.size(), text.size()});
  to.bytes += text;
  to.bytes.append(venues::frame_padding, ' ');
}

}  // namespace

double Frames::rate_per_s() const {
  const Duration length = frames.back().recv_time - frames.front().recv_time;
  return static_cast<double>(frames.size()) / std::chrono::duration<double>(length).count();
}

Frames load_frames() {
  const char* const set = std::getenv("MM_DATA");
  const std::string root = set != nullptr ? set : std::string{MM_SOURCE_DIR} + "/../shared/data";
  std::string file = root + "/binance/usdm/btcusdt_20240808.gz";
  Frames result;
  result.real = std::filesystem::exists(file);
  if (!result.real)
    file = std::string{MM_SOURCE_DIR} + "/tests/fixtures/market/binance_usdm_btcusdt.zst";
  result.instrument = venues::Instruments::built_in().find("binance-usdm", "BTCUSDT", "bench");
  const auto feed = venues::open_capture(result.instrument, InstrumentId{0}, {file});
  while (feed->advance())
    if (!feed->raw().empty()) add(result, feed->recv_time(), feed->raw());
  MM_ASSERT(!result.frames.empty(), "a capture without frames");
  return result;
}

Frames depth_only(const Frames& frames) {
  Frames result{frames.instrument, frames.real, {}, {}};
  const auto is = [&](const Frames::Frame& frame, std::string_view key) {
    return frames.text(frame).find(key) != std::string_view::npos;
  };
  for (const Frames::Frame& frame : frames.frames) {
    if (!is(frame, "\"lastUpdateId\"")) continue;
    add(result, frame.recv_time, frames.text(frame));
    break;
  }
  for (const Frames::Frame& frame : frames.frames)
    if (is(frame, "\"depthUpdate\"")) add(result, frame.recv_time, frames.text(frame));
  MM_ASSERT(result.frames.size() > 1, "a capture without a book");
  return result;
}

Frames with_a_blank(const Frames& frames) {
  Frames result{frames.instrument, frames.real, {}, {}};
  for (const Frames::Frame& frame : frames.frames)
    add(result, frame.recv_time, "{ " + std::string(frames.text(frame).substr(1)));
  return result;
}

}  // namespace mm::bench
