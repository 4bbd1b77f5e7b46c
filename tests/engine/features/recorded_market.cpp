#include "tests/engine/features/recorded_market.hpp"

#include <cstring>
#include <optional>
#include <variant>

#include "engine/assert.hpp"
#include "engine/record.hpp"
#include "venues/capture/capture_feed.hpp"

namespace mm::test {

RecordedMarket::RecordedMarket(const Capture& capture) {
  const std::vector<venues::FeedSpec> specs = {
      {.venue = capture.venue, .symbol = capture.symbol, .files = capture.files}};
  const auto instruments = venues::instruments_of(specs, venues::Instruments::built_in());
  const auto source = venues::open_captures(specs, instruments);
  bool defined = false;
  while (const Event* event = source->next()) {
    if (!defined)
      write_record(
          bytes, Event{{.recv_time = event->header.recv_time}, definition_of(instruments.front())});
    defined = true;
    write_record(bytes, *event);
  }
  std::span<const std::byte> rest = bytes.bytes();
  while (!rest.empty()) {
    const std::optional<Record> record = read_record(rest);
    MM_ASSERT(record.has_value(), "a record of ours does not read back");
    events.push_back(std::get<Event>(*record));
    std::uint32_t size = 0;
    std::memcpy(&size, rest.data(), sizeof size);
    rest = rest.subspan(size);
  }
}

}  // namespace mm::test
