// A capture file of any bytes is read, line by line, or refused with an Error; nothing else
// happens.
//
// The first byte chooses the instrument, the rest is the file: plain, or any of the compressions.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "engine/assert.hpp"
#include "engine/result.hpp"
#include "fuzz/instruments.hpp"
#include "venues/capture/capture_feed.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const mm::Instrument& instrument = mm::fuzzed_instrument(data[0]);

  static const int memory = memfd_create("capture", 0);
  MM_ASSERT(memory >= 0, "no memory file");
  const auto length = static_cast<std::ptrdiff_t>(size - 1);
  MM_ASSERT(ftruncate(memory, 0) == 0 && pwrite(memory, data + 1, size - 1, 0) == length,
            "the memory file cannot be written");

  try {
    const auto feed = mm::venues::open_capture(instrument, mm::InstrumentId{0},
                                               {"/proc/self/fd/" + std::to_string(memory)});
    mm::Time last{};
    while (feed->advance()) {
      MM_ASSERT(feed->recv_time() >= last, "receive times decrease");
      last = feed->recv_time();
      for (const mm::Event& event : feed->events())
        MM_ASSERT(event.header.recv_time == last, "an event has another time than its frame");
    }
  } catch (const mm::Error&) {
    // one sentence for the user
  }
  return 0;
}
