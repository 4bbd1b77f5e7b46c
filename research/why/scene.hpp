#pragma once

// A stretch of a session, folded again: the core, and what an explanation watches beside it.
//
//   Scene scene{session, from, to};
//   while (const Event* event = scene.next()) {   // not folded yet
//     ...                                         // the state in front of it
//     scene.fold();                               // and behind it
//   }
//
// The recorded outputs are compared with what the core decides on the way. Where they differ the
// recording was made by another program, and what is said of orders and account is this one's.

#include <optional>
#include <vector>

#include "research/analytics/marks.hpp"
#include "research/why/models.hpp"
#include "research/why/prints.hpp"
#include "research/why/session.hpp"

namespace mm::research::why {

class Scene {
 public:
  enum class Watch { account, models };

  /// Starts at the last checkpoint at or before `from` and ends in front of `to`. Models that
  /// the session does not have cost more than all the rest: they are followed only if asked for.
  Scene(const Session& session, Seq from, Seq to, Watch watch = Watch::models);

  /// The next input; null at the end. Valid until the next call.
  const Event* next();
  /// Folds the input that next() gave.
  void fold();

  const Engine& engine() const { return core_.engine; }
  /// Inputs below it are folded.
  Seq seq() const { return seq_; }
  Seq started_at() const { return started_at_; }
  Time now() const { return now_; }
  /// What was decided at the input folded last; seqs as recorded.
  const std::vector<Output>& decided() const { return outputs_; }
  /// Mids of an instrument over the last minutes; requires an id of the session.
  const MarkHistory& marks(InstrumentId id) const { return marks_[id.value]; }
  const RecentPrints& prints() const { return prints_; }
  /// Null unless it is followed.
  const ModelsWatch* models() const { return models_ ? &*models_ : nullptr; }
  /// The recorded decisions were not those of this program.
  bool diverged() const { return diverged_; }

 private:
  CoreAt core_;
  Seq started_at_;
  RecordStream records_;
  std::vector<MarkHistory> marks_;
  RecentPrints prints_;
  std::optional<ModelsWatch> models_;
  const Event* event_ = nullptr;
  Seq seq_;
  Time now_;
  std::vector<Output> outputs_;
  bool folded_ = false;
  bool diverged_ = false;
};

/// How an instrument's mid moved over [from, to], in bps of the first; absent where either is.
std::optional<double> move_bps(const MarkHistory& marks, Time from, Time to);

}  // namespace mm::research::why
