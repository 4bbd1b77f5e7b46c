#pragma once

// FeedSpec: what `--venue VENUE:SYMBOL=FILE[,FILE...]` and `--lead ...` say.

#include <string>
#include <string_view>
#include <vector>

#include "engine/instrument.hpp"

namespace mm::venues {

struct FeedSpec {
  std::string venue;
  std::string symbol;
  std::vector<std::string> files;  ///< empty: a live feed
  InstrumentRole role = InstrumentRole::quoted;
};

/// Parses one value of `flag` ("--venue" or "--lead"). A file name may hold `=` but no comma. The
/// role follows the flag: "--lead" is a lead, everything else quoted. Throws Error(usage) that
/// quotes the flag and the value: no colon, unknown venue (with the list of venues), empty symbol,
/// empty file name.
FeedSpec parse_feed_spec(std::string_view flag, std::string_view value);

/// Throws Error(usage) for an instrument named twice, or more than max_instruments.
void check_distinct(const std::vector<FeedSpec>& specs);

/// The flag and value as messages quote them: `--venue binance-usdm:BTCUSDT=...`.
std::string quoted_flag(const FeedSpec& spec);

}  // namespace mm::venues
