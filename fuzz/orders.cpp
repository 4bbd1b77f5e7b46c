// What tells of orders one a line: LOBSTER and Bitstamp recordings into a rebuilt book, order
// scripts, and the settings a simulator is built from. Read, or refused; nothing else happens.
//
// The first byte chooses which of them, the rest is the file.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/assert.hpp"
#include "engine/book/order_script.hpp"
#include "engine/numeric.hpp"
#include "engine/result.hpp"
#include "fuzz/instruments.hpp"
#include "sim/l3_exchange.hpp"
#include "sim/settings.hpp"
#include "venues/l3/l3_feed.hpp"

namespace {

using mm::venues::L3Event;

/// Ours stand in the queues, so that what is read also fills somebody.
template <class Reader>
void replay(const std::string& path) {
  Reader reader(path);
  mm::sim::L3Book book;
  std::vector<mm::sim::L3Fill> fills;
  std::uint64_t next = 1;
  for (L3Event event; reader.next(event);) {
    fills.clear();
    switch (event.kind) {
      case L3Event::Kind::add:
        book.add(event.id, event.side, event.price, event.qty, fills);
        book.place(mm::ClientOrderId{next++}, event.side, event.price, mm::Qty::from_lots(3));
        break;
      case L3Event::Kind::reduce:
        book.reduce(event.id, event.qty);
        break;
      case L3Event::Kind::remove:
        book.remove(event.id);
        break;
      case L3Event::Kind::execute:
        book.execute(event.id, event.qty, fills);
        break;
      case L3Event::Kind::trade:
        book.trade(event.side, event.price, event.qty, fills);
        break;
      case L3Event::Kind::book:
      case L3Event::Kind::other:
        break;
    }
    for (const mm::sim::L3Fill& fill : fills)
      MM_ASSERT(fill.qty > mm::Qty{} && fill.remaining >= mm::Qty{}, "a fill of something");
  }
}

void read_script(std::string_view text, const mm::Instrument& instrument) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::optional<mm::OrderRequest> request;
    const auto wrong = mm::parse_order_line(text.substr(0, end), instrument, request);
    MM_ASSERT(!wrong || !request, "a line is wrong or a request");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data + 1), size - 1};
  if (data[0] % 4 == 0) {
    read_script(text, mm::fuzzed_instrument(data[0] / 4));
    return 0;
  }
  if (data[0] % 4 == 1) {
    mm::sim::Settings settings;
    if (mm::sim::Settings::parse(text, settings)) return 0;
    mm::sim::Settings again;
    MM_ASSERT(!mm::sim::Settings::parse(settings.format(), again) && again == settings,
              "settings read back what they write");
    return 0;
  }
  static const int memory = memfd_create("orders", 0);
  MM_ASSERT(memory >= 0, "no memory file");
  const auto length = static_cast<std::ptrdiff_t>(text.size());
  MM_ASSERT(ftruncate(memory, 0) == 0 && pwrite(memory, text.data(), text.size(), 0) == length,
            "the memory file cannot be written");
  const std::string path = "/proc/self/fd/" + std::to_string(memory);
  try {
    if (data[0] % 4 == 2) {
      replay<mm::venues::LobsterReader>(path);
    } else {
      replay<mm::venues::BitstampReader>(path);
    }
  } catch (const mm::Error&) {
    // one sentence for the user
  }
  return 0;
}
