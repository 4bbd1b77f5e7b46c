#pragma once

// Synthetic markets for tests: two instruments, a start, and truth kept in memory.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/synthetic/market.hpp"

namespace mm::sim::testing {

/// Hyperliquid's BTC: tick of 10 units at 60,000.
Instrument quoted_btc();
/// Binance USD-M's BTCUSDT.
Instrument lead_btc();

inline const Time synthetic_start = time_from_ns(1'767'616'200'000'000'000);

/// Default settings with a seed and "name=value" lines. Lines must be right.
SyntheticSettings settings_of(std::uint64_t seed, std::string_view lines = {});

/// Truth of one kind, in order.
template <class Kind>
std::vector<Kind> of_kind(const std::vector<Truth>& truth) {
  std::vector<Kind> found;
  for (const Truth& of : truth)
    if (const auto* one = std::get_if<Kind>(&of)) found.push_back(*one);
  return found;
}

/// Hands every event up to `length` behind the start to `see`.
template <class See>
void run_market(SyntheticMarket& market, Duration length, See&& see) {
  while (const Event* event = market.next(synthetic_start + length)) see(*event);
}

/// Digest of two minutes of a market of fast regimes in which orders of ours stand: the same
/// number in every build.
std::uint64_t synthetic_digest();

}  // namespace mm::sim::testing
