// A venue's decoder takes any sequence of frames: it never throws, stays inside of the frame and
// its padding, and gives events that are valid records in order of time.
//
// The first byte chooses the instrument; each line after it is a frame. A line `lost` is the loss
// of the connection instead.

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/assert.hpp"
#include "engine/record.hpp"
#include "fuzz/instruments.hpp"
#include "venues/feed_decoder.hpp"

namespace {

using namespace mm;

void check(const venues::EventBatch& batch, Time recv) {
  ByteWriter canonical;
  for (const Event& event : batch.events()) {
    MM_ASSERT(event.header.recv_time == recv, "an event has another time than its frame");
    canonical.clear();
    write_record(canonical, event);
    MM_ASSERT(read_record(canonical.bytes()).has_value(), "the decoder gave no valid record");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Instrument& instrument = fuzzed_instrument(data[0]);
  const auto decoder = venues::make_feed_decoder(instrument, InstrumentId{0});

  std::string_view rest{reinterpret_cast<const char*>(data) + 1, size - 1};
  venues::EventBatch batch;
  Time recv = time_from_ns(1'723'161'255'000'000'000);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    // A buffer of its own, so that AddressSanitizer sees a read beyond the padding.
    std::vector<char> frame;
    frame.reserve(line.size() + venues::frame_padding);
    frame.assign(line.begin(), line.end());
    frame.resize(line.size() + venues::frame_padding);

    recv += std::chrono::milliseconds{1};
    batch.clear();
    if (line == "lost") {
      decoder->on_lost(recv, "the fuzzer says so", batch);
    } else {
      decoder->on_frame(recv, {frame.data(), line.size()}, batch);
    }
    check(batch, recv);
  }
  batch.clear();
  decoder->on_end(recv, batch);
  check(batch, recv);
  return 0;
}
