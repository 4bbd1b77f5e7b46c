#include "engine/features/changes.hpp"

#include <fmt/format.h>

#include "engine/numeric.hpp"

namespace mm {

std::string_view name_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::wall_appeared:
      return "wall_appeared";
    case ChangeKind::wall_moved:
      return "wall_moved";
    case ChangeKind::wall_pulled:
      return "wall_pulled";
    case ChangeKind::wall_filled:
      return "wall_filled";
    case ChangeKind::wall_gone:
      return "wall_gone";
    case ChangeKind::flush_started:
      return "flush_started";
    case ChangeKind::flush_ended:
      return "flush_ended";
    case ChangeKind::liquidity_changed:
      return "liquidity_changed";
  }
  return "unknown";
}

std::string_view name_of(LiquidityState state) {
  switch (state) {
    case LiquidityState::thick:
      return "thick";
    case LiquidityState::thin:
      return "thin";
    case LiquidityState::migrating:
      return "migrating";
    case LiquidityState::collapsing:
      return "collapsing";
  }
  return "unknown";
}

std::string describe(const Change& change, const Instrument& instrument) {
  const auto state = [](std::optional<LiquidityState> of) {
    return of ? name_of(*of) : std::string_view{"unknown"};
  };
  const auto figure = [](std::optional<double> of) {
    return of ? fmt::format("{:.3g}", *of) : std::string{"absent"};
  };
  const std::string_view side = change.side == Side::buy ? "bid" : "ask";
  const auto wall = [&] {
    return fmt::format("{} {} at {}, {:.1f} times the median, z {:.1f}", side,
                       format_qty(instrument, change.qty), format_price(instrument, change.price),
                       change.ratio, change.z);
  };
  const double age_s = static_cast<double>(change.age_ms) / 1e3;
  switch (change.kind) {
    case ChangeKind::wall_appeared:
      return fmt::format("wall appeared: {}, for {:.1f} s", wall(), age_s);
    case ChangeKind::wall_moved:
      return fmt::format("wall moved by {:+d} buckets: {}", change.steps, wall());
    case ChangeKind::wall_pulled:
    case ChangeKind::wall_filled:
    case ChangeKind::wall_gone: {
      const std::string_view word = change.kind == ChangeKind::wall_pulled   ? "pulled"
                                    : change.kind == ChangeKind::wall_filled ? "filled"
                                                                             : "gone";
      return fmt::format("wall {} after {:.1f} s: {}, pulled share {}", word, age_s, wall(),
                         figure(change.pulled_fraction));
    }
    case ChangeKind::flush_started:
      return fmt::format("flush of the {}s: score {:.2f}, breadth {:.2f}", side, change.score,
                         change.breadth);
    case ChangeKind::flush_ended:
      return fmt::format("flush of the {}s over after {:.1f} s", side, age_s);
    case ChangeKind::liquidity_changed:
      return fmt::format(
          "liquidity {} -> {}: flush score {:.2f}, breadth {:.2f}, density {}, z velocity {}",
          state(change.from), state(change.to), change.score, change.breadth,
          figure(change.density), figure(change.z_velocity));
  }
  return {};
}

}  // namespace mm
