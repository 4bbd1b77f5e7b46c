#pragma once

// The values everything is written in: prices, quantities, money, time, sides and ids.
//
// Prices and quantities are integer counts of an instrument's own units (see instrument.hpp), money
// an exact 128-bit count of 1e-12 of the settlement currency. None converts to or from a double by
// itself: doubles live in models and come back through numeric.hpp with a rounding direction.

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>

#include "engine/assert.hpp"

namespace mm {

using Int128 = __int128;

/// Nanoseconds since the Unix epoch. As an exchange time, 0 means that the venue gave none.
using Time = std::chrono::sys_time<std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

constexpr Time time_from_ns(std::int64_t ns) {
  return Time{Duration{ns}};
}
constexpr std::int64_t to_ns(Time time) {
  return time.time_since_epoch().count();
}

/// A price as a count of the instrument's price unit: the finest step its venue may ever use.
///
/// Today's tick may be coarser than the unit and may depend on the magnitude of the price, so
/// rounding takes the tick; units of two instruments never mix.
class Price {
 public:
  constexpr Price() = default;
  static constexpr Price from_units(std::int64_t units) { return Price{units}; }

  constexpr std::int64_t units() const { return units_; }
  constexpr auto operator<=>(const Price&) const = default;

  /// The next multiple of `tick` at or below this price. Requires tick > 0 and this price >= 0.
  constexpr Price floor_to(Price tick) const { return Price{units_ - units_ % tick.units_}; }
  /// The next multiple of `tick` at or above this price. Requires tick > 0 and this price >= 0.
  constexpr Price ceil_to(Price tick) const {
    const std::int64_t rest = units_ % tick.units_;
    return rest == 0 ? *this : Price{units_ - rest + tick.units_};
  }

  friend constexpr Price operator+(Price a, Price b) { return Price{a.units_ + b.units_}; }
  friend constexpr Price operator-(Price a, Price b) { return Price{a.units_ - b.units_}; }

 private:
  explicit constexpr Price(std::int64_t units) : units_(units) {}
  std::int64_t units_ = 0;
};

/// A quantity as a count of the instrument's lot; negative only as a signed position.
class Qty {
 public:
  constexpr Qty() = default;
  static constexpr Qty from_lots(std::int64_t lots) { return Qty{lots}; }

  constexpr std::int64_t lots() const { return lots_; }
  constexpr auto operator<=>(const Qty&) const = default;

  friend constexpr Qty operator+(Qty a, Qty b) { return Qty{a.lots_ + b.lots_}; }
  friend constexpr Qty operator-(Qty a, Qty b) { return Qty{a.lots_ - b.lots_}; }
  constexpr Qty operator-() const { return Qty{-lots_}; }
  constexpr Qty& operator+=(Qty other) { return *this = *this + other; }
  constexpr Qty& operator-=(Qty other) { return *this = *this - other; }

 private:
  explicit constexpr Qty(std::int64_t lots) : lots_(lots) {}
  std::int64_t lots_ = 0;
};

/// An exact amount of the settlement currency, in units of 1e-12.
class Money {
 public:
  static constexpr std::int64_t per_one = 1'000'000'000'000;

  constexpr Money() = default;
  static constexpr Money from_units(Int128 units) { return Money{units}; }

  constexpr Int128 units() const { return units_; }
  constexpr auto operator<=>(const Money&) const = default;

  friend constexpr Money operator+(Money a, Money b) { return Money{a.units_ + b.units_}; }
  friend constexpr Money operator-(Money a, Money b) { return Money{a.units_ - b.units_}; }
  constexpr Money operator-() const { return Money{-units_}; }
  constexpr Money& operator+=(Money other) { return *this = *this + other; }
  constexpr Money& operator-=(Money other) { return *this = *this - other; }

 private:
  explicit constexpr Money(Int128 units) : units_(units) {}
  Int128 units_ = 0;
};

enum class Side : std::uint8_t { buy = 0, sell = 1 };

constexpr Side opposite(Side side) {
  return side == Side::buy ? Side::sell : Side::buy;
}
/// +1 for buy, -1 for sell.
constexpr std::int64_t sign(Side side) {
  return side == Side::buy ? 1 : -1;
}

/// One price level. As an update, the quantity is the new total at the price; 0 deletes the level.
struct Level {
  Price price;
  Qty qty;
  constexpr bool operator==(const Level&) const = default;
};
static_assert(sizeof(Level) == 16, "levels are copied to the journal's tail byte by byte");

/// An integer id that does not mix with other ids.
template <class Tag, class Rep>
struct StrongId {
  Rep value = 0;
  constexpr auto operator<=>(const StrongId&) const = default;
};

/// Position of a record in its session: contiguous from 0, inputs and outputs alike.
using Seq = StrongId<struct SeqTag, std::uint64_t>;
/// Index of an instrument within its session, in command-line order; 0 is the quoted one.
using InstrumentId = StrongId<struct InstrumentTag, std::uint16_t>;
/// Our own id of an order: a counter within the session, from 1.
using ClientOrderId = StrongId<struct ClientOrderTag, std::uint64_t>;

/// Most instruments one session may hold: the id shares a byte with the kind in the journal.
inline constexpr std::uint16_t max_instruments = 16;

}  // namespace mm
