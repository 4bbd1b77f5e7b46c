// Frames of Hyperliquid's user channels, and answers to userFills, in any order: never a crash,
// valid records in order of time, and what is told of orders can be true.
//
// Each line is a frame; a line that begins with '[' is an answer instead.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "engine/assert.hpp"
#include "engine/record.hpp"
#include "fuzz/instruments.hpp"
#include "venues/hyperliquid/user_codec.hpp"

namespace {

using namespace mm;

constexpr std::uint64_t session_tag = 0x00030050c6301a2b;  // of the seeds' cloids

void check(const venues::EventBatch& batch, Time recv) {
  ByteWriter canonical;
  for (const Event& event : batch.events()) {
    MM_ASSERT(event.header.recv_time == recv, "an event has another time than its frame");
    if (const auto* fill = std::get_if<Fill>(&event.body))
      MM_ASSERT(fill->price > Price{} && fill->qty > Qty{}, "a fill has a price and a quantity");
    if (const auto* ack = std::get_if<OrderAck>(&event.body))
      MM_ASSERT(ack->venue_order_id >= 0 && ack->price > Price{}, "an order has an id and a price");
    canonical.clear();
    write_record(canonical, event);
    MM_ASSERT(read_record(canonical.bytes()).has_value(), "the codec gave no valid record");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  venues::hyperliquid::UserCodec codec(fuzzed_instrument(3), InstrumentId{0}, session_tag, Time{});
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  venues::EventBatch batch;
  Time recv = time_from_ns(1'723'161'255'000'000'000);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    recv += std::chrono::milliseconds{1};
    batch.clear();
    if (line.starts_with('[')) {
      codec.on_fills_reply(recv, line, batch);
    } else {
      codec.on_frame(recv, line, batch);
    }
    check(batch, recv);
  }
  return 0;
}
