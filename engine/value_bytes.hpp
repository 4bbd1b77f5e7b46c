#pragma once

// How times and levels stand in saved states: nanoseconds, price units and lots, eight bytes each.

#include "engine/bytes.hpp"
#include "engine/types.hpp"

namespace mm {

inline void put_time(ByteWriter& out, Time time) {
  out.put_i64(to_ns(time));
}
inline Time get_time(ByteReader& in) {
  return time_from_ns(in.get_i64());
}
inline void put_level(ByteWriter& out, const Level& level) {
  out.put_i64(level.price.units());
  out.put_i64(level.qty.lots());
}
inline Level get_level(ByteReader& in) {
  const std::int64_t price = in.get_i64();
  const std::int64_t qty = in.get_i64();
  return {Price::from_units(price), Qty::from_lots(qty)};
}

}  // namespace mm
