#pragma once

// Numbers as the venues print them.

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/instrument.hpp"
#include "engine/types.hpp"

namespace mm::standin {

/// With exactly `decimals` digits behind the point, none without a point: 63101.90, 12.
std::string fixed_decimal(Int128 value, std::int64_t decimals);
/// As short as it goes, but with a digit behind the point: 63104.0, 0.0125, 40.0.
std::string pointed_decimal(Int128 value, std::int64_t decimals);
/// Money with at most `decimals` digits behind the point, rounded half-even, pointed.
std::string pointed_money(Money money, std::int64_t decimals);
/// A double rounded to `decimals`, pointed; for display values (rates, premiums).
std::string pointed_double(double value, int decimals);

/// Milliseconds since the epoch.
std::int64_t to_ms(Time time);

/// A JSON string with its quotes.
std::string json_text(std::string_view text);

}  // namespace mm::standin
