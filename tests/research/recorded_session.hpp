#pragma once

// A paper session on a made-up market, recorded as canonical records: what a journal would hold.

#include <cstdint>
#include <string>
#include <vector>

#include "research/counterfactual.hpp"
#include "sim/settings.hpp"
#include "tests/research/record_memory.hpp"

namespace mm::research::testing {

struct SessionPlan {
  std::uint64_t seed = 1;
  int seconds = 120;
  std::string strategy = "fixed_spread";
  std::string parameters = "spread=5bps\nsize=30000\nmax_position=200000\n";
  std::string execution = "paper";
  sim::Settings simulator;
  bool outlook = false;    ///< also where the strategy does not need one
  int gap_at_second = -1;  ///< the feed loses its place for three seconds; -1 = never
};

class RecordedSession {
 public:
  /// Runs the plan on a made-up market through engine/drive.hpp and keeps every record.
  static RecordedSession record(const SessionPlan& plan);
  /// The same on any market; it gives instrument definitions and market events.
  static RecordedSession record(const SessionPlan& plan, const EventStream& market);

  /// The recorded inputs, from the first.
  EventStream inputs() const { return records_.inputs(); }
  /// All records, as often as wanted. Borrows the session.
  Recording recording() const { return records_.recording(); }
  /// Without what a SimWorld brings itself: the market and control events.
  std::vector<Event> market_events() const;
  std::vector<FillLine> fills() const;
  std::vector<Output> outputs() const;

  static constexpr std::int64_t start_ns = 1'700'000'000'000'000'000;
  static Time at_second(double second) {
    return time_from_ns(start_ns + static_cast<std::int64_t>(second * 1e9));
  }

 private:
  RecordMemory records_;
};

/// Builds the Trader and strategy a session starts with.
struct SessionText {
  std::string strategy;
  std::string parameters;
  std::string settings;
};
SessionText session_text(const SessionPlan& plan);

}  // namespace mm::research::testing
