#pragma once

// What a fill costs: the instrument's maker or taker rate on its value.
//
//   fee = round_half_even(|value of the fill| * rate_e8 / 1e8)     in 1e-12 of the settlement
//   currency
//
// The rates stand in the instrument's definition, so a replay knows them; a negative rate is a
// rebate.
//
// Assumes: one tier for the whole session, no discounts, fees paid in the settlement currency.

#include "engine/numeric.hpp"

namespace mm::sim {

struct FeeModel {
  Money fee(const Instrument& instrument, Price price, Qty qty, bool maker) const {
    return fee_of(instrument, price, qty, maker);
  }
};

}  // namespace mm::sim
