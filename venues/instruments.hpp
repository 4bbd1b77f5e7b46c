#pragma once

// The instruments captures may hold, from venues/instruments.json (built into the program) or a
// file of the same form (`--instruments FILE`).
//
// Captures carry no definitions, so this table supplies units, grid, contract, fees and settlement
// currency. It reaches the core as InstrumentDefined events; a replay never reads it.

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/instrument.hpp"

namespace mm::venues {

/// The venues this program can read, in the order in which messages list them.
inline constexpr std::string_view venue_names[] = {"binance-usdm", "binance-coinm", "binance-spot",
                                                   "hyperliquid"};

/// Fees of an account by what it trades, tier 0 for anybody.
struct FeeTier {
  std::int64_t maker_e8 = 0;
  std::int64_t taker_e8 = 0;
};

class Instruments {
 public:
  /// The table built into the program.
  static Instruments built_in();
  /// A table of the same form. Throws Error(data) if the file cannot be read, and Error(usage) if
  /// its text is not such a table; the message names the file, the entry and the key.
  static Instruments from_file(const std::string& path);
  /// `name` is what messages call the text.
  static Instruments from_text(std::string_view json, std::string_view name);

  /// The instrument, with role `quoted`. Throws Error(usage) for an unknown one; the message quotes
  /// `flag` (the flag and its value, as the user gave it) and lists what is known of the venue.
  const Instrument& find(std::string_view venue, std::string_view symbol,
                         std::string_view flag) const;

  /// The venue's tiers, from its base up; none where the table says nothing ("fee_tiers").
  std::span<const FeeTier> fee_tiers(std::string_view venue) const;

  std::span<const Instrument> all() const { return instruments_; }

 private:
  std::vector<Instrument> instruments_;
  std::map<std::string, std::vector<FeeTier>, std::less<>> fee_tiers_;
};

}  // namespace mm::venues
