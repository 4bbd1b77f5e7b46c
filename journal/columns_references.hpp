#pragma once

// What values of a block refer to, kept alike by encoder and decoder. Everything starts at zero
// with each block. docs/journal_format_payload.md states the rules; here they are in code.

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/event.hpp"

namespace mm::journal {

/// Layout of a record's columns: the low three bits of its kind byte.
enum class Layout : std::uint8_t {
  delta = 0,
  quote = 1,
  trade = 2,
  snapshot = 3,
  row = 4,
  prediction = 5,
  predicted_level = 6,
};
inline constexpr std::size_t layout_count = 7;
inline constexpr std::size_t market_layouts = 4;  ///< those of market records: the first

/// kind byte = layout, instrument << 3, flag << 7. The flag is the aggressor of a trade (1 = sell)
/// and the form of a snapshot (1 = changes); else it is zero.
constexpr std::uint8_t kind_byte(Layout layout, InstrumentId instrument, bool flag) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(layout) | (instrument.value & 15u) << 3 |
                                   (flag ? 128u : 0u));
}

constexpr std::size_t index_of(Layout layout) {
  return static_cast<std::size_t>(layout);
}
constexpr std::size_t index_of(Side side) {
  return static_cast<std::size_t>(side);
}

constexpr std::uint64_t bits(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}
constexpr std::int64_t value_of(std::uint64_t bits_of) {
  return static_cast<std::int64_t>(bits_of);
}

/// How far `price` lies outwards of `from` on a book side: down for bids, up for asks.
constexpr std::uint64_t outward(Side side, std::uint64_t from, std::uint64_t price) {
  return side == Side::buy ? from - price : price - from;
}
/// The price that lies so far outwards of `from`.
constexpr std::uint64_t step_out(Side side, std::uint64_t from, std::uint64_t distance) {
  return side == Side::buy ? from - distance : from + distance;
}

struct TouchReference {
  std::uint64_t price = 0;
  std::uint64_t qty = 0;
  std::uint64_t orders = 0;
};

struct InstrumentReferences {
  std::uint64_t update_id = 0;            ///< of the last delta, quote or snapshot
  std::uint64_t delta_last_id = 0;        ///< of the last delta
  std::uint64_t trade_id = 0;             ///< of the last trade
  std::uint64_t aggregate_id = 0;         ///< last_id of the last trade
  std::array<TouchReference, 2> touch{};  ///< by side: buy = bid
  bool has_delta = false;
  bool has_quote = false;

  /// Until a quote was seen, first levels and trades tell where the touch is.
  void hint_touch(Side side, std::uint64_t price) {
    if (!has_quote) touch[index_of(side)].price = price;
  }
};

/// The book side a trade is compared with: a buyer takes the ask.
constexpr Side taken_side(Side aggressor) {
  return opposite(aggressor);
}

using BlockReferences = std::array<InstrumentReferences, max_instruments>;

/// ns / unit for the units that time columns may have, written out so that each division is by a
/// constant. Times count as unsigned here; one before 1970 is not divisible and stands wide.
constexpr std::uint64_t in_units(std::uint64_t ns, std::uint32_t unit) {
  if (unit == 1'000'000) return ns / 1'000'000;
  if (unit == 1'000) return ns / 1'000;
  return unit == 100 ? ns / 100 : ns;
}
constexpr bool is_time_unit(std::uint32_t unit) {
  return unit == 1 || unit == 100 || unit == 1'000 || unit == 1'000'000;
}

}  // namespace mm::journal
