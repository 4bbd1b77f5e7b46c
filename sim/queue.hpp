#pragma once

// Where one resting order stands in the queue at its price, estimated from level-2 data.
//
// One order carries
//   ahead     F  lots of others in front of us (not an integer: it is an expectation)
//   displayed V  lots displayed at our price when we last looked; our own never stand in it
//   traded    C  lots traded at our price since the last depth change there
// and three things happen to it:
//   accepted            F = V(price), C = 0
//   trade of v          F = F - v (not below 0), C = C + v
//   depth V -> q        removed = (V - q) - C;  C = 0;  V = q
//     risk_averse       F = min(F, q): only what must have gone from in front of us has gone
//     otherwise         removed < 0 (the level grew):  F = min(F, q)
//                       removed >= 0:  with B = V - F behind us and the chance `behind` that a
//                       removed lot stood there,
//                       F = min(F - (1 - behind) * removed + min(B - behind * removed, 0), q)
//
//   power:N    behind = B^N / (B^N + F^N)        log    ln(1+B) / (ln(1+B) + ln(1+F))
//   power2:N            B^N / (B + F)^N          log2   ln(1+B) / ln(1 + B + F)
//   power3:N            1 - (F / (F + B))^N
//
//   optimistic          0: all that was removed stood in front of us; with risk_averse the bounds
//                       between which the truth lies
//
// The other names are those of the public simulators of this field, so results can be compared. In
// the logarithmic ones B and F are in base units (contracts for inverse instruments), not lots.
//
// Assumes: others never improve their place; a level's size falls only by trades and cancels; a
// trade and the depth change it causes arrive in that order (if the depth change comes first, it is
// taken for cancels, and the trade moves us a second time).
//
// Doubles with + - * / and mm::det only: the same bits everywhere.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/bytes.hpp"
#include "engine/types.hpp"

namespace mm::sim {

enum class QueueFunction : std::uint8_t {
  risk_averse = 0,
  power = 1,
  power2 = 2,
  power3 = 3,
  log = 4,
  log2 = 5,
  optimistic = 6,
};

struct QueueModel {
  QueueFunction function = QueueFunction::power3;
  int exponent = 3;  ///< N of the power models, 1..max_exponent; 0 for the others

  static constexpr int max_exponent = 16;

  /// "risk_averse", "power:N", "power2:N", "power3:N", "log", "log2", "optimistic"; empty for
  /// anything else.
  static std::optional<QueueModel> parse(std::string_view text);
  std::string name() const;

  /// Chance that a lot removed from the level stood behind us. Requires behind, ahead >= 0; `lot`
  /// is one lot in base units. 1 when there is nothing ahead.
  double chance_behind(double behind, double ahead, double lot) const;

  bool operator==(const QueueModel&) const = default;
};

/// The place of one order. A price outside the displayed window has an *unknown* place: it does not
/// fill by queue until the price has been displayed once, when everything displayed is put ahead.
class QueuePosition {
 public:
  QueuePosition() = default;
  /// Accepted behind everything displayed at the price; empty if the price is not displayed.
  explicit QueuePosition(std::optional<Qty> displayed) { restart(displayed); }

  bool known() const { return known_; }
  /// Lots of others ahead of us, rounded up: part of a lot ahead counts as a whole one.
  std::int64_t whole_lots_ahead() const;
  double lots_ahead() const { return ahead_; }
  Qty displayed() const { return Qty::from_lots(displayed_); }
  /// Trades have happened since the last depth change, which will show them.
  bool awaits_depth() const { return traded_ != 0; }

  /// A trade of `qty` at our price, whoever it filled.
  void on_trade(Qty qty);

  /// The level was reported again, with `now` displayed (0 if it is gone).
  void on_depth(const QueueModel& model, Qty now, double lot);

  /// A trade or a book showed that nobody stands in front of us any more.
  void nothing_ahead();

  /// The book is whole again after a gap. Nobody can have joined in front of us, so what was ahead
  /// stays ahead unless fewer are displayed: ahead = min(ahead, displayed), traded = 0.
  void on_resync(std::optional<Qty> displayed);

  void save(ByteWriter& out) const;
  static QueuePosition restore(ByteReader& in);

  bool operator==(const QueuePosition&) const = default;

 private:
  void restart(std::optional<Qty> displayed);

  double ahead_ = 0;
  std::int64_t displayed_ = 0;
  std::int64_t traded_ = 0;
  bool known_ = false;
};

}  // namespace mm::sim
