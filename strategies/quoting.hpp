#pragma once

// What the quoting strategies share: the parameters every one of them has, reference prices,
// inventory in clips, and laying levels out on both sides.

#include <cstdint>

#include "engine/policy.hpp"
#include "strategies/parameter.hpp"

namespace mm {

/// Values of the `reference` parameter.
enum class Reference { mid = 0, microprice = 1 };

/// The price quotes are laid around, in price units. Requires a two-sided touch.
///
///   mid = (bid + ask) / 2        microprice = (bid * ask_qty + ask * bid_qty) / (bid_qty +
///   ask_qty)
double reference_price(const Touch& touch, Reference reference);

/// Depths from the reference as fractions of it; either may be negative (quotes are kept off the
/// opposite touch anyway).
struct Depths {
  double bid = 0;
  double ask = 0;
};

/// How much and how far apart: parameters shared by the quoting strategies.
struct Ladder {
  double size = 0;            ///< one order's value in quote currency
  double levels = 1;          ///< orders a side
  double level_step_bps = 0;  ///< distance between them
  double max_position = 0;    ///< value in quote currency, 0 = none
  double requote_threshold_bps = 0;
};

/// What a ladder's values come to at the reference, in lots.
struct Sizes {
  Qty clip;          ///< one order: at least what the venue takes
  Qty max_position;  ///< 0 = none
};
Sizes sizes_of(const Instrument& instrument, const Ladder& ladder, double reference);

/// Quotes at `depths` from the reference and `level_step_bps` further for each further level. Bids
/// round down to the tick, asks up, and both stay a tick off the opposite touch.
Quotes lay_quotes(const View& view, const Ladder& ladder, double reference, const Sizes& sizes,
                  const Depths& depths);

namespace shared {

inline constexpr std::string_view reference_choices[] = {"mid", "microprice"};

inline constexpr ParameterInfo level_step{.name = "level_step",
                                          .unit = ParameterUnit::bps,
                                          .default_value = 2,
                                          .minimum = 0.01,
                                          .maximum = 1000,
                                          .doc = "distance from one level to the next"};
inline constexpr ParameterInfo levels{.name = "levels",
                                      .unit = ParameterUnit::count,
                                      .default_value = 1,
                                      .minimum = 1,
                                      .maximum = 16,
                                      .doc = "orders on each side"};
inline constexpr ParameterInfo max_position{
    .name = "max_position",
    .unit = ParameterUnit::value,
    .default_value = 10000,
    .minimum = 0,
    .maximum = 1e12,
    .doc = "largest position on either side, orders in flight included; 0 = none"};
inline constexpr ParameterInfo reference{.name = "reference",
                                         .unit = ParameterUnit::choice,
                                         .default_value = 0,
                                         .doc = "what the quotes are laid around",
                                         .choices = reference_choices};
inline constexpr ParameterInfo requote_threshold{
    .name = "requote_threshold",
    .unit = ParameterUnit::bps,
    .default_value = 0.5,
    .minimum = 0,
    .maximum = 1000,
    .doc = "an order stays while it is at most this far from where it is wanted"};
inline constexpr ParameterInfo size{.name = "size",
                                    .unit = ParameterUnit::value,
                                    .default_value = 1000,
                                    .minimum = 0.01,
                                    .maximum = 1e12,
                                    .doc =
                                        "value of one order, rounded down to lots or contracts, "
                                        "at least the venue's smallest order"};

}  // namespace shared

}  // namespace mm
