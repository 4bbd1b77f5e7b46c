#pragma once

// What `record` and `import` share: from command-line text to a recorded session.

#include "cli/commands.hpp"
#include "cli/print_record.hpp"
#include "live/recorder.hpp"

namespace mm::cli {

/// One finished recording, for the summary.
struct Recording {
  live::RecordingStatus status;
  journal::WriterSummary writer;
  journal::RecoveryReport recovery;
  std::uint64_t session_number = 0;
  std::string session_id;
  std::string strategy;
  std::string currency;
  Qty position;
  Money net_pnl;
  Money fees;
  Instrument quoted;
};

/// Checks everything the user gave before the journal is touched, then records. SIGINT and SIGTERM
/// end the session cleanly; a second one kills the process.
Recording run_recording(const Globals& globals, const RecordOptions& options);

/// Prints the summary as text or, with --json, as a document.
void print_recording(const Globals& globals, const Recording& recording);

}  // namespace mm::cli
