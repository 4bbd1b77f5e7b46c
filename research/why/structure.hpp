#pragma once

// The market's structure around a moment, computed now: features, walls, what changed.
//
// For sessions whose strategy did not look at it. What is read here was NOT seen by the strategy,
// and it is as good as its warm-up: the fold begins at some record of the session with nothing
// known, so a feature that needs longer than `since` is absent or young. Read at the session's
// decision interval, on others' sizes: those of real orders of ours are taken off. The window is
// that of the models, or as wide as the feed shows when it begins, if that is less.

#include <optional>
#include <vector>

#include "engine/engine.hpp"
#include "engine/features/microstructure.hpp"

namespace mm::research::why {

struct TimedChange {
  Seq seq;  ///< of the input at which it was seen
  Time time;
  Change change;
};

class Structure {
 public:
  /// `own_in_book`: our orders stand in the displayed book.
  Structure(Duration interval, bool own_in_book) : interval_(interval), own_in_book_(own_in_book) {}

  /// One event, `engine` as it stands after it.
  void on_event(const Event& event, const Engine& engine);

  /// A reading out of turn, of the state behind all records below `seq`; nothing before the first
  /// event of the market.
  void read(Seq seq, Time now, const Engine& engine);

  /// As of the last reading; null before the first.
  const Features* features() const { return micro_ ? &micro_->features() : nullptr; }
  /// When the fold began; empty before the first event of a market.
  std::optional<Time> since() const { return since_; }
  /// The walls around a quote as of the last reading.
  std::optional<WallContext> walls_around(Side side, Price quote, const Engine& engine) const;
  /// Walls, flushes and states that changed, at most `most_changes`, the oldest forgotten.
  const std::vector<TimedChange>& changes() const { return changes_; }

 private:
  static constexpr std::size_t most_changes = 4096;

  Duration interval_;
  bool own_in_book_;
  std::optional<Microstructure> micro_;  // from the first two-sided book on
  std::optional<Time> since_;
  Time next_;
  ChangeList list_;
  std::vector<OwnLevel> own_;
  std::vector<TimedChange> changes_;
};

}  // namespace mm::research::why
