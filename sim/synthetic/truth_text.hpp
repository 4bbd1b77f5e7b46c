#pragma once

// The truth as lines of JSON, one for each record, and back.
//
//   {"t": "head", "seed", "start_ns", "settings", "quoted", "lead"}
//   {"t": "regime", "ns", "regime", "direction"}
//   {"t": "sample", "ns", "value", "seen", "mu": [bid, ask], "excitation": [bid, ask], "funding",
//    "open_interest"}
//   {"t": "taker", "ns", "lead": true|false, "side", "lots", "filled", "mark", "liquidation"}
//   {"t": "wall", "ns", "id", "fate", "side", "fake", "price", "lots", "filled", "cancelled",
//    "born_ns"}          fate: standing (it appeared), moved, filled, pulled
//   {"t": "queue", "ns", "order", "side", "price", "ahead", "behind", "left"}
//
// Times are nanoseconds of the venue's clock, prices and quantities counts of the instrument's
// units, value in quote currency. Doubles are written so that they read back alike.

#include <string>
#include <string_view>

#include "engine/result.hpp"
#include "sim/synthetic/truth.hpp"

namespace mm::sim {

/// One line, without its end.
std::string truth_line(const Truth& truth);
/// A data error says what is wrong with the line.
Result<Truth> parse_truth(std::string_view line);

}  // namespace mm::sim
