#pragma once

// One pass over the recorded inputs: one Market, one Outlook where the strategy needs it, the
// recorded account, the lanes of some variants.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/outlook/outlook.hpp"
#include "engine/result.hpp"
#include "research/counterfactual.hpp"
#include "research/what_if/footprint.hpp"
#include "research/what_if/lanes.hpp"

namespace mm::research {

class Run {
 public:
  /// `variants`: indices into the request's, which is borrowed.
  Run(const CounterfactualRequest& request, std::vector<std::size_t> variants)
      : request_(request), variants_(std::move(variants)) {}

  /// Folds the recording up to ten seconds behind the window. Empty if it was stopped before.
  Result<std::optional<SweepRecord>> fold(const Recording& recording);

 private:
  std::optional<Error> start(const SessionStart& start, const Recording& recording);
  void make_members(std::vector<sim::Settings> ensemble);
  void on_recorded(const Event& event);
  const Outlook* outlook_of(const std::vector<Setting>& parameters);
  void fold_outlooks(const Event& event);
  void on_input(const Event& event);
  void on_quoted_market(const Event& event);
  void reach(Time now);
  void advance(Time limit);
  void open();
  void close(Time end);
  void close_block();
  void sample_exposure();
  void judge(Time now);
  SweepRecord record() const;
  LaneRecord record_of(std::size_t lane) const;
  bool counts() const { return opened_ && !closed_; }
  bool is_detailed(std::size_t lane) const { return lane % members_.size() == 0; }

  const CounterfactualRequest& request_;
  std::vector<std::size_t> variants_;
  BaseRecord base_;
  std::vector<sim::Settings> members_;  // the bounds last
  std::optional<Footprint> footprint_;  // of a session with real orders
  Market market_;
  std::unique_ptr<Outlook> outlook_;  // borrowed by the lanes
  struct OtherOutlook {
    std::vector<Setting> models;
    std::unique_ptr<Outlook> outlook;
  };
  std::vector<OtherOutlook> other_outlooks_;  // of variants with other parameters of models
  std::vector<Output> seen_;                  // what it tells, which is no lane's decision
  MarkHistory marks_;
  std::optional<Lanes> lanes_;  // by variant, -1 = the recorded parameters first, then by member
  std::optional<WindowAccount> actual_;
  std::int64_t actual_position_ = 0;
  MinuteLots tape_;
  std::vector<Exposure> exposure_;  // by variant
  struct Distance {
    std::int64_t position = 0;
    Time since;
    Int128 sum = 0;  // lots * ns
  };
  std::vector<Distance> distance_;  // by variant; the first one's position is what is compared with
  bool marked_ = false;             // the accounts know a mark
  bool opened_ = false;
  bool closed_ = false;
  bool block_has_gap_ = false;
  Time block_end_;
  Time judge_at_;
  Time sample_at_;
  Time catch_up_at_;
};

/// The exchange's settings for each member of the ensemble, without the bounds. A data error if the
/// recording does not begin with a session or its settings cannot be read.
Result<std::vector<sim::Settings>> ensemble_of(const CounterfactualRequest& request,
                                               const Recording& recording);

}  // namespace mm::research
