// What venues answer when asked for their instruments: exchangeInfo and meta become a definition in
// range, or an Error in a sentence.
//
// The first byte chooses the venue, the rest is the answer.

#include <cstdint>
#include <string_view>

#include "engine/assert.hpp"
#include "fuzz/instruments.hpp"
#include "venues/binance/live_plan.hpp"
#include "venues/hyperliquid/live_plan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mm;
  if (size == 0) return 0;
  const Instrument& known = fuzzed_instrument(data[0]);
  const std::string_view answer{reinterpret_cast<const char*>(data) + 1, size - 1};
  const Instrument* const built_in = (data[0] & 4) == 0 ? &known : nullptr;
  const auto read = [&]() -> Result<Instrument> {
    if (known.venue != "hyperliquid")
      return venues::binance::definition_of(known.venue, known.symbol, answer, built_in);
    const auto listing = venues::hyperliquid::listing_of(known.symbol, answer, built_in);
    if (listing.has_error()) return listing.error();
    return listing->instrument;
  }();
  if (read.has_error()) {
    MM_ASSERT(!read.error().message().empty() && read.error().message().size() < 600,
              "an error is a sentence");
    return 0;
  }
  MM_ASSERT(read->symbol == known.symbol && read->tick > Price{} && read->qty_step > Qty{} &&
                read->contract_size >= 1 && read->price_decimals >= 0 &&
                read->price_decimals <= 9 && read->lot_decimals >= 0 && read->lot_decimals <= 9 &&
                read->min_qty >= Qty{},
            "a definition is in range");
  return 0;
}
