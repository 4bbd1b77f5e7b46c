#pragma once

// What `record` and `import` share: from command-line text to a recorded session.
//
// Every feed has files, or none has: the latter is a live session (live_recording.hpp).

#include <atomic>
#include <optional>
#include <vector>

#include "cli/commands.hpp"
#include "cli/print_record.hpp"
#include "live/recorder.hpp"
#include "venues/feed_spec.hpp"
#include "venues/instruments.hpp"

namespace mm::cli {

/// Everything the user gave that needs neither journal nor network, checked.
struct SessionSetup {
  std::vector<venues::FeedSpec> specs;
  bool live = false;
  venues::Instruments table;
  live::SessionPlan plan;  ///< without instruments
  sim::Settings simulation;
  journal::WriterOptions writer;
  std::optional<Duration> length;
  std::vector<std::string> fitted_on;  ///< instruments of the parameter sets, as plan.models
};

/// One finished recording, for the summary.
struct Recording {
  live::RecordingStatus status;
  journal::WriterSummary writer;
  journal::RecoveryReport recovery;
  std::uint64_t session_number = 0;
  std::string session_id;  ///< empty: nothing was kept
  std::string strategy;
  std::string currency;
  Qty position;
  Money net_pnl;
  Money fees;
  Instrument quoted;
  std::string end_reason;       ///< live only
  std::size_t orders_left = 0;  ///< live only: not known to be gone at the end
};

SessionSetup set_up(const RecordOptions& options);
/// The same without the feeds: strategy, execution, settings, writer, length, instruments table.
void set_up_core(SessionSetup& setup, const RecordOptions& options);

/// Tells on stderr which parameter sets are of another instrument than the plan's first.
void note_other_instruments(const SessionSetup& setup);

/// The core of the plan. Throws Error(usage).
Engine make_core(const live::SessionPlan& plan);

/// The figures that come from the core and the plan.
void conclude(Recording& recording, const live::SessionPlan& plan, const Engine& engine);

/// From now on SIGINT and SIGTERM set what is returned; a second one kills the process.
const std::atomic<bool>* stop_on_signals();

/// Checks everything the user gave before the journal is touched, then records. SIGINT and SIGTERM
/// end the session cleanly; a second one kills the process.
Recording run_recording(const Globals& globals, const RecordOptions& options);

/// Prints the summary as text or, with --json, as a document.
void print_recording(const Globals& globals, const Recording& recording);

}  // namespace mm::cli
