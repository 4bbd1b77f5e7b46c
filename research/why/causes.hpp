#pragma once

// Sentences about a fill or a minute, made from numbers that are large enough to be said.
//
// They name what was there ("the taker swept 3 prices"), never why somebody did it. A fact below
// its threshold is not mentioned; where none is above, the sentence says so.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/event.hpp"
#include "engine/features/queue_position.hpp"
#include "engine/instrument.hpp"
#include "engine/types.hpp"
#include "research/why/shots.hpp"

namespace mm::research::why {

/// What can be said of a fill. Absent: not known, or not looked at.
struct FillFacts {
  Side side = Side::buy;
  bool maker = true;
  FillCause cause = FillCause::unspecified;
  std::optional<double> spread_capture_bps;
  std::optional<double> markout_10s_bps;
  std::optional<double> adverse_10s_bps;  ///< + = the mid went against us
  std::optional<Duration> rested;         ///< from the decision to the fill
  std::optional<Duration> leaving_since;  ///< a cancel or replace was on its way so long
  std::int64_t prices_swept = 0;          ///< by the taker; 0 = no print
  std::optional<double> share_of_taker;   ///< of its size, ours
  std::string lead;                       ///< name of the lead that moved most
  std::optional<double> lead_1s_bps;      ///< its mid in the second before
  std::optional<double> own_1s_bps;       ///< ours
  std::optional<double> own_since_bps;    ///< ours, since the order was decided
  std::optional<FillContext> context;
  std::int64_t position_before = 0;  ///< lots, signed
  std::int64_t lots = 0;
};

/// From the most telling on, without final stop: "the taker swept 3 prices, ours 12 % of its size".
std::vector<std::string> facts_of(const FillFacts& facts);
/// The first three of them as one line; "nothing stands out" if there is none.
std::string cause_line(const FillFacts& facts);

/// The largest negative part of a stretch of P&L in words. `move_bps`: of the quoted mid.
std::string cause_line(const AccountShot& change, Qty position_before,
                       const std::optional<double>& move_bps, const Instrument& instrument);

}  // namespace mm::research::why
