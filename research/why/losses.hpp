#pragma once

// What cost most in a window: its minutes by P&L, its fills by what they were worth 10 s later.
//
// A minute's P&L is the core's own attribution between its ends, so minutes add up to the window
// exactly. A fill's result is its markout at 10 s, else at the longest horizon that the recording
// reaches, less its fee. One line says what stood beside each: causes.hpp.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "research/analytics/markout.hpp"
#include "research/why/causes.hpp"
#include "research/why/session.hpp"
#include "research/why/shots.hpp"

namespace mm::research::why {

struct LossRequest {
  Time from;
  Time to;
  std::size_t worst = 5;  ///< of fills and of minutes each
  Duration bucket = std::chrono::minutes{1};
};

struct FillLoss {
  MarkedFill marked;
  std::optional<Money> result;      ///< after the fee; absent where there is no mid
  std::optional<Duration> horizon;  ///< of the result
  FillFacts facts;
  std::string cause;
};

struct MinuteLoss {
  Time from;
  Time to;
  AccountShot change;  ///< parts of P&L in between; position at the end
  Qty position_before;
  std::optional<double> move_bps;  ///< of the quoted mid
  std::string cause;
};

struct LossReport {
  Time from;
  Time to;
  AccountShot change;  ///< of the whole window
  Qty position_before;
  std::optional<double> move_bps;
  std::size_t minutes = 0;
  std::size_t losing_minutes = 0;
  std::size_t fills = 0;
  std::size_t losing_fills = 0;
  std::vector<MinuteLoss> worst_minutes;  ///< those that lost, the costliest first
  std::vector<FillLoss> worst_fills;      ///< likewise
  bool diverged = false;
};

LossReport find_losses(const Session& session, const LossRequest& request);

}  // namespace mm::research::why
