#pragma once

// The measurements, each adding the goals it stands for to the report.

#include <functional>
#include <string>
#include <string_view>

#include "bench/recording.hpp"
#include "bench/report.hpp"

namespace mm::bench {

struct Plan {
  bool quick = false;  ///< fewer rounds and slices: for trying a change, not for figures to quote
  /// Whether a goal ("6.R1") is asked for.
  std::function<bool(std::string_view)> wants;
  std::string directory;  ///< where journals of the measurement are written

  /// `full`, or about a quarter of it.
  std::size_t rounds(std::size_t full) const { return quick ? full / 4 + 1 : full; }
};

/// Goals 1 (part of it), and 2 and 3 for R1.
void measure_size(const Recording& recording, const Plan& plan, Report& report);
/// Goals 6, 7, and 8, 9, 13 and 25 for R1.
void measure_replay(const Recording& recording, const Plan& plan, Report& report);
/// Goals 16 and 17.
void measure_accept(const Recording& recording, const Plan& plan, Report& report);
/// Goal 18.
void measure_writer(const Recording& recording, const Plan& plan, Report& report);
/// Goals 22 and 24.
void measure_seek(const Recording& recording, const Plan& plan, Report& report);
/// Goals 14, 15 and 26, for R1.
void measure_sweep(const Recording& recording, const Plan& plan, Report& report);
/// Goal 35, for R1.
void measure_outlook(const Recording& recording, const Plan& plan, Report& report);
/// Goals 19 and 20.
void measure_wire(const Plan& plan, Report& report);
/// Goals 21 and 34.
void measure_sockets(const Plan& plan, Report& report);

}  // namespace mm::bench
