#pragma once

// The pass over the recorded inputs: one Market, the recorded account, all lanes.

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/result.hpp"
#include "research/what_if/footprint.hpp"
#include "research/what_if/lane.hpp"

namespace mm::research {

/// What a pass leaves behind, for the report. Lane 0 is simulated_actual.
struct RunRecord {
  Time from;
  Time to;
  Instrument instrument;
  bool traded = true;  ///< the recorded session had execution "paper" or "live"
  Duration block;
  std::vector<bool> block_has_gap;
  MinuteLots tape;
  std::vector<std::string> notes;  ///< whole sentences for the warnings
};

class Run {
 public:
  explicit Run(const CounterfactualRequest& request) : request_(request) {}

  /// Folds the recording up to ten seconds behind the window.
  Result<RunRecord> fold(const Recording& recording);

  const std::vector<Lane>& lanes() const { return lanes_; }
  const WindowAccount& actual() const { return *actual_; }

 private:
  std::optional<Error> start(const SessionStart& start, const Recording& recording);
  void on_recorded(const Event& event);
  void on_input(const Event& event);
  void reach(Time now);
  void open();
  void close(Time end);
  void close_block();

  CounterfactualRequest request_;
  RunRecord record_;
  std::optional<Footprint> footprint_;  // of a session with real orders
  Market market_;
  MarkHistory marks_;
  std::vector<Lane> lanes_;
  std::optional<WindowAccount> actual_;
  std::int64_t actual_position_ = 0;
  Int128 mark_ = 0;
  bool opened_ = false;
  bool closed_ = false;
  bool block_has_gap_ = false;
  Time block_end_;
  Time judge_at_;
};

}  // namespace mm::research
