#pragma once

// wall_aware: `enhanced` with a treatment, for comparing the two. Every parameter of `enhanced` is
// there with the same meaning and default; what is treated is where quotes are laid.
//
// A wall of our own side that stands nearer the mid than our quote must be eaten or pulled before
// we are hit: the quote is *inside*, protected. So, for each wanted quote, of the standing walls
// of its side no further than `wall_reach` from it that are at least `wall_age` old and, with
// `wall_real`, not thought fake (spoof score):
//
//   one in front of us               the quote stays: it is inside already
//   one at our price or behind us    it goes `wall_gap` beyond the nearest of them
//   none                             it goes `wall_bare` further out
//
// Quotes only ever move away from the mid, so the treatment never crosses and never improves a
// price. With `flush_withdraw`, a side whose depth is being withdrawn (a flush is on) is not
// quoted, other than to reduce a position.
//
// While the book's features are absent nothing is treated. use_walls = off is `enhanced`.

#include <array>
#include <cstddef>
#include <string_view>

#include "strategies/enhanced.hpp"

namespace mm {

struct WallAwareParams : EnhancedParams {
  double flush_withdraw = 0;
  double use_walls = 0;
  double wall_age_ms = 0;
  double wall_bare_bps = 0;
  double wall_gap_bps = 0;
  double wall_reach_bps = 0;
  double wall_real = 0;
};

namespace enhanced {

using W = WallAwareParams;

/// Sorted by name.
inline constexpr std::array wall_bound = {
    Bound<W>{on_off("flush_withdraw", true, "no new exposure on a side that is being withdrawn"),
             &W::flush_withdraw},
    Bound<W>{on_off("use_walls", true, "quotes are laid by the walls; off: enhanced"),
             &W::use_walls},
    Bound<W>{{.name = "wall_age",
              .unit = ParameterUnit::count,
              .default_value = 2000,
              .minimum = 0,
              .maximum = 3.6e6,
              .doc = "milliseconds a wall must have stood to count"},
             &W::wall_age_ms},
    Bound<W>{in_bps("wall_bare", 0, 0, 100, "how much further out a quote without a wall is laid"),
             &W::wall_bare_bps},
    Bound<W>{
        in_bps("wall_gap", 0.1, 0, 100, "how far behind a wall a quote is laid, at least a tick"),
        &W::wall_gap_bps},
    Bound<W>{in_bps("wall_reach", 5, 0.01, 100, "how far a wall may be from the wanted price"),
             &W::wall_reach_bps},
    Bound<W>{on_off("wall_real", true, "walls whose spoof score says fake do not count"),
             &W::wall_real},
};
static_assert(is_sorted_by_name(wall_bound));

/// Both lists as one, sorted by name. Members of a base are members of what derives from it.
template <class Derived, class Base, std::size_t N, std::size_t M>
constexpr auto merged(const std::array<Bound<Base>, N>& base,
                      const std::array<Bound<Derived>, M>& more) {
  std::array<Bound<Derived>, N + M> all{};
  for (std::size_t i = 0, j = 0; i + j < N + M;) {
    const bool take = j == M || (i < N && base[i].info.name < more[j].info.name);
    all[i + j] = take ? Bound<Derived>{base[i].info, base[i].field} : more[j];
    ++(take ? i : j);
  }
  return all;
}

inline constexpr auto all_wall_bound = merged<W>(bound, wall_bound);
static_assert(is_sorted_by_name(all_wall_bound));

}  // namespace enhanced

class WallAware {
 public:
  using Params = WallAwareParams;
  using State = Enhanced::State;

  static constexpr std::string_view name = "wall_aware";
  static constexpr std::string_view doc =
      "enhanced with quotes laid behind the walls of their side, and off a side that is withdrawn";
  static constexpr bool wants_to_be_asked = true;
  static constexpr bool needs_outlook = true;
  static constexpr bool needs_own = true;
  static constexpr auto parameters = enhanced::infos_of(enhanced::all_wall_bound);
  static constexpr auto fields = enhanced::fields_of(enhanced::all_wall_bound);

  static Quotes quotes(const Params& params, State& state, const View& view);
  static void predict(const Params& params, State& state, const View& view,
                      std::span<const Order> orders, PredictedCycle& cycle) {
    Enhanced::predict(params, state, view, orders, cycle);
  }
};

/// Where a wanted quote is laid among walls of its side, each with its price; see above. `walls`
/// in any order; gap, reach and bare in price units, gap > 0.
struct WallRule {
  double gap = 0;
  double reach = 0;
  double bare = 0;
};
double placed_by_walls(const WallRule& rule, Side side, double wanted,
                       std::span<const double> walls);

}  // namespace mm
