#include "strategies/wall_aware.hpp"

#include <algorithm>
#include <cmath>

#include "engine/numeric.hpp"

namespace mm {
namespace {

using enhanced::is_on;

constexpr double bps = 1e-4;

/// What the placement of one decision looks at.
struct Scene {
  const WallAwareParams& params;
  const View& view;
  double mid = 0;
};

bool counts(const WallAwareParams& params, const Wall& wall, Time now) {
  if (!wall.standing()) return false;
  if (is_on(params.wall_real) && wall.fake) return false;
  return static_cast<double>((now - wall.since).count()) >= params.wall_age_ms * 1e6;
}

std::optional<Price> place(const void* context, Side side, Price wanted) {
  const Scene& scene = *static_cast<const Scene*>(context);
  const WallAwareParams& params = scene.params;
  const View& view = scene.view;
  const Instrument& instrument = view.instrument.definition();
  const Features& features = view.outlook->reading().features;

  if (is_on(params.flush_withdraw) && features.flush(side).active) {
    const bool reduces = side == Side::buy ? view.position < Qty{} : view.position > Qty{};
    if (!reduces) return std::nullopt;
  }
  std::array<double, SideWalls::capacity> walls;
  std::size_t count = 0;
  for (const Wall& wall : view.outlook->walls(side))
    if (counts(params, wall, view.now) && count < walls.size())
      walls[count++] = static_cast<double>(wall.largest.price.units());
  const double tick = static_cast<double>(tick_at(instrument, wanted).units());
  const WallRule rule{.gap = std::max(params.wall_gap_bps * bps * scene.mid, tick),
                      .reach = params.wall_reach_bps * bps * scene.mid,
                      .bare = params.wall_bare_bps * bps * scene.mid};
  const double price =
      placed_by_walls(rule, side, static_cast<double>(wanted.units()), {walls.data(), count});
  return side == Side::buy ? floor_to_tick(instrument, price) : ceil_to_tick(instrument, price);
}

}  // namespace

double placed_by_walls(const WallRule& rule, Side side, double wanted,
                       std::span<const double> walls) {
  // Outwards of the wanted price is +, whichever the side.
  const double outwards = -static_cast<double>(sign(side));
  std::optional<double> nearest;
  for (const double wall : walls) {
    const double out = (wall - wanted) * outwards;
    if (std::fabs(out) > rule.reach) continue;
    if (out < 0) return wanted;
    nearest = std::min(nearest.value_or(out), out);
  }
  return wanted + outwards * (nearest ? *nearest + rule.gap : rule.bare);
}

Quotes WallAware::quotes(const Params& params, State& state, const View& view) {
  if (view.outlook == nullptr) return {};
  state.decision = Enhanced::decide(params, state, view);
  if (!is_on(params.use_walls) || !view.outlook->reading().features.present())
    return Enhanced::lay(params, state.decision, view);
  const Scene scene{params, view, state.decision.mid};
  return Enhanced::lay(params, state.decision, view, place, &scene);
}

}  // namespace mm
