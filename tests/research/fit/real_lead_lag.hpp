#pragma once

// Which of Binance's bitcoin markets moves first: spot, USD-M and COIN-M, recorded on one host at
// the same time.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "research/fit/lead_lag_fit.hpp"

namespace mm::research::testing {

struct LeadLagRow {
  std::string leader;
  std::string follower;
  std::size_t leader_moves = 0;
  std::size_t follower_moves = 0;
  std::optional<LeadLagEstimate> estimate;  ///< microseconds; absent: nothing leads within the grid
};

/// Each market against each other on receive time over the time they have in common, and USD-M
/// against COIN-M on the venue's time too (spot's best quotes carry none). `missing` takes the
/// files that are not there; then there are no rows.
std::vector<LeadLagRow> real_lead_lag(std::vector<std::string>& missing);

}  // namespace mm::research::testing
