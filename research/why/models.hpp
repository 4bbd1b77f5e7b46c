#pragma once

// What the models said around a moment.
//
// A session that has an outlook (engine/outlook) is read as it was: its strategy saw these values,
// or could have. For any other session an outlook is folded now, from some record on with nothing
// known, and what it reads was NOT seen by the strategy; it is as good as its warm-up. Fill chances
// are of the order explained, as if asked at the moment: all that is displayed at its price ahead
// of it.

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/engine.hpp"
#include "engine/features/wall_detect.hpp"
#include "engine/outlook/outlook.hpp"
#include "engine/output.hpp"

namespace mm::research::why {

/// Something the models told: a wall, a flush, a regime.
struct Note {
  Seq seq;  ///< of the output; computed now: of the input at which it was seen
  Time time;
  Output output;
};

/// A quote that is asked about.
struct QuoteAt {
  Side side = Side::buy;
  Price price;
};

struct ModelShot {
  Reading reading;
  bool of_session = false;        ///< the session's own outlook, not one computed now
  bool used_by_strategy = false;  ///< and the strategy needs it
  std::optional<Time> since;      ///< where the fold began that was computed now
  std::optional<WallContext> walls;
  std::optional<double> spoof_score;  ///< of the wall at the price
  std::array<std::optional<FillChance>, fill_horizons_s.size()> chances{};
};

class ModelsWatch {
 public:
  explicit ModelsWatch(const Engine& engine);

  /// One event, `engine` as it stands after it, and what it put out.
  void on_event(const Event& event, const Engine& engine, std::span<const Output> outputs);

  /// As last read; empty before anything was. Without a quote: nothing of the quote's own.
  std::optional<ModelShot> shot(const Engine& engine, std::optional<QuoteAt> quote) const;
  /// At most `most_notes`, the oldest forgotten.
  const std::vector<Note>& notes() const { return notes_; }

 private:
  static constexpr std::size_t most_notes = 4096;

  std::unique_ptr<Outlook> computed_;  // null where the session has its own
  std::optional<Time> since_;
  std::vector<Output> outputs_;
  std::vector<OwnLevel> own_;
  std::vector<Note> notes_;
};

/// Whether an output tells of the market, not of a decision.
bool is_note(const Output& output);

}  // namespace mm::research::why
